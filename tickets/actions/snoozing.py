"""Putting a ticket aside until a time or the customer's answer, and waking it."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.actions._door import AWAKE, change, lock
from tickets.errors import Conflict, Invalid
from tickets.models import Event, Ticket

Kind = Event.Kind
LONGEST = timedelta(days=366)


@transaction.atomic
def snooze(number: int, until: datetime | None, *, actor: Actor, at: datetime) -> Event | None:
    """Keep the ticket out of the views of live tickets until a time, or for None until the answer.

    Its clocks go on running. A customer's message wakes it before the time, and its end does.

    :raises Invalid: the time is over, or more than a year away.
    :raises Conflict: nobody has work with it any more.
    """
    ticket = lock(number, actor, "snooze")
    if not ticket.is_live:
        raise Conflict(_("Only a ticket that is not finished can be snoozed."))
    at = max(at, ticket.updated_at)
    if until is not None and not at < until <= at + LONGEST:
        raise Invalid(_("Choose a time to come, within a year."), pointer="until")
    if ticket.snoozed_at is not None and ticket.snoozed_until == until:
        return None
    return change(ticket, Kind.SNOOZED, actor=actor, at=at, snoozed_at=at, snoozed_until=until)


@transaction.atomic
def wake(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Let a snoozed ticket come back to its views at once."""
    return to_awake(lock(number, actor, "snooze"), actor=actor, at=at)


@transaction.atomic
def wake_if_due(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Wake the ticket if its time has come, and it was not snoozed again for longer."""
    ticket = lock(number, actor, "snooze")
    if ticket.snoozed_until is None or ticket.snoozed_until > at:
        return None
    return to_awake(ticket, actor=actor, at=at)


def to_awake(ticket: Ticket, *, actor: Actor, at: datetime) -> Event | None:
    """Wake a locked ticket."""
    return change(ticket, Kind.WOKEN, actor=actor, at=at, **AWAKE)
