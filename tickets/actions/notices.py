"""Asking that somebody be told of a ticket; what is sent is up to the channels."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from accounts.actor import Actor
from tickets.actions._door import lock
from tickets.events import record
from tickets.models import Event


@transaction.atomic
def ask_notice(
    number: int, to: Iterable[str | int], *, actor: Actor, at: datetime, why: str = ""
) -> Event:
    """Record that these are to be told: `assignee`, `team`, `account_manager`, or keys of people.

    It changes nothing of the ticket. `why` is what they are told it is about.
    """
    ticket = lock(number, actor, "triage")
    after = {"to": list(to), "why": why}
    return record(ticket, Event.Kind.NOTICE_ASKED, actor=actor, at=at, after=after)
