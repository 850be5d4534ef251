"""Unsent words, kept on the server until they are sent or thrown away."""

from datetime import datetime

from accounts.actor import Actor
from tickets.errors import NotFound
from tickets.models import Draft, Message, Ticket


def keep_draft(number: int, kind: str, body: str, *, actor: Actor, at: datetime) -> None:
    """Keep what the agent is writing; empty words throw the draft away. No event.

    :raises NotFound: the agent does not see the ticket.
    """
    ticket = Ticket.objects.visible_to(actor).filter(pk=number).first()
    if ticket is None or kind not in Message.Kind.values:
        raise NotFound
    if not body.strip():
        discard_draft(number, kind, actor=actor)
        return
    Draft.objects.update_or_create(
        ticket=ticket,
        user=actor.user,
        kind=kind,
        defaults={"body": body[:200_000], "saved_at": at},
    )


def discard_draft(number: int, kind: str, *, actor: Actor) -> None:
    """Throw the agent's draft on this ticket away."""
    Draft.objects.filter(ticket=number, user=actor.user, kind=kind).delete()
