"""How far live clocks are in following the edits of promises (docs/sla.md T6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Case, F, Max, Q, When

from sla.models import Rollout
from tickets.models import Ticket

SHOWN = 50
SHOWN_OF_ONE = 3  # on the page of one calendar or policy


@dataclass(frozen=True)
class Progress:
    """One edit and how far it is, in percent of the tickets' numbers."""

    rollout: Rollout
    percent: int
    is_ahead: bool  # it takes effect later

    @property
    def is_done(self) -> bool:
        """Say whether every clock has followed."""
        return self.rollout.done_at is not None

    @property
    def is_moving(self) -> bool:
        """Say whether clocks are following it now."""
        return not self.is_done and not self.is_ahead


def on_calendar(calendar: int) -> Q:
    """The edits of one calendar."""
    return Q(calendar_version__calendar=calendar)


def under_policy(policy: int) -> Q:
    """The edits of one policy, and those after which every ticket is asked again."""
    return Q(policy=policy) | Q(policy=None, organisation=None, calendar_version=None)


def of(at: datetime, condition: Q | None = None, most: int = SHOWN) -> Sequence[Progress]:
    """Give the edits that clocks are following, and then the last ones that are done or
    that take effect later."""
    rollouts = (
        Rollout.objects.filter(condition or Q())
        .annotate(is_ahead=Case(When(effective_from__gt=at, then=True), default=False))
        .select_related("calendar_version__calendar", "policy", "organisation")
        .order_by("is_ahead", F("done_at").desc(nulls_first=True), "-id")
    )
    highest = highest_number()
    return [
        Progress(
            rollout, 100 if rollout.done_at else percent_of(highest, rollout.next_number),
            rollout.is_ahead,
        )
        for rollout in rollouts[:most]
    ]  # fmt: skip


def highest_number() -> int:
    """Give the number of the newest ticket, 0 without any."""
    return Ticket.objects.aggregate(highest=Max("number"))["highest"] or 0


def percent_of(highest: int, number: int) -> int:
    """Say how far work on all tickets is that has come to this number; 100 is left to its end."""
    return min(100 * number // (highest + 1), 99)
