"""Mails to third parties of side conversations (TICKET_EVENT_SUBSCRIBERS)."""

from collections.abc import Sequence

from channels import post
from tickets.models import UNDO_WINDOW, Event

_TELLING = {Event.Kind.SIDE_STARTED, Event.Kind.SIDE_WRITTEN}


def on_events(events: Sequence[Event]) -> None:
    """Owe each address what was written to it, once it cannot be taken back; may run twice."""
    for event in events:
        if event.kind in _TELLING:
            post.queue_to(event.after["with"], event, next_at=event.at + UNDO_WINDOW)
