"""What a look at some locked tickets leaves behind: clocks, records, outcomes and events."""

import logging
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from sla.business_time import BeyondHorizon
from sla.clocks import evaluate
from sla.happenings import Happening
from sla.models import Clock, Escalation, Outcome, Record
from sla.stopwatch import Clock as Seen
from sla.stopwatch import Fact
from sla.stored import WORKED_OUT, Stored, as_row, due_of, stored_clocks, worked_out
from tickets.actions.promises import set_due
from tickets.events import plain, record_many
from tickets.models import Event, Ticket

log = logging.getLogger(__name__)
Row = Clock | Stored  # changed, or as it was
_EVENTS = {
    Record.Kind.WARNED: Event.Kind.SLA_WARNED,
    Record.Kind.ESCALATED: Event.Kind.SLA_ESCALATED,
    Record.Kind.BREACHED: Event.Kind.SLA_BREACHED,
    Record.Kind.VOIDED: Event.Kind.SLA_REVOKED,
    Record.Kind.REVOKED: Event.Kind.SLA_REVOKED,
}


def settle(
    tickets: Sequence[Ticket], stories: Mapping[int, Sequence[Happening]], at: datetime
) -> int:
    """Judge the clocks of locked tickets as of `at` and write what is new; count the records.

    Whatever was written before is not written again, so it may be called as often as one likes.
    """
    ledger = _Ledger(tickets, at)
    for ticket in tickets:
        try:
            ledger.take(ticket, evaluate(stories[ticket.pk], at))
        except BeyondHorizon as error:  # docs/sla.md C6: the ticket's SLA page says so
            log.warning("The clocks of #%s cannot be worked out: %s", ticket.pk, error)
    return ledger.write()


class _Ledger:
    """Gathers what is new about many tickets and writes it in a handful of statements."""

    def __init__(self, tickets: Sequence[Ticket], at: datetime) -> None:
        self.at = at
        self.due: list[tuple[Ticket, datetime | None]] = []
        self.rows: list[Clock] = []
        self.ended: list[tuple[Ticket, Row, Seen]] = []
        self.changed: list[tuple[Ticket, Stored, bool]] = []  # as it was; is it breached still?
        self.told: list[tuple[Ticket, Row, Seen]] = []
        self.records: list[Record] = []
        self.corrections: list[Record] = []
        self.events: list[tuple[Ticket, Event.Kind, dict[str, Any]]] = []
        self.acting: list[tuple[int, Record]] = []  # place among the events, and what acts
        old = [ticket.pk for ticket in tickets if ticket.version > 1]  # one just opened has none
        self.stored = stored_clocks(old) if old else {}

    def take(self, ticket: Ticket, clocks: Sequence[Seen]) -> None:
        """Compare a ticket's clocks with what is stored."""
        self.due.append((ticket, due_of(clocks)))
        stored = self.stored.get(ticket.pk, {})
        for key in stored.keys() - {(seen.metric, seen.seq) for seen in clocks}:
            self._vanished(ticket, stored[key])
        for seen in clocks:
            self._compare(ticket, stored.get((seen.metric, seen.seq)), seen)

    def write(self) -> int:
        """Write everything and count the new records."""
        Clock.objects.bulk_create(
            self.rows,
            update_conflicts=True,
            unique_fields=["ticket", "metric", "seq"],
            update_fields=list(WORKED_OUT),
        )
        self._tell_facts()
        self._take_back_outcomes()
        self._freeze_outcomes()
        Record.objects.bulk_create(self.records, ignore_conflicts=True)
        Record.objects.bulk_create(self.corrections, ignore_conflicts=True)
        self._leave_actions(record_many(self.events, at=self.at))
        set_due(self.due)
        return len(self.records) + len(self.corrections)

    def _compare(self, ticket: Ticket, old: Stored | None, seen: Seen) -> None:
        row: Row
        if old is not None and old.worked_out == worked_out(seen):
            row = old
        else:
            row = as_row(ticket.pk, seen)
            row.pk = old and old.pk
            self.rows.append(row)
        was = (old.ended_at, old.state) if old and old.ended_at else None
        now = (seen.ended_at, seen.state) if seen.ended_at else None
        is_breached = seen.state == "breached"
        was_breached = old is not None and old.state == Clock.State.BREACHED
        if old is not None and ((was and was != now) or (was_breached and not is_breached)):
            self.changed.append((ticket, old, is_breached))
        if now and was != now:
            self.ended.append((ticket, row, seen))
        if seen.facts or (old and old.breached_at):
            self.told.append((ticket, row, seen))

    def _vanished(self, ticket: Ticket, old: Stored) -> None:
        """A cycle that never was, because the message that began it was taken back."""
        if old.reason == "withdrawn":
            return
        self.changed.append((ticket, old, False))
        gone = Clock(**old._asdict())
        gone.state, gone.reason = Clock.State.CANCELLED, "withdrawn"
        gone.ended_at = gone.ended_at or self.at
        gone.running_since = gone.due_at = gone.next_fire_at = gone.breached_at = None
        gone.is_paused = False
        self.rows.insert(0, gone)

    # --- records ---

    def _tell_facts(self) -> None:
        known: dict[int, list[Record]] = defaultdict(list)
        rows = [row.pk for _, row, _ in self.told]
        if rows:
            for record in Record.objects.filter(clock__in=rows).order_by("id"):
                known[record.clock_id].append(record)
        for ticket, row, seen in self.told:
            self._tell(ticket, row, seen, known[row.pk])

    def _tell(self, ticket: Ticket, row: Row, seen: Seen, known: list[Record]) -> None:
        voided = {record.corrects_id for record in known if record.kind == Record.Kind.VOIDED}
        valid = {
            (record.kind, record.step.partition("~")[0], record.generation): record
            for record in known
            if record.pk not in voided
        }
        facts = {(fact.kind, fact.step, fact.generation): fact for fact in seen.facts}
        missing = [
            fact for key, fact in facts.items() if key not in valid and fact.kind != "revoked"
        ]
        sent = _latest_warning(seen, missing)
        for fact in missing:
            again = sum(
                record.generation == fact.generation and record.pk in voided for record in known
            )
            self._record(ticket, row, fact, known, sent=sent, again=again)
        for key, record in valid.items():
            if record.kind == Record.Kind.BREACHED and key not in facts:
                self._void(ticket, row, record)

    def _record(
        self, ticket: Ticket, row: Row, fact: Fact, known: list[Record], *,
        sent: Fact | None, again: int,
    ) -> None:  # fmt: skip
        is_skipped = fact.kind == "warned" and fact is not sent
        step = f"{fact.step}~{again}" if again and fact.kind == "breached" else fact.step
        record = Record(
            clock_id=row.pk, kind=fact.kind, step=step, generation=fact.generation,
            due_at=fact.due_at, occurred_at=fact.at, recorded_at=self.at, cause=fact.cause,
            is_skipped=is_skipped,
        )  # fmt: skip
        if fact.kind == "superseded":
            record.corrects = _breach_of(known, fact.generation)
        self.records.append(record)
        if not is_skipped and record.kind in _EVENTS:
            self._event(ticket, row, record, acts=fact.acts)

    def _leave_actions(self, events: Sequence[Event]) -> None:
        """Leave the actions of the new records to the sweep (docs/sla.md W5)."""
        if not self.acting:
            return
        wanted = {_identity(record): events[place] for place, record in self.acting}
        stored = Record.objects.filter(clock__in={record.clock_id for _, record in self.acting})
        Escalation.objects.bulk_create(
            [
                Escalation(record=record, event=event, ticket_id=event.ticket_id)
                for record in stored
                if (event := wanted.get(_identity(record)))
            ],
            ignore_conflicts=True,
        )

    def _void(self, ticket: Ticket, row: Row, breach: Record) -> None:
        """A fact that came late says that it was no breach (docs/sla.md W4)."""
        record = Record(
            clock_id=row.pk, kind=Record.Kind.VOIDED, step=breach.step,
            generation=breach.generation, due_at=breach.due_at, occurred_at=self.at,
            recorded_at=self.at, corrects=breach,
        )  # fmt: skip
        self.corrections.append(record)
        self._event(ticket, row, record)

    def _event(self, ticket: Ticket, row: Row, record: Record, *, acts: bool = False) -> None:
        after = {
            "metric": row.metric,
            "seq": row.seq,
            "what": record.kind,
            "step": record.step,
            "generation": record.generation,
            "due_at": plain(record.due_at),
            "cause": record.cause,
        }
        if acts:  # then it is the step's own actions that tell somebody
            after["acts"] = True
            self.acting.append((len(self.events), record))
        self.events.append((ticket, _EVENTS[Record.Kind(record.kind)], after))

    # --- outcomes ---

    def _take_back_outcomes(self) -> None:
        valid = _valid_outcomes([clock.pk for _, clock, _ in self.changed])
        for ticket, old, is_breached in self.changed:
            outcome = valid.get(old.pk)
            if outcome is None or (is_breached and outcome.state == Clock.State.BREACHED):
                continue  # docs/sla.md R3: a breach stays one, unless it is superseded (T3)
            record = Record(
                clock_id=old.pk, kind=Record.Kind.REVOKED, step=str(outcome.number),
                generation=old.generation, due_at=old.due_at, occurred_at=self.at,
                recorded_at=self.at, outcome=outcome, cause=outcome.reason,
            )  # fmt: skip
            self.records.append(record)
            if outcome.state == Clock.State.MET:
                self._event(ticket, old, record)

    def _freeze_outcomes(self) -> None:
        if not self.ended:
            return
        taken_back = {record.outcome_id for record in self.records}
        numbers: Counter[int] = Counter()
        breached = set()
        ended = Outcome.objects.filter(clock__in=[row.pk for _, row, _ in self.ended])
        for outcome in ended.annotate(taken_back_by=F("revocations")):
            numbers[outcome.clock_id] += 1
            stands = outcome.taken_back_by is None and outcome.pk not in taken_back
            if stands and outcome.state == Clock.State.BREACHED:
                breached.add(outcome.clock_id)
        Outcome.objects.bulk_create(
            _outcome(ticket, row, seen, numbers[row.pk] + 1)
            for ticket, row, seen in self.ended
            if row.pk not in breached
        )


def _latest_warning(seen: Seen, missing: list[Fact]) -> Fact | None:
    """The one warning still worth sending: the latest of a clock that runs (docs/sla.md W2)."""
    if seen.state != "running":
        return None
    present = [
        fact for fact in missing if fact.kind == "warned" and fact.generation == seen.generation
    ]
    return present[-1] if present else None


def _breach_of(known: list[Record], generation: int) -> Record | None:
    breaches = [
        record
        for record in known
        if record.kind == Record.Kind.BREACHED and record.generation == generation
    ]
    return breaches[-1] if breaches else None


def _valid_outcomes(clocks: list[int]) -> dict[int, Outcome]:
    if not clocks:
        return {}
    outcomes = Outcome.objects.filter(clock__in=clocks, revocations__isnull=True).order_by(
        "number"
    )
    return {outcome.clock_id: outcome for outcome in outcomes}


def _identity(record: Record) -> tuple[int, str, str, int]:
    return record.clock_id, record.kind, record.step, record.generation


def _outcome(ticket: Ticket, row: Row, seen: Seen, number: int) -> Outcome:
    ended_at = seen.ended_at or seen.started_at
    wall = [
        (part.state, int((part.end - part.start).total_seconds()))
        for part in seen.segments
        if part.end is not None
    ]
    return Outcome(
        clock_id=row.pk,
        number=number,
        state=seen.state,
        reason=seen.reason,
        choice_id=row.choice_id,
        target=seen.target,
        business_seconds=seen.consumed,
        wall_seconds=sum(length for _, length in wall),
        paused_seconds=sum(length for state, length in wall if state == "paused"),
        late_business_seconds=seen.late_business_seconds,
        late_wall_seconds=seen.late_wall_seconds(ended_at),
        metric=seen.metric,
        organisation_id=ticket.organisation_id,
        product_id=ticket.product_id,
        team_id=ticket.team_id,
        category=ticket.category or "",
        priority=ticket.priority,
        due_at=seen.due_at,
        ended_at=ended_at,
    )
