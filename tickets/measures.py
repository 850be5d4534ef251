"""What the tallies count of a day, by which keys, and which days an event may have changed.

Tickets count on the day they were filed and on the day they were last resolved, in the desk's
zone, and nowhere once merged; logged time counts on the day of the work, on the ticket where it
is booked. Spam counts nowhere, and a ticket's category only once it is confirmed
(docs/architecture.md, Reports).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from tickets.models import Event, Tally, Ticket, TimeEntry
from tickets.models.tickets import TicketQuerySet

Kind = Event.Kind


class Happened(NamedTuple):
    """What the measures want to know of an event."""

    position: int
    kind: Kind
    ticket: int
    message: int | None
    was_resolved_at: str | None
    was_worked_on: str | None
    is_worked_on: str | None
    entry: int | None


HAPPENED = (
    "position", "kind", "ticket", "message", "before__resolved_at", "before__worked_on",
    "after__worked_on", "after__entry",
)  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """One thing that is counted, in SQL: `k` is the ticket, `t` what _COUNT works out of it.

    `moved` finds the days that events may have changed.
    """

    name: Tally.Measure
    rows: str
    which: str
    seconds: str
    keys: Mapping[str, str]
    moved: Callable[[Sequence[Happened], ZoneInfo], set[date]]
    category: str = "CASE WHEN k.category_confirmed_at IS NOT NULL THEN k.category END"


@cache
def known_measures() -> Sequence[Measure]:
    """Gather the measures of the apps named in settings, once."""
    return [each for path in settings.TICKET_MEASURES for each in import_string(path)]


def days_of(instants: Iterable[datetime | None], zone: ZoneInfo) -> set[date]:
    """Give the days on which these instants lie."""
    return {instant.astimezone(zone).date() for instant in instants if instant}


def _filed(events: Sequence[Happened], zone: ZoneInfo) -> set[date]:
    return days_of(_touched(events).values_list("created_at", flat=True), zone)


def _resolved(events: Sequence[Happened], zone: ZoneInfo) -> set[date]:
    before = (
        datetime.fromisoformat(each.was_resolved_at) for each in events if each.was_resolved_at
    )
    now = _touched(events).values_list("resolved_at", flat=True)
    return days_of(before, zone) | days_of(now, zone)


def _touched(events: Sequence[Happened]) -> TicketQuerySet:
    return Ticket.objects.filter(pk__in={each.ticket for each in events if each.kind not in QUIET})


def _worked(events: Sequence[Happened], zone: ZoneInfo) -> set[date]:
    told = (day for each in events for day in (each.was_worked_on, each.is_worked_on) if day)
    entries = [each.entry for each in events if each.kind in TIME and each.entry]
    sorted_anew = {each.ticket for each in events if each.kind in SORTING}
    now = TimeEntry.objects.filter(Q(pk__in=entries) | Q(ticket__in=sorted_anew))
    return {date.fromisoformat(day) for day in told} | set(
        now.values_list("worked_on", flat=True).distinct()
    )


TIME = {Kind.TIME_LOGGED, Kind.TIME_CHANGED, Kind.TIME_DELETED}
QUIET = {Kind.MESSAGE_ADDED, *TIME, *(kind for kind in Kind if kind.is_of_sla)}
SORTING = {
    Kind.CATEGORY_SET, Kind.CATEGORY_CONFIRMED, Kind.TEAM_SET, Kind.PRODUCT_SET,
    Kind.SPAM_MARKED, Kind.SPAM_UNMARKED,
}  # fmt: skip
_SORTED = {
    "all": "''",
    "category": "t.category",
    "product": "t.product",
    "balance": "t.category || '/' || t.product",
    "team": "coalesce(k.team_id, 0)::text",
}
TOOK = {
    "took": "t.bucket",
    "took_category": "t.category || '/' || t.bucket",
    "took_product": "t.product || '/' || t.bucket",
}
MEASURES = [
    Measure(
        name=Tally.Measure.CREATED,
        rows="tickets_ticket k",
        which="k.created_at >= %(start)s AND k.created_at < %(end)s AND k.merged_into_id IS NULL",
        seconds="0",
        keys=_SORTED | {
            "source": "k.source",
            "hour": "to_char(k.created_at AT TIME ZONE %(zone)s, 'ID/HH24')",
        },
        moved=_filed,
    ),
    Measure(
        name=Tally.Measure.RESOLVED,
        rows="tickets_ticket k",
        which=(
            "k.resolved_at >= %(start)s AND k.resolved_at < %(end)s AND k.merged_into_id IS NULL"
        ),
        seconds="extract(epoch FROM k.resolved_at - k.created_at)::bigint",
        keys=_SORTED | TOOK | {"agent": "coalesce(k.assignee_id, 0)::text"},
        moved=_resolved,
    ),
    Measure(
        name=Tally.Measure.EFFORT,
        rows="tickets_timeentry e JOIN tickets_ticket k ON k.number = e.ticket_id",
        which="e.worked_on = %(first)s",
        seconds="e.minutes * 60",
        keys=_SORTED | {"agent": "coalesce(e.author_id, 0)::text"},
        moved=_worked,
        category=(
            "coalesce(e.category,"
            " CASE WHEN k.category_confirmed_at IS NOT NULL THEN k.category END)"
        ),
    ),
]  # fmt: skip
