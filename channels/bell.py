"""The bell: what a colleague has not seen yet, each line until it or its ticket is opened."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.models import User
from channels.models import Notification
from channels.post import Debt
from tickets.models import Ticket

MOST_COUNTED = 99  # the bell says “99+”


def ring_for(owed: Iterable[Debt]) -> None:
    """Write a line for each of these; asking twice writes it once."""
    rows = [
        Notification(
            recipient=debt.person, event=debt.event, ticket_id=debt.event.ticket_id,
            kind=debt.kind, created_at=debt.event.at,
        )
        for debt in owed
    ]  # fmt: skip
    Notification.objects.bulk_create(rows, ignore_conflicts=True)


def lines_of(person: User, actor: Actor) -> QuerySet[Notification]:
    """List a colleague's lines about tickets that they still see, the newest first."""
    return (
        Notification.objects.filter(
            recipient=person, ticket__in=Ticket.objects.visible_to(actor).values("pk")
        )
        .select_related("event", "ticket")
        .order_by("-id")
    )


def unread(person: User, actor: Actor) -> int:
    """Count the unread lines, up to one more than the bell can say."""
    waiting = lines_of(person, actor).filter(read_at__isnull=True).order_by()
    return len(waiting.values_list("pk", flat=True)[: MOST_COUNTED + 1])


def read(person: User, at: datetime, *, line: int | None = None, ticket: int | None = None) -> int:
    """Mark one line, those of one ticket, or all as read; gives how many were not yet."""
    waiting = Notification.objects.filter(recipient=person, read_at__isnull=True)
    if line is not None:
        waiting = waiting.filter(pk=line)
    if ticket is not None:
        waiting = waiting.filter(ticket=ticket)
    return waiting.update(read_at=at)
