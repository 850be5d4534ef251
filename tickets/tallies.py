"""Keeping the tallies true to the tickets: beat follows what changed, a day at a time.

A ticket counts on the day it was filed and on the day it was last resolved, in the desk's zone;
spam and what was merged count nowhere, and a category only once it is confirmed
(docs/architecture.md, Reports).
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Max, Min

from accounts.models import DeskSettings, Team
from tickets.models import Event, Tally, TallyState, Ticket

BATCH = 2_000
FAR = 100_000  # events; so far behind, counting every day is quicker than following
RECOUNTED_AT_ONCE = 31
STEP = 1.25  # each bucket of times to resolution is a quarter wider than the one before


@dataclass(frozen=True)
class Progress:
    """How much one call did: days counted anew, and whether more is left."""

    days: int
    is_behind: bool


@transaction.atomic
def follow(at: datetime) -> Progress:
    """Count anew the days of tickets that changed since the last call, in pieces.

    After a change of the desk's zone or of which teams are private, or when it is far behind, all
    days are counted anew, oldest first. While another worker follows nothing is done.
    """
    TallyState.objects.get_or_create(pk=1)
    state = TallyState.objects.select_for_update(skip_locked=True).filter(pk=1).first()
    if state is None:
        return Progress(0, is_behind=False)
    _begin_again_if_needed(state)
    zone = ZoneInfo(state.zone)
    if state.recount_from is not None:
        days, is_behind = _next_of_all(state, at.astimezone(zone).date())
    else:
        days, is_behind = _next_changed(state, zone)
    for day in days:
        _count(day, zone)
    for month in sorted({day.replace(day=1) for day in days}):
        _add_up(month)
    state.followed_at = at
    state.save()
    return Progress(len(days), is_behind)


def bucket_edges(bucket: int) -> tuple[float, float]:
    """Give the shortest and the longest time to resolution in a bucket, in seconds."""
    return (0.0 if bucket == 0 else 60 * STEP**bucket), 60 * STEP ** (bucket + 1)


def _begin_again_if_needed(state: TallyState) -> None:
    zone = DeskSettings.current().time_zone
    private = sorted(Team.objects.filter(is_private=True).values_list("pk", flat=True))
    newest = Event.objects.aggregate(newest=Max("position"))["newest"] or 0
    is_near = newest - state.position <= FAR
    if is_near and state.zone == zone and state.private_teams == private:
        return
    state.zone, state.private_teams, state.position = zone, private, newest
    first = Ticket.objects.aggregate(first=Min("created_at"))["first"]
    Tally.objects.all().delete()
    state.recount_from = first.astimezone(ZoneInfo(zone)).date() if first else None


def _next_of_all(state: TallyState, today: date) -> tuple[list[date], bool]:
    """Take the next days of a recount."""
    assert state.recount_from is not None  # noqa: S101 - as the caller asked
    left = (today - state.recount_from).days + 1
    taken = min(left, RECOUNTED_AT_ONCE)
    days = [state.recount_from + timedelta(days=n) for n in range(taken)]
    state.recount_from = _after(days[-1]) if taken < left else None
    return days, True


def _next_changed(state: TallyState, zone: ZoneInfo) -> tuple[list[date], bool]:
    """Take the next events and find the days that they moved a ticket into or out of."""
    events = list(
        Event.objects.filter(position__gt=state.position)
        .order_by("position")
        .values_list("position", "kind", "ticket", "before__resolved_at")[:BATCH]
    )
    if not events:
        return [], False
    state.position = events[-1][0] or 0
    quiet = {Event.Kind.MESSAGE_ADDED, *(kind for kind in Event.Kind if kind.is_of_sla)}
    touched = {ticket for _position, kind, ticket, _before in events if kind not in quiet}
    instants: set[datetime] = {datetime.fromisoformat(was) for *_rest, was in events if was}
    for filed, resolved in Ticket.objects.filter(pk__in=touched).values_list(
        "created_at", "resolved_at"
    ):
        instants |= {filed, resolved} if resolved else {filed}
    days = sorted({instant.astimezone(zone).date() for instant in instants})
    return days, len(events) == BATCH


def _after(day: date) -> date:
    return day + timedelta(days=1)


def _count(day: date, zone: ZoneInfo) -> None:
    """Write all tallies of one day from its tickets."""
    Tally.objects.filter(span="day", first=day).delete()
    values: dict[str, Any] = {
        "first": day, "zone": zone.key, "step": math.log(STEP),
        "start": _midnight(day, zone), "end": _midnight(_after(day), zone),
    }  # fmt: skip
    with connection.cursor() as cursor:
        for column, breakdowns in (("created_at", _OF_FILED), ("resolved_at", _OF_RESOLVED)):
            measure = column.removesuffix("_at")
            keys = ", ".join(f"('{name}', {key})" for name, key in breakdowns)
            statement = _COUNT.format(column=column, keys=keys)
            cursor.execute(statement, {**values, "measure": measure})


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _add_up(month: date) -> None:
    """Write the tallies of a month from those of its days."""
    Tally.objects.filter(span="month", first=month).delete()
    following = (month + timedelta(days=31)).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute(_ADD_UP, {"first": month, "after": following})


_SHARED = (
    ("all", "''"),
    ("category", "t.kind"),
    ("product", "t.product"),
    ("balance", "t.kind || '/' || t.product"),
    ("team", "coalesce(t.team_id, 0)::text"),
)
_OF_FILED = (*_SHARED, ("source", "t.source"), ("hour", "t.hour"))
_OF_RESOLVED = (
    *_SHARED,
    ("agent", "coalesce(t.assignee_id, 0)::text"),
    ("took", "t.bucket"),
    ("took_category", "t.kind || '/' || t.bucket"),
    ("took_product", "t.product || '/' || t.bucket"),
)
_COUNT = """
INSERT INTO tickets_tally (span, first, measure, breakdown, key, hidden_team, count, seconds)
SELECT 'day', %(first)s, %(measure)s, b.breakdown, b.key, t.hidden, count(*),
  coalesce(sum(t.took), 0)
FROM (
  SELECT k.*, team.hidden,
    CASE WHEN k.category_confirmed_at IS NULL THEN 'none' ELSE k.category END AS kind,
    coalesce(k.product_id, 0)::text AS product,
    to_char(k.created_at AT TIME ZONE %(zone)s, 'ID/HH24') AS hour,
    extract(epoch FROM k.resolved_at - k.created_at)::bigint AS took,
    floor(ln(greatest(extract(epoch FROM k.resolved_at - k.created_at), 60) / 60)
      / %(step)s)::int::text AS bucket
  FROM tickets_ticket k
  CROSS JOIN LATERAL (SELECT coalesce((
    SELECT p.id FROM accounts_team p WHERE p.id = k.team_id AND p.is_private), 0) AS hidden) team
  WHERE k.{column} >= %(start)s AND k.{column} < %(end)s AND NOT k.is_spam
    AND k.merged_into_id IS NULL
) t
CROSS JOIN LATERAL (VALUES {keys}) AS b(breakdown, key)
GROUP BY b.breakdown, b.key, t.hidden
"""
_ADD_UP = """
INSERT INTO tickets_tally (span, first, measure, breakdown, key, hidden_team, count, seconds)
SELECT 'month', %(first)s, measure, breakdown, key, hidden_team, sum(count), sum(seconds)
FROM tickets_tally WHERE span = 'day' AND first >= %(first)s AND first < %(after)s
GROUP BY measure, breakdown, key, hidden_team
"""
