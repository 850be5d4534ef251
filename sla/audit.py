"""Working all clocks out again from history and comparing: there must be no difference."""

import logging
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import DatabaseError, transaction

from accounts.database_time import database_time
from sla.business_time import BeyondHorizon
from sla.clocks import evaluate
from sla.happenings import Happening
from sla.history import happenings_of
from sla.models import Clock, Drift, Outcome, Record
from sla.stopwatch import Clock as Seen
from sla.stored import Key, Stored, due_of, stored_clocks, worked_out
from tickets.models import Event, Ticket

CHUNK = 500
PATIENCE = timedelta(minutes=5)  # a sweep that is later than this is a difference too
log = logging.getLogger(__name__)


class Difference(NamedTuple):
    """One thing that history does not bear out: on which ticket, in which way, and in full."""

    ticket: int
    way: str
    said: str


def drift(at: datetime | None = None) -> Iterator[str]:
    """Give a line for everything stored that history does not bear out as of `at`.

    Without `at`, each chunk is judged by the database's time.
    """
    after = 0
    while True:
        with transaction.atomic():
            numbers, found = look_at_next(after, at)
        if not numbers:
            return
        yield from (difference.said for difference in found)
        after = numbers[-1]


def drift_of_some(numbers: Sequence[int], at: datetime | None = None) -> Iterator[str]:
    """Give the lines of these tickets alone."""
    for first in range(0, len(numbers), CHUNK):
        with transaction.atomic():
            some = Ticket.objects.filter(pk__in=numbers[first : first + CHUNK]).order_by("number")
            found = _twice_looked_at(list(some), at)
        yield from (difference.said for difference in found)


def look_at_next(
    after: int, at: datetime | None = None, most: int = CHUNK
) -> tuple[list[int], list[Difference]]:
    """Give the next tickets' numbers and what differs on them. To be called in a transaction."""
    chunk = list(Ticket.objects.order_by("number").filter(pk__gt=after)[:most])
    return [ticket.pk for ticket in chunk], _twice_looked_at(chunk, at)


def _twice_looked_at(tickets: Sequence[Ticket], at: datetime | None) -> list[Difference]:
    """Lock only what seems to differ, and look at it again: somebody may have been at work
    between two reads, and nobody is to wait for an audit."""
    suspects = {difference.ticket for difference in _looked_at(tickets, at)}
    if not suspects:
        return []
    locked = Ticket.objects.order_by("number").select_for_update(of=("self",), no_key=True)
    return _looked_at(list(locked.filter(pk__in=suspects)), at)


def _looked_at(tickets: Sequence[Ticket], at: datetime | None) -> list[Difference]:
    """Look at all at once or, when that fails, one by one."""
    if not tickets:
        return []
    try:
        return list(_drift_of(tickets, at or database_time()))
    except DatabaseError:
        raise
    except Exception as error:  # one history that cannot be read must not hide all others
        if len(tickets) > 1:
            return [found for ticket in tickets for found in _looked_at([ticket], at)]
        number = tickets[0].pk
        log.exception("The history of #%s cannot be read", number)
        return [Difference(number, Drift.UNREADABLE, f"#{number}: {error!r}")]


def _drift_of(tickets: Sequence[Ticket], at: datetime) -> Iterator[Difference]:
    numbers = [ticket.pk for ticket in tickets]
    stories = happenings_of(numbers)
    stored = stored_clocks(numbers)
    told = _Told(numbers)
    for ticket in tickets:
        clocks = stored.get(ticket.pk, {})
        try:
            seen = _as_last_judged(stories[ticket.pk], clocks.values(), max(at, ticket.updated_at))
        except BeyondHorizon as error:
            yield Difference(ticket.pk, Drift.UNREADABLE, f"#{ticket.pk}: {error}")
            continue
        yield from _forgotten(ticket, clocks.values(), at)
        yield from _differences(ticket, clocks, seen)
        for fresh in seen:
            yield from told.differences(ticket, fresh)


def _as_last_judged(
    story: Sequence[Happening], stored: Iterable[Stored], at: datetime
) -> list[Seen]:
    """Work the clocks out as of the last instant of which the sweep can have known."""
    times = [clock.next_fire_at for clock in stored if clock.next_fire_at]
    return evaluate(story, min([at, *(time - timedelta(seconds=1) for time in times)]))


def _forgotten(ticket: Ticket, stored: Iterable[Stored], at: datetime) -> Iterator[Difference]:
    for clock in stored:
        if clock.next_fire_at and clock.next_fire_at < at - PATIENCE:
            said = f"{_name(ticket, clock)}: no sweep since {clock.next_fire_at}"
            yield Difference(ticket.pk, Drift.UNSWEPT, said)


def _differences(
    ticket: Ticket, stored: Mapping[Key, Stored], seen: Sequence[Seen]
) -> Iterator[Difference]:
    known = dict(stored)
    for clock in seen:
        row = known.pop((clock.metric, clock.seq), None)
        name = _name(ticket, clock)
        if row is None:
            yield Difference(ticket.pk, Drift.MISSING, f"{name}: missing")
        elif row.worked_out != worked_out(clock):
            said = f"{name}: stored {row.state}, now {clock.state}"
            yield Difference(ticket.pk, Drift.CHANGED, said)
    for row in known.values():
        if row.reason != "withdrawn":
            said = f"{_name(ticket, row)}: stored, but never was"
            yield Difference(ticket.pk, Drift.INVENTED, said)
    if ticket.due_at != due_of(seen):
        said = f"#{ticket.pk}: due {ticket.due_at} stored, now {due_of(seen)}"
        yield Difference(ticket.pk, Drift.DUE, said)


def _name(ticket: Ticket, clock: Stored | Seen) -> str:
    return f"#{ticket.pk} {clock.metric} {clock.seq}"


class _Told:
    """The records, outcomes and events of some tickets, beside what they should be."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self.records: dict[tuple[int, str, int], list[Record]] = defaultdict(list)
        voided = set()
        records = Record.objects.filter(clock__ticket__in=numbers).select_related("clock")
        for record in records.order_by("id"):
            if record.kind == Record.Kind.VOIDED:
                voided.add(record.corrects_id)
            clock = record.clock
            self.records[clock.ticket_id, clock.metric, clock.seq].append(record)
        for found in self.records.values():
            found[:] = [record for record in found if record.pk not in voided]
        self.outcomes = {
            (outcome.clock.ticket_id, outcome.clock.metric, outcome.clock.seq): outcome
            for outcome in Outcome.objects.filter(
                clock__ticket__in=numbers, revocations__isnull=True
            ).select_related("clock")
        }
        self.breaches: dict[tuple[int, str, int], int] = defaultdict(int)
        events = Event.objects.filter(ticket__in=numbers, kind=Event.Kind.SLA_BREACHED)
        for ticket, after in events.values_list("ticket_id", "after"):
            self.breaches[ticket, after["metric"], after["seq"]] += 1

    def differences(self, ticket: Ticket, clock: Seen) -> Iterator[Difference]:
        """Compare one clock's facts with its records, its end with its outcome."""
        key = (ticket.pk, clock.metric, clock.seq)
        name = _name(ticket, clock)
        facts: set[tuple[str, str, int]] = {
            (fact.kind, fact.step, fact.generation)
            for fact in clock.facts
            if fact.kind != "revoked"
        }
        kept = {
            (record.kind, record.step.partition("~")[0], record.generation)
            for record in self.records[key]
        }
        for kind, step, generation in sorted(facts - kept):
            said = f"{name}: {kind} {step} ({generation}) was not recorded"
            yield Difference(ticket.pk, Drift.UNRECORDED, said)
        for kind, step, generation in sorted(kept - facts):
            if kind == Record.Kind.BREACHED:
                said = f"{name}: {kind} {step} ({generation}) is recorded, but never was"
                yield Difference(ticket.pk, Drift.RECORDED, said)
        yield from self._outcome(key, clock, name)
        breached = sum(record.kind == Record.Kind.BREACHED for record in self.records[key])
        if self.breaches[key] < breached:
            yield Difference(ticket.pk, Drift.UNTOLD, f"{name}: a breach without its event")

    def _outcome(self, key: tuple[int, str, int], clock: Seen, name: str) -> Iterator[Difference]:
        outcome = self.outcomes.get(key)
        if clock.ended_at and (outcome is None or outcome.state != clock.state):
            said = f"{name}: ended {clock.state} without that outcome"
            yield Difference(key[0], Drift.OUTCOME, said)
        if clock.is_live and outcome is not None and outcome.state != Clock.State.BREACHED:
            said = f"{name}: live, but its outcome {outcome.state} was not revoked"
            yield Difference(key[0], Drift.OUTCOME, said)
