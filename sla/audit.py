"""Working all clocks out again from history and comparing: there must be no difference."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from sla.business_time import BeyondHorizon
from sla.clocks import evaluate
from sla.happenings import Happening
from sla.history import happenings_of
from sla.ledger import as_row, columns, due_of
from sla.models import Clock, Outcome, Record
from sla.stopwatch import Clock as Seen
from sla.sweep import database_time
from tickets.models import Event, Ticket

CHUNK = 500
PATIENCE = timedelta(minutes=5)  # a sweep that is later than this is a difference too


def drift(at: datetime | None = None) -> Iterator[str]:
    """Give a line for everything stored that history does not bear out as of `at`.

    Without `at`, each chunk is judged by the database's time once its tickets are locked.
    """
    after = 0
    while True:
        with transaction.atomic():
            tickets = list(
                Ticket.objects.select_for_update(of=("self",), no_key=True)
                .filter(pk__gt=after)
                .order_by("number")[:CHUNK]
            )
            if not tickets:
                return
            lines = list(_drift_of(tickets, at or database_time()))
        yield from lines
        after = tickets[-1].pk


def _drift_of(tickets: Sequence[Ticket], at: datetime) -> Iterator[str]:
    numbers = [ticket.pk for ticket in tickets]
    stories = happenings_of(numbers)
    stored: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=numbers):
        stored[clock.ticket_id].append(clock)
    told = _Told(numbers)
    for ticket in tickets:
        clocks = stored[ticket.pk]
        try:
            seen = _as_last_judged(stories[ticket.pk], clocks, max(at, ticket.updated_at))
        except BeyondHorizon as error:
            yield f"#{ticket.pk}: {error}"
            continue
        yield from _forgotten(ticket, clocks, at)
        yield from _differences(ticket, clocks, seen)
        for fresh in seen:
            yield from told.differences(ticket, fresh)


def _as_last_judged(
    story: Sequence[Happening], stored: Sequence[Clock], at: datetime
) -> list[Seen]:
    """Work the clocks out as of the last instant of which the sweep can have known."""
    times = [clock.next_fire_at for clock in stored if clock.next_fire_at]
    return evaluate(story, min([at, *(time - timedelta(seconds=1) for time in times)]))


def _forgotten(ticket: Ticket, stored: Sequence[Clock], at: datetime) -> Iterator[str]:
    for clock in stored:
        if clock.next_fire_at and clock.next_fire_at < at - PATIENCE:
            yield f"#{ticket.pk} {clock.metric} {clock.seq}: no sweep since {clock.next_fire_at}"


def _differences(ticket: Ticket, stored: Sequence[Clock], seen: Sequence[Seen]) -> Iterator[str]:
    known = {(clock.metric, clock.seq): clock for clock in stored}
    for clock in seen:
        row = known.pop((clock.metric, clock.seq), None)
        fresh = as_row(ticket, clock)
        if row is None:
            yield f"#{ticket.pk} {clock.metric} {clock.seq}: missing"
        elif columns(row) != columns(fresh):
            yield f"#{ticket.pk} {clock.metric} {clock.seq}: stored {row.state}, now {clock.state}"
    for row in known.values():
        if row.reason != "withdrawn":
            yield f"#{ticket.pk} {row.metric} {row.seq}: stored, but never was"
    if ticket.due_at != due_of(seen):
        yield f"#{ticket.pk}: due {ticket.due_at} stored, now {due_of(seen)}"


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

    def differences(self, ticket: Ticket, clock: Seen) -> Iterator[str]:
        """Compare one clock's facts with its records, its end with its outcome."""
        key = (ticket.pk, clock.metric, clock.seq)
        name = f"#{ticket.pk} {clock.metric} {clock.seq}"
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
            yield f"{name}: {kind} {step} ({generation}) was not recorded"
        for kind, step, generation in sorted(kept - facts):
            if kind == Record.Kind.BREACHED:
                yield f"{name}: {kind} {step} ({generation}) is recorded, but never was"
        yield from self._outcome(key, clock, name)
        breached = sum(record.kind == Record.Kind.BREACHED for record in self.records[key])
        if self.breaches[key] < breached:
            yield f"{name}: a breach without its event"

    def _outcome(self, key: tuple[int, str, int], clock: Seen, name: str) -> Iterator[str]:
        outcome = self.outcomes.get(key)
        if clock.ended_at and (outcome is None or outcome.state != clock.state):
            yield f"{name}: ended {clock.state} without that outcome"
        if clock.is_live and outcome is not None and outcome.state != Clock.State.BREACHED:
            yield f"{name}: live, but its outcome {outcome.state} was not revoked"
