"""What an edit of a policy would do to open tickets, before it is saved; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from accounts.actor import Actor
from accounts.models import DeskSettings
from sla.business_time import BeyondHorizon
from sla.clocks import evaluate
from sla.drafts import Draft
from sla.happenings import Happening, TermsSet
from sla.history import happenings_of
from sla.models import Policy
from sla.stored import due_of
from tickets.models import Ticket
from tickets.models.tickets import LIVE, TicketQuerySet

SAMPLE = 40
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Move:
    """A ticket that would be due at another time; None is without a due time."""

    number: int
    subject: str
    before: datetime | None
    after: datetime | None


@dataclass(frozen=True)
class Preview:
    """How many open tickets follow the policy, and what would move among those looked at."""

    tickets: int  # MOST_COUNTED + 1 stands for more
    looked_at: int
    moves: list[Move]

    @property
    def is_more(self) -> bool:
        """Whether there are more than were counted."""
        return self.tickets > MOST_COUNTED


def count(policy: Policy) -> int:
    """How many open tickets it is for at present, counted up to a limit."""
    return _concerned(policy).order_by()[: MOST_COUNTED + 1].count()


def preview(policy: Policy, draft: Draft, *, actor: Actor, at: datetime) -> Preview:
    """Work out the tickets that are due next as they are and as they would be.

    Each is taken as if the policy stayed the one for it.
    """
    tickets = list(
        _concerned(policy)
        .visible_to(actor)
        .select_related("organisation")
        .order_by(F("due_at").asc(nulls_last=True), "number")[:SAMPLE]
    )
    stories = happenings_of([ticket.pk for ticket in tickets])
    desk_zone = DeskSettings.current().time_zone
    moves = []
    for ticket in tickets:
        zone = (ticket.organisation.time_zone if ticket.organisation else "") or desk_zone
        terms = draft.terms(ticket.category, ticket.priority, zone)
        story = stories[ticket.pk]
        before, after = _due(story, at), _due([*story, TermsSet(at, terms)], at)
        if before != after:
            moves.append(Move(ticket.pk, ticket.subject, before, after))
    return Preview(count(policy), len(tickets), moves)


def _due(story: Sequence[Happening], at: datetime) -> datetime | None:
    try:
        return due_of(evaluate(story, at))
    except BeyondHorizon:  # docs/sla.md C6: the ticket's own page says so
        return None


def _concerned(policy: Policy) -> TicketQuerySet:
    return Ticket.objects.filter(standing__policy_version__policy=policy, status__in=LIVE)
