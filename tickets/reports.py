"""Where the effort goes: what was filed, answered, resolved and worked, and how long it took.

Everything is read from the tallies (tickets/tallies.py), so a year costs little more than a day.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, Value, When

from accounts.actor import Actor
from accounts.models import Team
from tickets.models import Tally, TallyState, Ticket
from tickets.tallies import bucket_edges

AGES = (1, 3, 7, 14, 30, 90)  # days; the last group is older than the last of them


@dataclass(frozen=True)
class Span:
    """Whole days of the desk's zone, from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


@dataclass
class Times:
    """How many tickets took how long, in seconds by the clock on the wall."""

    count: int = 0
    seconds: int = 0
    buckets: Counter[int] = field(default_factory=Counter)

    @property
    def mean(self) -> float | None:
        """The mean; None when there are none."""
        return self.seconds / self.count if self.count else None

    def quantile(self, share: float) -> float | None:
        """Estimate the time within which this share was done, to about a tenth.

        Takes the middle of the bucket in which it lies; None when there are none.
        """
        total = sum(self.buckets.values())
        if not total:
            return None
        reached = 0
        for bucket in sorted(self.buckets):
            reached += self.buckets[bucket]
            if reached >= share * total:
                break
        shortest, longest = bucket_edges(bucket)
        return (shortest * longest) ** 0.5 if shortest else longest / 2


@dataclass
class Line:
    """One key of a breakdown: tickets filed, answered and resolved, and seconds of work."""

    filed: int = 0
    answers: Times = field(default_factory=Times)
    resolutions: Times = field(default_factory=Times)
    effort: int = 0

    @property
    def resolved(self) -> int:
        """How many tickets were resolved."""
        return self.resolutions.count

    def times(self, measure: str) -> Times:
        """What took its time: answers or resolutions."""
        return self.answers if measure == Tally.Measure.ANSWERED else self.resolutions

    def add(self, measure: str, count: int, seconds: int) -> None:
        """Add a tally."""
        if measure == Tally.Measure.CREATED:
            self.filed += count
        elif measure == Tally.Measure.EFFORT:
            self.effort += seconds
        else:
            times = self.times(measure)
            times.count += count
            times.seconds += seconds


def readable(actor: Actor) -> QuerySet[Tally]:
    """Give the tallies for the reports below, without private teams that the actor does not see.

    A team that has just become private is not tallied apart yet: until it is, only admins read.
    """
    if actor.is_admin:
        return Tally.objects.all()
    private = set(Team.objects.filter(is_private=True).values_list("pk", flat=True))
    state = TallyState.objects.filter(pk=1).first()
    if state is None or not private <= set(state.private_teams):
        return Tally.objects.none()
    mine = Team.objects.of(actor).filter(is_private=True).values_list("pk", flat=True)
    return Tally.objects.filter(hidden_team__in=[0, *mine])


def lines(tallies: QuerySet[Tally], span: Span, breakdown: str) -> dict[str, Line]:
    """Add up one breakdown: its keys with what happened in these days.

    Answers, and how long what was spread, are known of all, by category and by product.
    """
    found: dict[str, Line] = defaultdict(Line)
    for row in _added(tallies, span, [breakdown]):
        found[row["key"]].add(row["measure"], row["total"], row["added"])
    named = {"all": "took", "category": "took_category", "product": "took_product"}.get(breakdown)
    for row in _added(tallies, span, [named] if named else []):
        key, _bar, bucket = row["key"].rpartition("/")
        found[key].times(row["measure"]).buckets[int(bucket)] += row["total"]
    return dict(found)


def by_day(tallies: QuerySet[Tally], span: Span) -> dict[date, Line]:
    """Give each day with what was filed, answered, resolved and worked."""
    found = {day: Line() for day in span.days}
    rows = tallies.filter(span="day", breakdown="all", first__gte=span.first, first__lte=span.last)
    for first, measure, count, seconds in rows.values_list("first", "measure", "count", "seconds"):
        found[first].add(measure, count, seconds)
    return found


def by_hour(tallies: QuerySet[Tally], span: Span) -> Mapping[tuple[int, int], int]:
    """Count what was filed by (weekday, hour): 1 is Monday, hours are the desk's."""
    found = {}
    for row in _added(tallies, span, ["hour"]):
        weekday, _bar, hour = row["key"].partition("/")
        found[int(weekday), int(hour)] = row["total"]
    return found


def backlog(actor: Actor, at: datetime) -> list[tuple[int | None, int | None, int]]:
    """Count live tickets by age: (from days, up to days or None, tickets)."""
    ages = Case(
        *(When(created_at__gte=at - timedelta(days=days), then=Value(days)) for days in AGES),
        default=Value(0), output_field=IntegerField(),
    )  # fmt: skip
    seen = Ticket.objects.visible_to(actor).live().filter(is_spam=False)
    groups = seen.order_by().values(age=ages).annotate(n=Count("pk"))
    counted = {row["age"]: row["n"] for row in groups}
    edges = zip((0, *AGES), (*AGES, None), strict=True)
    return [(low, high, counted.get(high or 0, 0)) for low, high in edges]


def _added(tallies: QuerySet[Tally], span: Span, breakdowns: list[str]) -> Any:
    """Add up tallies: whole months as such, the days at both ends one by one."""
    days, months = _pieces(span)
    return (
        tallies.filter(Q(span="month", first__in=months) | Q(span="day", first__in=days))
        .filter(breakdown__in=breakdowns)
        .values("measure", "key")
        .annotate(total=Sum("count"), added=Sum("seconds"))
        .order_by("measure", "key")
    )


def _pieces(span: Span) -> tuple[list[date], list[date]]:
    days, months = [], []
    day = span.first
    while day <= span.last:
        following = (day.replace(day=1) + timedelta(days=31)).replace(day=1)
        if day.day == 1 and following <= span.last + timedelta(days=1):
            months.append(day)
            day = following
        else:
            days.append(day)
            day += timedelta(days=1)
    return days, months
