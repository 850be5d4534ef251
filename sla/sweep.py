"""What beat runs for silence: clocks whose time has come without anybody doing anything.

Two sweeps at once do no harm: tickets are locked in number order and skipped when they are taken,
the clocks are read again under the lock, and nothing is recorded twice.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db import connection, transaction

from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Clock
from tickets.models import Ticket

BATCH = 500


def sweep() -> int:
    """Record every warning and breach that is due, and say how many records it made."""
    recorded = 0
    for batch in _batches():
        recorded += batch
    return recorded


def _batches() -> Iterator[int]:
    done: set[int] = set()
    while True:
        with transaction.atomic():
            now = database_time()
            tickets = _due_tickets(now, done)
            if not tickets:
                return
            done |= {ticket.pk for ticket in tickets}
            recorded = settle(tickets, happenings_of(ticket.pk for ticket in tickets), now)
        yield recorded


def _due_tickets(now: datetime, done: set[int]) -> list[Ticket]:
    """Lock a batch of tickets with a due clock; the lock order is ticket, then its clocks."""
    due = Clock.objects.filter(next_fire_at__lte=now).values("ticket_id")
    numbers = list(
        due.exclude(ticket__in=done)
        .order_by("next_fire_at")
        .values_list("ticket_id", flat=True)[:BATCH]
    )
    return list(
        Ticket.objects.select_for_update(of=("self",), skip_locked=True)
        .filter(pk__in=numbers)
        .order_by("number")
    )


def database_time() -> datetime:
    """Ask the database for the time, so that all workers agree on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
