"""What should stand in the records, worked out offline from the histories; and what does.

No test itself, so that processes beside a stack may ask it too.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.database_time import database_time
from sla.clocks import evaluate
from sla.history import happenings_of
from sla.models import Record
from tickets.models import Event, Ticket

Row = tuple[Any, ...]  # ticket, metric, cycle, kind, step, generation, due at, occurred at
FACTS = ("warned", "escalated", "breached", "superseded")
TOLD = ("warned", "escalated", "breached")


def recorded(numbers: Iterable[int]) -> set[Row]:
    """Everything that the records say of these tickets, but corrections."""
    return set(
        Record.objects.filter(clock__ticket__in=numbers, kind__in=FACTS).values_list(
            "clock__ticket", "clock__metric", "clock__seq", "kind", "step", "generation",
            "due_at", "occurred_at",
        )
    )  # fmt: skip


def owed(numbers: Iterable[int], at: datetime) -> set[Row]:
    """The same from the events alone, worked out at once as of an instant."""
    return {
        (number, clock.metric, clock.seq, fact.kind, fact.step, fact.generation, fact.due_at,
         fact.at)
        for number, story in happenings_of(numbers).items()
        for clock in evaluate(story, at)
        for fact in clock.facts
        if fact.kind != "revoked"
    }  # fmt: skip


def compared() -> dict[str, int]:
    """Count, over all tickets, what is recorded, missing, too early or for nothing, ill told."""
    numbers = list(Ticket.objects.values_list("number", flat=True))
    written = recorded(numbers)  # before the time is asked: what is due later is too early
    due = owed(numbers, database_time())
    return {
        "recorded": len(written),
        "missing": len(due - written),
        "surplus": len(written - due),
        "ill_told": len(_told_by_events() ^ _told_by_records()),
    }


def _told_by_records() -> set[Row]:
    told = Record.objects.filter(kind__in=TOLD, is_skipped=False)
    columns = ("clock__ticket", "clock__metric", "clock__seq", "kind", "step", "generation")
    return {(*row, 1) for row in told.values_list(*columns)}


def _told_by_events() -> set[Row]:
    words = ("metric", "seq", "what", "step", "generation")
    events = Event.objects.filter(kind__in=[f"sla.{kind}" for kind in TOLD])
    rows = events.values_list("ticket", *(f"after__{word}" for word in words))
    return {(*row, count) for row, count in Counter(rows).items()}
