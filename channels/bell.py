"""The bell: what a colleague has not seen yet, each line until it or its ticket is opened."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, QuerySet, When

from accounts.actor import Actor
from accounts.models import User
from channels.models import Notification
from channels.post import Debt
from tickets.models import Ticket

MOST = 100
_RING = """
INSERT INTO channels_notification (kind, event_id, ticket_id, recipient_id, created_at)
SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[], %s::timestamptz[])
ON CONFLICT (event_id, recipient_id) DO NOTHING
"""


def ring_for(owed: Sequence[Debt]) -> None:
    """Write a line for each of these; asking twice writes it once."""
    if not owed:
        return
    rows = [
        (str(debt.kind), debt.event.pk, debt.event.ticket_id, debt.person.pk, debt.event.at)
        for debt in owed
    ]
    with connection.cursor() as cursor:
        cursor.execute(_RING, [list(column) for column in zip(*rows, strict=True)])


def lines_of(person: User, actor: Actor) -> QuerySet[Notification]:
    """List a colleague's lines about tickets that they still see, the newest first; none about
    words that were taken back."""
    return (
        Notification.objects.filter(
            recipient=person,
            ticket__in=Ticket.objects.visible_to(actor).values("pk"),
            event__message__withdrawn_at__isnull=True,
        )
        .select_related("event", "ticket")
        .order_by("-id")
    )


def unread(person: User, actor: Actor) -> Case:
    """List, in a query of people, the unread lines of this person, no more than 100 of them.

    Everybody else's are no list but none.
    """
    waiting = lines_of(person, actor).filter(read_at__isnull=True)
    return Case(When(pk=person.pk, then=ArraySubquery(waiting.order_by().values("pk")[:MOST])))


def read(person: User, at: datetime, *, line: int | None = None, ticket: int | None = None) -> int:
    """Mark one line, those of one ticket, or all as read; gives how many were not yet."""
    waiting = Notification.objects.filter(recipient=person, read_at__isnull=True)
    if line is not None:
        waiting = waiting.filter(pk=line)
    if ticket is not None:
        waiting = waiting.filter(ticket=ticket)
    return waiting.update(read_at=at)
