"""Keeping the tallies true to the tickets: beat follows what changed, a day at a time.

What is counted, and on which day, tickets/measures.py says.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Min

from accounts.models import DeskSettings, Team
from tickets.measures import HAPPENED, Happened, Measure, known_measures
from tickets.models import Event, Tally, TallyState, Ticket, TimeEntry

VERSION = 2  # of what is counted; desks with tallies of another one count everything anew
BATCH = 2_000
FAR = 100_000  # events; so far behind, counting every day is quicker than following
RECOUNTED_AT_ONCE = 31
STEP = 1.25  # each bucket of times is a quarter wider than the one before
EARLIEST = date(1970, 1, 1)  # no report asks for days before
AHEAD = timedelta(days=1)  # of today, for work may be logged where it is tomorrow already
Counted = tuple[Measure, date]


@dataclass(frozen=True)
class Progress:
    """How much one call did: days counted anew, and whether more is left."""

    days: int
    is_behind: bool


@transaction.atomic
def follow(at: datetime) -> Progress:
    """Count anew the days of tickets that changed since the last call, in pieces.

    After a change of what is counted, of the desk's zone or of which teams are private, or when
    it is far behind, all days are counted anew, oldest first. While another worker follows
    nothing is done.
    """
    TallyState.objects.get_or_create(pk=1)
    state = TallyState.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if state is None:
        return Progress(0, is_behind=False)
    _begin_again_if_needed(state)
    zone = ZoneInfo(state.zone)
    if state.recount_from is not None:
        to_count, is_behind = _next_of_all(state, zone, at.astimezone(zone).date() + AHEAD)
    else:
        to_count, is_behind = _next_changed(state, zone)
    days = {day for _measure, day in to_count}
    for measure, day in to_count:
        _count(measure, day, zone)
    for month in sorted({day.replace(day=1) for day in days}):
        _add_up(month)
    state.followed_at = at
    state.save()
    return Progress(len(days), is_behind)


def bucket_edges(bucket: int) -> tuple[float, float]:
    """Give the shortest and the longest time in a bucket, in seconds."""
    return (0.0 if bucket == 0 else 60 * STEP**bucket), 60 * STEP ** (bucket + 1)


def _begin_again_if_needed(state: TallyState) -> None:
    zone = DeskSettings.current().time_zone
    private = sorted(Team.objects.filter(is_private=True).values_list("pk", flat=True))
    newest = Event.objects.aggregate(newest=Max("position"))["newest"] or 0
    is_near = newest - state.position <= FAR
    is_same = (state.version, state.zone, state.private_teams) == (VERSION, zone, private)
    if is_near and is_same:
        return
    state.version, state.zone, state.private_teams = VERSION, zone, private
    state.position = newest
    Tally.objects.all().delete()
    state.recount_from = _next_day(EARLIEST, ZoneInfo(zone))


def _next_day(since: date, zone: ZoneInfo) -> date | None:
    """Give the next day that may hold anything: before the first ticket only work does."""
    filed = Ticket.objects.aggregate(first=Min("created_at"))["first"]
    if filed is None:
        return None
    first: date = filed.astimezone(zone).date()
    if since >= first:
        return since
    worked = TimeEntry.objects.filter(worked_on__gte=since).aggregate(first=Min("worked_on"))
    return min(first, worked["first"] or first)


def _next_of_all(state: TallyState, zone: ZoneInfo, last: date) -> tuple[list[Counted], bool]:
    """Take the next days of a recount."""
    assert state.recount_from is not None  # noqa: S101 - as the caller asked
    left = (last - state.recount_from).days + 1
    taken = min(left, RECOUNTED_AT_ONCE)
    days = [state.recount_from + timedelta(days=n) for n in range(taken)]
    state.recount_from = _next_day(_after(days[-1]), zone) if taken < left else None
    return [(measure, day) for day in days for measure in known_measures()], True


def _next_changed(state: TallyState, zone: ZoneInfo) -> tuple[list[Counted], bool]:
    """Take the next events and find the days that they changed."""
    events = [
        Happened(*row)
        for row in Event.objects.filter(position__gt=state.position)
        .order_by("position")
        .values_list(*HAPPENED)[:BATCH]
    ]
    if not events:
        return [], False
    state.position = events[-1].position
    changed = [
        (measure, day)
        for measure in known_measures()
        for day in sorted(measure.moved(events, zone))
    ]
    return changed, len(events) == BATCH


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _count(measure: Measure, day: date, zone: ZoneInfo) -> None:
    """Write the tallies of one measure of one day."""
    Tally.objects.filter(span="day", first=day, measure=measure.name).delete()
    values: dict[str, Any] = {
        "first": day, "zone": zone.key, "step": math.log(STEP), "measure": measure.name,
        "start": _midnight(day, zone), "end": _midnight(_after(day), zone),
    }  # fmt: skip
    keys = ", ".join(f"('{name}', {key})" for name, key in measure.keys.items())
    statement = _COUNT.format(
        rows=measure.rows, which=measure.which, seconds=measure.seconds,
        category=measure.category, keys=keys,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _add_up(month: date) -> None:
    """Write the tallies of a month from those of its days."""
    Tally.objects.filter(span="month", first=month).delete()
    following = (month + timedelta(days=31)).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP, {"first": month, "after": following})


_COUNT = """
INSERT INTO tickets_tally (span, first, measure, breakdown, key, hidden_team, count, seconds)
SELECT 'day', %(first)s, %(measure)s, b.breakdown, b.key, t.hidden, count(*), sum(t.seconds)
FROM {rows}
CROSS JOIN LATERAL (SELECT {seconds} AS seconds) s
CROSS JOIN LATERAL (
  SELECT s.seconds, coalesce({category}, 'none') AS category,
    coalesce(k.product_id, 0)::text AS product,
    floor(ln(greatest(s.seconds, 60) / 60.0) / %(step)s)::int::text AS bucket,
    coalesce((
      SELECT p.id FROM accounts_team p WHERE p.id = k.team_id AND p.is_private), 0) AS hidden
) t
CROSS JOIN LATERAL (VALUES {keys}) AS b(breakdown, key)
WHERE {which} AND NOT k.is_spam
GROUP BY b.breakdown, b.key, t.hidden
"""
_ADD_UP = """
INSERT INTO tickets_tally (span, first, measure, breakdown, key, hidden_team, count, seconds)
SELECT 'month', %(first)s, measure, breakdown, key, hidden_team, sum(count), sum(seconds)
FROM tickets_tally WHERE span = 'day' AND first >= %(first)s AND first < %(after)s
GROUP BY measure, breakdown, key, hidden_team
"""
