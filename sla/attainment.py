"""How promises were kept: ended clocks, counted by the day on which they ended (docs/sla.md A1).

A period that is over gives the same numbers for ever (docs/sla.md A2): an outcome counts where it
ended unless it was taken back before the period was over; what is taken back later counts later.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    Aggregate,
    Count,
    Exists,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from sla.models import Clock, Outcome, Record
from tickets.models import Ticket

# What a report can be broken down by: name → (key of an outcome, key of a live clock, label).
BREAKDOWNS: Mapping[str, tuple[str, str, str]] = {
    "metric": ("metric", "metric", "metric"),
    "policy": (
        "choice__policy_version__policy", "choice__policy_version__policy",
        "choice__policy_version__policy__name",
    ),
    "organisation": ("organisation", "ticket__organisation", "organisation__name"),
    "category": ("category", "ticket__category", "category"),
    "team": ("team", "ticket__team", "team__name"),
    "product": ("product", "ticket__product", "product__name"),
}  # fmt: skip
_MET, _BREACHED = Q(state=Clock.State.MET), Q(state=Clock.State.BREACHED)
_NO_ANSWER = Q(state=Clock.State.CANCELLED, reason="no_response")


class Percentile(Aggregate):
    """The value below which that share lies, such as 0.9."""

    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: str, share: float, **extra: Any) -> None:
        super().__init__(expression, share=share, output_field=FloatField(), **extra)


@dataclass(frozen=True)
class Period:
    """Whole days in one zone, from the first to the last, both included."""

    first: date
    last: date
    zone: ZoneInfo

    @property
    def start(self) -> datetime:
        """The first instant of it."""
        return datetime.combine(self.first, time.min, tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """The first instant after it."""
        after = date.fromordinal(self.last.toordinal() + 1)
        return datetime.combine(after, time.min, tzinfo=self.zone)


@dataclass(frozen=True)
class Line:
    """One row of the report; spans are seconds, each in business time and in wall time (A3)."""

    key: Any
    label: str
    met: int
    breached: int
    no_answer: int
    cancelled: int
    paused_share: float | None
    took_business: tuple[float | None, float | None]  # median and p90 of what was judged
    took_wall: tuple[float | None, float | None]
    late_business: tuple[float | None, float | None]  # of what was breached
    late_wall: tuple[float | None, float | None]
    open_breaches: int = 0

    @property
    def judged(self) -> int:
        """The clocks that were kept or broken."""
        return self.met + self.breached

    @property
    def attainment(self) -> float | None:
        """The share that was kept; None when nothing was judged (docs/sla.md A1)."""
        return self.met / self.judged if self.judged else None


def ended(actor: Actor, period: Period) -> QuerySet[Outcome]:
    """List the outcomes of the period on tickets that the actor sees."""
    taken_back = Record.objects.filter(outcome=OuterRef("pk"), occurred_at__lt=period.end)
    outcomes = Outcome.objects.filter(
        ~Exists(taken_back), ended_at__gte=period.start, ended_at__lt=period.end
    ).exclude(reason="spam")
    if actor.is_admin:
        return outcomes
    seen = Ticket.objects.visible_to(actor).values("pk")
    return outcomes.filter(clock__ticket__in=seen)


def report(
    actor: Actor, period: Period, *, by: str, where: Mapping[str, Any] | None = None
) -> list[Line]:
    """Give one line per value of `by`, the most judged first.

    :param where: narrows to values of the breakdowns, such as {"metric": "resolution"}.
    """
    key, _live, label = BREAKDOWNS[by]
    outcomes = _narrowed(ended(actor, period), where, 0)
    breaches = _open_breaches(actor, by, where)
    rows = outcomes.values(group=F(key), name=F(label)).annotate(**_FIGURES).order_by()
    lines = [_line(row, breaches.pop(row["group"], 0)) for row in rows]
    lines += [_only_open(group, count) for group, count in breaches.items() if count]
    return sorted(lines, key=lambda line: (-line.judged, line.label))


def total(actor: Actor, period: Period, where: Mapping[str, Any] | None = None) -> Line:
    """Give the line of everything together; percentiles do not add up, so it is asked anew."""
    row = _narrowed(ended(actor, period), where, 0).aggregate(**_FIGURES)
    breaches = _open_breaches(actor, "metric", where)
    return _line({**row, "group": None, "name": ""}, sum(breaches.values()))


def _narrowed(rows: Any, where: Mapping[str, Any] | None, place: int) -> Any:
    for name, value in (where or {}).items():
        column = BREAKDOWNS[name][place]
        empty = value in (None, "")
        rows = rows.filter(_nothing(column) if empty else Q(**{column: value}))
    return rows


def _nothing(column: str) -> Q:
    return Q(**{column: ""}) if column == "category" else Q(**{f"{column}__isnull": True})


def _open_breaches(actor: Actor, by: str, where: Mapping[str, Any] | None) -> dict[Any, int]:
    """Count live clocks that are past due, which have no outcome yet (docs/sla.md A1)."""
    clocks = Clock.objects.filter(ended_at__isnull=True, breached_at__isnull=False)
    if not actor.is_admin:
        clocks = clocks.filter(ticket__in=Ticket.objects.visible_to(actor).values("pk"))
    column = BREAKDOWNS[by][1]
    group = Coalesce(F(column), Value("")) if by == "category" else F(column)
    counted = _narrowed(clocks, where, 1).values(group=group).annotate(n=Count("pk")).order_by()
    return {row["group"]: row["n"] for row in counted}


def _line(row: Mapping[str, Any], open_breaches: int) -> Line:
    wall = row["wall"] or 0
    return Line(
        key=row["group"],
        label=str(row["name"] or ""),
        met=row["met"],
        breached=row["breached"],
        no_answer=row["no_answer"],
        cancelled=row["ended"] - row["met"] - row["breached"] - row["no_answer"],
        paused_share=(row["paused"] or 0) / wall if wall else None,
        took_business=(row["took_business_50"], row["took_business_90"]),
        took_wall=(row["took_wall_50"], row["took_wall_90"]),
        late_business=(row["late_business_50"], row["late_business_90"]),
        late_wall=(row["late_wall_50"], row["late_wall_90"]),
        open_breaches=open_breaches,
    )


def _only_open(group: Any, count: int) -> Line:
    none = (None, None)
    return Line(group, "", 0, 0, 0, 0, None, none, none, none, none, count)


def _spread(name: str, column: str, which: Q) -> Iterable[tuple[str, Percentile]]:
    for share in (0.5, 0.9):
        yield f"{name}_{share * 100:.0f}", Percentile(column, share, filter=which)


_FIGURES: dict[str, Aggregate] = {
    "ended": Count("pk"),
    "met": Count("pk", filter=_MET),
    "breached": Count("pk", filter=_BREACHED),
    "no_answer": Count("pk", filter=_NO_ANSWER),
    "paused": Sum("paused_seconds", filter=_MET | _BREACHED),
    "wall": Sum("wall_seconds", filter=_MET | _BREACHED),
    **dict(_spread("took_business", "business_seconds", _MET | _BREACHED)),
    **dict(_spread("took_wall", "wall_seconds", _MET | _BREACHED)),
    **dict(_spread("late_business", "late_business_seconds", _BREACHED)),
    **dict(_spread("late_wall", "late_wall_seconds", _BREACHED)),
}
