"""Marking tickets as spam, and taking the mark away."""

from datetime import datetime

from django.db import transaction

from accounts.actions.people import change_person
from accounts.actor import Actor
from tickets.actions._door import change, lock
from tickets.actions.waiting import waiting_since
from tickets.errors import Merged
from tickets.models import Event, Status

Kind = Event.Kind


@transaction.atomic
def mark_spam(
    number: int, *, actor: Actor, at: datetime, block_sender: bool = False
) -> Event | None:
    """Close the ticket from any status as spam, outside all reports; can block the sender.

    :raises Merged: its words are part of another ticket.
    """
    ticket = lock(number, actor, "spam")
    if ticket.is_spam:
        return None
    if ticket.merged_into_id:
        raise Merged
    if block_sender and not ticket.requester.is_staff_member:
        change_person(ticket.requester_id, actor=actor, at=at, is_blocked=True)
    return change(
        ticket, Kind.SPAM_MARKED, actor=actor, at=at, is_spam=True,
        status=Status.CLOSED.value, closed_at=max(at, ticket.updated_at), waiting_since=None,
    )  # fmt: skip


@transaction.atomic
def unmark_spam(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Say that it was no spam: the status before comes back, and the sender is heard again."""
    ticket = lock(number, actor, "spam")
    if not ticket.is_spam:
        return None
    marked = ticket.events.filter(kind=Kind.SPAM_MARKED).latest("sequence")
    if ticket.requester.is_blocked:
        change_person(ticket.requester_id, actor=actor, at=at, is_blocked=False)
    status = marked.before.get("status", Status.CLOSED)
    return change(
        ticket, Kind.SPAM_UNMARKED, actor=actor, at=at, is_spam=False, status=status,
        closed_at=ticket.closed_at if status == Status.CLOSED else None,
        waiting_since=waiting_since(ticket, status),
    )  # fmt: skip
