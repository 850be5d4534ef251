"""The one projected column: when an answer is due."""

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from tickets.models import Ticket

_STORE = """
UPDATE tickets_ticket SET due_at = told.due_at
FROM unnest(%s::bigint[], %s::timestamptz[]) AS told (number, due_at)
WHERE tickets_ticket.number = told.number
"""


def set_due(told: Iterable[tuple[Ticket, datetime | None]]) -> None:
    """Store the earliest due time of each ticket's clocks; called by sla.ledger alone.

    No event: the events that moved the clocks are the history.
    """
    moved = [(ticket, due_at) for ticket, due_at in told if ticket.due_at != due_at]
    if not moved:
        return
    for ticket, due_at in moved:
        ticket.due_at = due_at
    with connection.cursor() as cursor:
        cursor.execute(
            _STORE, [[ticket.pk for ticket, _ in moved], [due_at for _, due_at in moved]]
        )
