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
    name: str
    is_mine: bool
    files: list[File]


def entries(ticket: Ticket, actor: Actor, at: datetime) -> list[Entry]:
    """Read the messages this actor may see, with their files, in four queries."""
    messages = (
        Message.objects.visible_to(actor, at)
        .of_story(ticket, actor)
        .select_related("author")
        .prefetch_related("attachments")
        .order_by("created_at", "id")
    )
    return [
        Entry(
            message=message,
            name=message.name_for(actor),
            is_mine=not message.author_is_agent,
            files=[_file(message, each) for each in message.attachments.all()],
        )
        for message in messages
    ]


def _file(message: Message, attachment: Attachment) -> File:
    return File(
        key=attachment.key,
        name=attachment.name,
        size=attachment.size,
        href=reverse(
            "portal:file", args=[message.sent_to_id or message.ticket_id, attachment.key]
        ),
        is_picture=attachment.media_type in attachments.SHOWN_INLINE,
        redacted_at=attachment.redacted_at,
    )
