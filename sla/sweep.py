"""What beat runs for silence: clocks whose time has come without anybody doing anything.

Two sweeps at once do no harm: tickets are locked in number order and skipped when they are taken,
the clocks are read again under the lock, and nothing is recorded twice.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import transaction

from accounts.database_time import database_time
from sla.escalation import carry_out
from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Clock, Escalation
from tickets.models import Ticket

BATCH = 500
# What is read of a ticket to judge its clocks, and to freeze what it was when one ended.
JUDGED = (
    "number", "version", "updated_at", "due_at", "organisation", "product", "team", "category",
    "priority",
)  # fmt: skip


def sweep(at: datetime | None = None) -> int:
    """Record every warning and breach that is due, and say how many records it made.

    Without `at`, each batch is judged by the database's time, on which all workers agree.
    """
    return sum(_batches(at))


def _batches(at: datetime | None) -> Iterator[int]:
    before: set[int] = set()
    while True:
        with transaction.atomic():
            now = at or database_time()
            tickets = _due_tickets(now)
            numbers = {ticket.pk for ticket in tickets}
            if numbers <= before:  # none, or only such that cannot be worked out (C6)
                return
            before = numbers
            recorded = look_at(tickets, now)
        yield recorded


def look_at(tickets: Sequence[Ticket], at: datetime) -> int:
    """Record what has become due on these locked tickets, and do what its steps ask for."""
    recorded = settle(tickets, happenings_of(ticket.pk for ticket in tickets), at)
    carry_out(tickets, at)
    return recorded


def _due_tickets(now: datetime) -> list[Ticket]:
    """Lock a batch of tickets with a due clock, or a step that somebody else has found due.

    The lock order is ticket, then its clocks.
    """
    due = Clock.objects.filter(next_fire_at__lte=now).order_by("next_fire_at")
    left = Escalation.objects.filter(done_at__isnull=True).order_by("record")
    numbers = {
        *due.values_list("ticket_id", flat=True)[:BATCH],
        *left.values_list("ticket_id", flat=True)[:BATCH],
    }
    return list(
        Ticket.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        .only(*JUDGED)
        .filter(pk__in=sorted(numbers)[:BATCH])
        .order_by("number")
    )
