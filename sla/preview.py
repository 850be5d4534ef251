"""What an edit of a calendar or a policy would mean before it is saved; nothing is stored."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import F

from accounts.actor import Actor
from accounts.models import DeskSettings
from sla import rollout, terms
from sla.actions import refuse_strange_past
from sla.business_time import BeyondHorizon, Calendar, OpeningHours
from sla.calendar_documents import Minutes
from sla.clocks import evaluate
from sla.drafts import Draft
from sla.happenings import Happening, Terms, TermsSet
from sla.history import happenings_of
from sla.models import Calendar as Stored
from sla.models import CalendarVersion, Choice, Policy
from sla.models.policies import Metric
from sla.stopwatch import Clock
from tickets.models import Ticket
from tickets.models.tickets import LIVE, TicketQuerySet

DAYS = 14
SAMPLE = 10
LOOKED_AT = 100  # tickets, those due next first
COUNTED = 10_000  # more are “more than” that


@dataclass(frozen=True)
class Day:
    """One day of a calendar: when it is open, in minutes after midnight, and why it differs."""

    on: date
    stretches: Sequence[Minutes]
    is_dated: bool  # an exception or a holiday instead of the weekday's hours
    name: str  # of the holiday


@dataclass(frozen=True)
class Move:
    """A due time that would be another one; None is without a due time, as while paused."""

    ticket: Ticket
    metric: str
    before: datetime | None
    after: datetime | None

    @property
    def label(self) -> str:
        """What is promised, in words."""
        return str(Metric(self.metric).label)


@dataclass(frozen=True)
class Impact:
    """How many open tickets an edit concerns, and the due times that move, the first as a sample.

    Only the `looked_at` tickets that are due next were worked out.
    """

    tickets: int
    is_more: bool
    looked_at: int
    moved: int
    moves: Sequence[Move]


def days(calendar: Calendar, first: date, count: int = DAYS) -> list[Day]:
    """Give the days of a calendar from `first` on."""
    return [
        Day(
            on=day,
            stretches=[(0, 1440)] if calendar.always_open else calendar.hours_on(day),
            is_dated=day in calendar.dated or day in calendar.breaks,
            name=calendar.names.get(day, ""),
        )
        for day in (first + timedelta(days=number) for number in range(count))
    ]


def of_calendar(
    stored: Stored,
    calendar: Calendar,
    *,
    actor: Actor,
    at: datetime,
    counted_from: datetime | None = None,
) -> Impact:
    """Work out what saving `calendar` in place of the stored one would do to open tickets.

    :raises Invalid: `counted_from` lies ahead, or before 1970.
    """
    refuse_strange_past(counted_from, at)
    versions = frozenset(
        CalendarVersion.objects.filter(calendar=stored).values_list("pk", flat=True)
    )

    def promise(choice: Choice) -> Terms:
        return _terms_on(choice, calendar, versions)

    tickets = rollout.open_tickets_on(stored.pk)
    return _impact(tickets, promise, actor=actor, at=at, counted_from=counted_from)


def of_policy(policy: Policy, draft: Draft, *, actor: Actor, at: datetime) -> Impact:
    """Work out what saving `draft` as the next version of a policy would do to open tickets.

    Each ticket is taken as if the policy stayed the one for it.
    """
    desk_zone = DeskSettings.current().time_zone

    def promise(choice: Choice) -> Terms:
        ticket = choice.ticket
        zone = (ticket.organisation.time_zone if ticket.organisation else "") or desk_zone
        return draft.terms(ticket.category, ticket.priority, zone)

    return _impact(open_tickets_under(policy), promise, actor=actor, at=at)


def open_tickets_under(policy: Policy) -> TicketQuerySet:
    """The tickets that a policy is for at present."""
    return Ticket.objects.filter(standing__policy_version__policy=policy, status__in=LIVE)


def followers(policy: Policy, actor: Actor) -> tuple[int, bool]:
    """Count the open tickets that a policy is for and the actor sees, as `count` does."""
    return count(open_tickets_under(policy).visible_to(actor))


def count(tickets: TicketQuerySet) -> tuple[int, bool]:
    """Count tickets up to a limit, and say whether there are more."""
    found = tickets.order_by()[: COUNTED + 1].count()
    return min(found, COUNTED), found > COUNTED


def _impact(
    concerned: TicketQuerySet,
    promise: Callable[[Choice], Terms],
    *,
    actor: Actor,
    at: datetime,
    counted_from: datetime | None = None,
) -> Impact:
    seen = concerned.visible_to(actor)
    tickets, is_more = count(seen)
    soon = list(
        seen.select_related("organisation", "standing__choice").order_by(
            F("due_at").asc(nulls_last=True), "number"
        )[:LOOKED_AT]
    )
    moves = list(_moves(soon, promise, at, counted_from))
    return Impact(tickets, is_more, len(soon), len(moves), moves[:SAMPLE])


def _moves(
    tickets: Sequence[Ticket],
    promise: Callable[[Choice], Terms],
    at: datetime,
    counted_from: datetime | None,
) -> Iterator[Move]:
    stories = happenings_of(ticket.pk for ticket in tickets)
    for ticket in tickets:
        choice = ticket.standing.choice
        choice.ticket = ticket
        since = max(at, ticket.updated_at)
        change = TermsSet(since, promise(choice), counted_from)
        before, after = _due(stories[ticket.pk], since), _due([*stories[ticket.pk], change], since)
        for key in sorted(before.keys() | after.keys()):
            if before.get(key) != after.get(key):
                yield Move(ticket, key[0], before.get(key), after.get(key))


def _terms_on(choice: Choice, calendar: Calendar, versions: frozenset[int]) -> Terms:
    """What the ticket is promised, with the new hours wherever the stored calendar counts."""
    hours: Mapping[str, OpeningHours] = {
        metric: calendar.opening_hours(choice.zone, "preview")
        for metric, version in choice.calendars.items()
        if version in versions
    }
    promised = terms.terms_of(choice)
    return replace(promised, hours={**promised.hours, **hours})


def _due(story: Sequence[Happening], at: datetime) -> dict[tuple[str, int], datetime | None]:
    try:
        clocks: Sequence[Clock] = evaluate(story, at)
    except BeyondHorizon:  # docs/sla.md C6: the ticket's own page says so
        return {}
    return {(clock.metric, clock.seq): clock.due_at for clock in clocks if clock.is_live}
