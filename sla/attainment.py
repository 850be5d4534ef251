"""How often promises were kept: met, of met and breached (docs/sla.md A1, A2)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from sla.models import Clock, Outcome
from tickets.models import Ticket

_COUNTED = (Clock.State.MET, Clock.State.BREACHED)


@dataclass(frozen=True)
class Attainment:
    """How many ended clocks kept their promise, and how many did not."""

    days: int
    met: int = 0
    breached: int = 0

    @property
    def judged(self) -> int:
        """How many were met or breached."""
        return self.met + self.breached

    @property
    def percent(self) -> int | None:
        """The share that was met, rounded down, so that 100 means all; None of nothing."""
        return self.met * 100 // self.judged if self.judged else None


def judged(days: int, at: datetime) -> QuerySet[Outcome]:
    """List how clocks ended in the last days; an end that was taken back counts no more (R3)."""
    return Outcome.objects.filter(
        state__in=_COUNTED, ended_at__gt=at - timedelta(days=days), ended_at__lte=at,
        revocations__isnull=True,
    )  # fmt: skip


def of_organisations(
    organisations: Iterable[int], tickets: QuerySet[Ticket], spans: Sequence[int], at: datetime
) -> Mapping[int, list[Attainment]]:
    """Give each organisation's attainment over the last so many days, in one query.

    Only what became of these tickets is counted.
    """
    counts = {
        f"{state}_{days}": Count(
            "pk", filter=Q(state=state, ended_at__gt=at - timedelta(days=days))
        )
        for days in spans
        for state in _COUNTED
    }
    rows: Any = (
        judged(max(spans), at)
        .filter(organisation__in=list(organisations), clock__ticket__in=tickets)
        .values("organisation")
        .annotate(**counts)
        .order_by("organisation")
    )
    return {
        row["organisation"]: [
            Attainment(days, row[f"met_{days}"], row[f"breached_{days}"]) for days in spans
        ]
        for row in rows
    }
