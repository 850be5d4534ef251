"""How promises were kept: ended clocks, counted by the day on which they ended (docs/sla.md A1).

A period that is over gives the same numbers for ever (docs/sla.md A2): an outcome counts where it
ended unless it was taken back before the period was over; what is taken back later counts later.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, TypeVar
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


class Breakdown(NamedTuple):
    """What a report can be broken down by: the key and the name, of an outcome and of a clock."""

    key: str
    name: str
    clock_key: str
    clock_name: str


def _of_ticket(name: str) -> Breakdown:
    return Breakdown(name, f"{name}__name", f"ticket__{name}", f"ticket__{name}__name")


_POLICY = "choice__policy_version__policy"
BREAKDOWNS: Mapping[str, Breakdown] = {
    "metric": Breakdown("metric", "metric", "metric", "metric"),
    "policy": Breakdown(_POLICY, f"{_POLICY}__name", _POLICY, f"{_POLICY}__name"),
    "organisation": _of_ticket("organisation"),
    "category": Breakdown("category", "category", "ticket__category", "ticket__category"),
    "team": _of_ticket("team"),
    "product": _of_ticket("product"),
}
_MET, _BREACHED = Q(state=Clock.State.MET), Q(state=Clock.State.BREACHED)
Spread = tuple[float | None, float | None]  # median and p90, in seconds
_NONE: Spread = (None, None)
_NO_ANSWER = Q(state=Clock.State.CANCELLED, reason="no_response")
STATES: Mapping[str, Q] = {
    "judged": _MET | _BREACHED,
    "met": _MET,
    "breached": _BREACHED,
    "no_answer": _NO_ANSWER,
    "cancelled": Q(state=Clock.State.CANCELLED) & ~Q(reason="no_response"),
    "open": Q(),
}


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

    @classmethod
    def last_days(cls, days: int, at: datetime, zone: ZoneInfo) -> "Period":
        """The days up to today, which counts as one of them."""
        today = at.astimezone(zone).date()
        return cls(date.fromordinal(today.toordinal() - days + 1), today, zone)

    @classmethod
    def month(cls, day: date, zone: ZoneInfo) -> "Period":
        """The calendar month in which the day lies."""
        first = day.replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
        return cls(first, following - timedelta(days=1), zone)

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
class Share:
    """How many of the clocks that ended met their target, and how many breached it."""

    met: int = 0
    breached: int = 0

    @property
    def judged(self) -> int:
        """How many were met or breached."""
        return self.met + self.breached

    @property
    def attainment(self) -> float | None:
        """The share that was met; None when nothing was judged (docs/sla.md A1)."""
        return self.met / self.judged if self.judged else None

    @property
    def percent(self) -> int | None:
        """The same in whole per cent, rounded down, so that 100 means all."""
        return self.met * 100 // self.judged if self.judged else None


@dataclass(frozen=True, kw_only=True)
class Line(Share):
    """One row of the report; spans are seconds, each in business time and in wall time (A3)."""

    key: Any
    label: str
    no_answer: int = 0
    cancelled: int = 0
    paused_share: float | None = None
    took_business: Spread = _NONE  # of what was judged
    took_wall: Spread = _NONE
    late_business: Spread = _NONE  # of what was breached
    late_wall: Spread = _NONE
    open_breaches: int = 0


def ended(actor: Actor, period: Period) -> QuerySet[Outcome]:
    """List the outcomes of the period on tickets that the actor sees."""
    if actor.is_admin:
        return _ended(period)
    seen = Ticket.objects.visible_to(actor).values("pk")
    return _ended(period).filter(clock__ticket__in=seen)


def tickets_behind(
    state: str, period: Period, where: Mapping[str, Any]
) -> QuerySet[Outcome, int] | QuerySet[Clock, int]:
    """Give the numbers of the tickets behind a figure: one of STATES, of anybody's tickets."""
    if state == "open":
        live = Clock.objects.filter(ended_at__isnull=True, breached_at__isnull=False)
        return _narrowed(live, where, _of_clock).values_list("ticket", flat=True)
    found = _ended(period).filter(STATES[state])
    return _narrowed(found, where, _of_outcome).values_list("clock__ticket", flat=True)


def _ended(period: Period) -> QuerySet[Outcome]:
    taken_back = Record.objects.filter(outcome=OuterRef("pk"), occurred_at__lt=period.end)
    return Outcome.objects.filter(
        ~Exists(taken_back), ended_at__gte=period.start, ended_at__lt=period.end
    ).exclude(reason="spam")


def report(
    actor: Actor, period: Period, *, by: str, where: Mapping[str, Any] | None = None
) -> list[Line]:
    """Give one line per value of `by`, the most judged first.

    :param where: narrows to values of the breakdowns, such as {"metric": "resolution"}.
    """
    columns = BREAKDOWNS[by]
    outcomes = _narrowed(ended(actor, period), where, _of_outcome)
    breaches = _open_breaches(actor, by, where)
    grouped = outcomes.values(group=F(columns.key), name=F(columns.name))
    rows = grouped.annotate(**_FIGURES).order_by()
    lines = [_line(row, breaches.pop(row["group"], ("", 0))[1]) for row in rows]
    lines += [
        Line(key=group, label=name, open_breaches=count)
        for group, (name, count) in breaches.items()
    ]
    return sorted(lines, key=lambda line: (-line.judged, line.label))


def of_organisations(
    actor: Actor, period: Period, organisations: Iterable[int]
) -> Mapping[int, Share]:
    """Give how promises to each of these organisations were kept, in one query."""
    rows: Any = (
        ended(actor, period)
        .filter(organisation__in=list(organisations))
        .values("organisation")
        .annotate(met=Count("pk", filter=_MET), breached=Count("pk", filter=_BREACHED))
        .order_by("organisation")
    )
    return {row["organisation"]: Share(row["met"], row["breached"]) for row in rows}


def total(actor: Actor, period: Period, where: Mapping[str, Any] | None = None) -> Line:
    """Give the line of everything together; percentiles do not add up, so it is asked anew."""
    row = _narrowed(ended(actor, period), where, _of_outcome).aggregate(**_FIGURES)
    breaches = _open_breaches(actor, "metric", where).values()
    return _line({**row, "group": None, "name": ""}, sum(count for _, count in breaches))


def _of_outcome(breakdown: Breakdown) -> str:
    return breakdown.key


def _of_clock(breakdown: Breakdown) -> str:
    return breakdown.clock_key


_Rows = TypeVar("_Rows", "QuerySet[Outcome]", "QuerySet[Clock]")


def _narrowed(
    rows: _Rows, where: Mapping[str, Any] | None, column_of: Callable[[Breakdown], str]
) -> _Rows:
    for name, value in (where or {}).items():
        column = column_of(BREAKDOWNS[name])
        empty = value in (None, "")
        rows = rows.filter(_nothing(column) if empty else Q(**{column: value}))
    return rows


def _nothing(column: str) -> Q:
    return Q(**{column: ""}) if column == "category" else Q(**{f"{column}__isnull": True})


def _open_breaches(
    actor: Actor, by: str, where: Mapping[str, Any] | None
) -> dict[Any, tuple[str, int]]:
    """Count live clocks that are past due, which have no outcome yet (docs/sla.md A1)."""
    clocks = Clock.objects.filter(ended_at__isnull=True, breached_at__isnull=False)
    if not actor.is_admin:
        clocks = clocks.filter(ticket__in=Ticket.objects.visible_to(actor).values("pk"))
    columns = BREAKDOWNS[by]
    group = F(columns.clock_key)
    counted = (
        _narrowed(clocks, where, _of_clock)
        .values(
            group=Coalesce(group, Value("")) if by == "category" else group,
            name=F(columns.clock_name),
        )
        .annotate(n=Count("pk"))
        .order_by()
    )
    return {row["group"]: (str(row["name"] or ""), row["n"]) for row in counted}


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
