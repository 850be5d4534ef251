"""Clocks as they are stored, read as plain tuples, because a sweep reads thousands of them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sla.models import Clock
from sla.stopwatch import Clock as Seen

Key = tuple[str, int]


class Stored(NamedTuple):
    """A row of sla_clock: whose it is, then everything that can be worked out again."""

    pk: int
    ticket_id: int
    metric: str
    seq: int
    state: str
    started_at: datetime
    ended_at: datetime | None
    target: int
    limit: int
    banked: int
    running_since: datetime | None
    is_paused: bool
    due_at: datetime | None
    breached_at: datetime | None
    next_fire_at: datetime | None
    cause: str
    reason: str
    is_manual: bool
    generation: int
    choice_id: int
    calendar: str

    @property
    def worked_out(self) -> tuple[object, ...]:
        """Its values of WORKED_OUT."""
        return self[4:]


WORKED_OUT = Stored._fields[4:]


def stored_clocks(numbers: Iterable[int]) -> dict[int, dict[Key, Stored]]:
    """Read the clocks of some tickets in one query: number → metric and cycle → clock."""
    found: dict[int, dict[Key, Stored]] = defaultdict(dict)
    rows = Clock.objects.filter(ticket__in=numbers).values_list(*Stored._fields)
    for clock in map(Stored._make, rows):
        found[clock.ticket_id][clock.metric, clock.seq] = clock
    return found


def worked_out(seen: Seen) -> tuple[object, ...]:
    """Give what is to be stored of a clock, in the order of WORKED_OUT."""
    return (
        seen.state, seen.started_at, seen.ended_at, seen.target, seen.limit, seen.banked,
        seen.running_since, seen.is_paused, seen.due_at, seen.breached_at, seen.next_fire_at,
        seen.cause, seen.reason, seen.is_manual, seen.generation, int(seen.terms), seen.calendar,
    )  # fmt: skip


def as_row(ticket: int, seen: Seen) -> Clock:
    """Give the row that stores a clock of a ticket."""
    values = dict(zip(WORKED_OUT, worked_out(seen), strict=True))
    return Clock(ticket_id=ticket, metric=seen.metric, seq=seen.seq, **values)


def due_of(clocks: Iterable[Seen]) -> datetime | None:
    """The earliest due time over live clocks that are not paused, breached ones included."""
    live = (clock for clock in clocks if clock.is_live and not clock.is_paused)
    return min((clock.due_at for clock in live if clock.due_at), default=None)
