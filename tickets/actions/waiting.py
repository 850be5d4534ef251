"""Since when a customer waits for our words: what “Waiting on us” goes by."""

from datetime import datetime

from django.db.models import Q

from tickets.models import Event, Message, Ticket
from tickets.models.tickets import LIVE

Kind = Event.Kind


def waiting_since(ticket: Ticket, status: str) -> datetime | None:
    """Work out from the history since when the customer waits, as if at this status.

    An objection to a resolution counts like words; notes and integrations answer nobody.
    """
    if status not in LIVE:
        return None
    words = Q(
        kind__in=[Kind.OPENED, Kind.MESSAGE_ADDED],
        message__kind=Message.Kind.REPLY,
        message__withdrawn_at__isnull=True,
        message__is_automatic=False,
    )
    told = ticket.events.filter(words | Q(kind=Kind.REOPENED, after__by="customer"))
    since: datetime | None = None
    for at, by in told.order_by("sequence").values_list("at", "after__by"):
        since = None if by == "agent" else since or at
    return since
