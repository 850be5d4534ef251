"""What a customer reads of a ticket: the words exchanged, oldest first."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from accounts.actor import Actor
from tickets import attachments
from tickets.models import Attachment, Message, Ticket
from web.timeline import File


@dataclass(frozen=True)
class Entry:
    """One message as the customer sees it."""

    message: Message
    is_mine: bool
    files: list[File]


def entries(ticket: Ticket, actor: Actor, at: datetime) -> list[Entry]:
    """Read the messages this actor may see, with their files, in three queries."""
    messages = (
        Message.objects.visible_to(actor, at)
        .filter(ticket=ticket)
        .select_related("author")
        .prefetch_related("attachments")
        .order_by("created_at", "id")
    )
    return [
        Entry(
            message=message,
            is_mine=not message.author_is_agent,
            files=[_file(ticket, each) for each in message.attachments.all()],
        )
        for message in messages
    ]


def _file(ticket: Ticket, attachment: Attachment) -> File:
    return File(
        key=attachment.key,
        name=attachment.name,
        size=attachment.size,
        href=reverse("portal:file", args=[ticket.number, attachment.key]),
        is_picture=attachment.media_type in attachments.SHOWN_INLINE,
        redacted_at=attachment.redacted_at,
    )
