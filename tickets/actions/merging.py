"""Merging a ticket into another one, and taking that back."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.actions._door import change, lock, lock_pair
from tickets.actions.waiting import waiting_since
from tickets.errors import Conflict, Invalid, Merged, NotAllowed
from tickets.events import plain, record
from tickets.models import Event, Status, Ticket

Kind = Event.Kind


@transaction.atomic
def merge(number: int, into: int, *, actor: Actor, at: datetime) -> Event | None:
    """Close the ticket from any status and let its words be part of the other's story.

    Needs no category; nobody gets a mail. Its live clocks are cancelled, and the other's first
    response counts from when the older customer began to wait (docs/sla.md R4).

    :raises Merged: it was merged before.
    :raises Conflict: one of them is spam, or the other is closed or was merged itself.
    :raises Invalid: there is no such other ticket, or it is the same.
    """
    source, target = lock_pair(number, into, actor, "merge", pointer="into")
    _refuse(source, target)
    event = change(
        source, Kind.MERGED, actor=actor, at=at, other=target, merged_into=target,
        status=Status.CLOSED.value, closed_at=source.closed_at or max(at, source.updated_at),
        waiting_since=None,
    )  # fmt: skip
    _tell(target, Kind.MERGED_IN, source, _oldest_wait(target), actor, at)
    return event


@transaction.atomic
def unmerge(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Take a merge back: the status before returns, and the clocks go on (docs/sla.md R4).

    :raises NotAllowed: the actor does not see the ticket that it was merged into.
    """
    into = Ticket.objects.filter(pk=number).values_list("merged_into", flat=True).first()
    if into is None:
        lock(number, actor, "merge")
        return None
    try:
        source, target = lock_pair(number, into, actor, "merge", pointer="into")
    except Invalid:
        raise NotAllowed from None
    if source.merged_into_id != into:  # somebody else took it back meanwhile
        return None
    merged = source.events.filter(kind=Kind.MERGED).latest("sequence")
    status = merged.before.get("status", Status.CLOSED)
    event = change(
        source, Kind.UNMERGED, actor=actor, at=at, other=target, merged_into=None, status=status,
        closed_at=source.closed_at if status == Status.CLOSED else None,
        waiting_since=waiting_since(source, status),
    )  # fmt: skip
    _tell(target, Kind.MERGED_OUT, source, _oldest_wait(target), actor, at)
    return event


def refusal_to_merge(source: Ticket, target: Ticket) -> str:
    """Say why these two cannot be merged, or nothing."""
    try:
        _refuse(source, target)
    except Conflict as refusal:
        return str(refusal)
    return ""


def _refuse(source: Ticket, target: Ticket) -> None:
    if source.merged_into_id:
        raise Merged(_("This ticket was merged before. Take that back first."))
    if source.is_spam:
        raise Conflict(_("This ticket is spam and cannot be merged."))
    if target.is_spam:
        raise Conflict(_("The other ticket is spam."), pointer="into")
    if target.merged_into_id:
        raise Conflict(_("The other ticket was merged itself."), pointer="into")
    if target.status == Status.CLOSED:
        raise Conflict(_("The other ticket is closed."), pointer="into")


def _oldest_wait(target: Ticket) -> datetime | None:
    """Since when the customer has waited longest whose ticket is merged into this one."""
    merges = Event.objects.filter(kind=Kind.MERGED, ticket__merged_into=target)
    last = merges.order_by("ticket", "-sequence").distinct("ticket")
    waits = [wait for wait in last.values_list("before__waiting_since", flat=True) if wait]
    return min(map(datetime.fromisoformat, waits), default=None)


def _tell(
    target: Ticket, kind: Event.Kind, source: Ticket, since: datetime | None, actor: Actor,
    at: datetime,
) -> None:  # fmt: skip
    after: dict[str, Any] = {"ticket": source.pk, "since": plain(since)}
    record(target, kind, actor=actor, at=at, after=after, other=source)
