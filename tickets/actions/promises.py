"""The one projected column: when an answer is due."""

from datetime import datetime

from tickets.models import Ticket


def set_due(ticket: Ticket, due_at: datetime | None) -> None:
    """Store the earliest due time of the ticket's clocks; called by sla.ledger alone.

    No event: the events that moved the clocks are the history.
    """
    if ticket.due_at != due_at:
        ticket.due_at = due_at
        ticket.save(update_fields=["due_at"])
