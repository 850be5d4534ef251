"""The checklist of a ticket: what is to be done for it, by whom it was done, in which order."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.names import one_line
from tickets.actions._door import lock
from tickets.errors import Conflict, Invalid, NotFound
from tickets.events import record
from tickets.models import ChecklistItem, Event, Ticket

MOST_ITEMS = 100


@transaction.atomic
def add_item(number: int, text: str, *, actor: Actor, at: datetime) -> ChecklistItem:
    """Put something to do at the end of the list.

    :raises Invalid: it says nothing, or is longer than 250 characters.
    :raises Conflict: there are 100 items.
    """
    ticket = lock(number, actor, "checklist")
    count = ticket.checklist.count()
    if count >= MOST_ITEMS:
        raise Conflict(_("A checklist has at most 100 items."))
    item = ticket.checklist.create(text=_clean(text), place=count + 1)
    _tell(ticket, item, None, _said(item), actor, at)
    return item


@transaction.atomic
def change_item(
    number: int, pk: int, *, actor: Actor, at: datetime, text: str | None = None,
    is_done: bool | None = None, place: int | None = None,
) -> Event | None:  # fmt: skip
    """Say an item otherwise, tick it or take the tick away, or move it; None leaves a thing be.

    :raises NotFound: the ticket has no such item.
    :raises Invalid: the text says nothing or too much, or there is no such place.
    """
    ticket = lock(number, actor, "checklist")
    item = _item(ticket, pk)
    before = _said(item)
    if text is not None:
        item.text = _clean(text)
    if is_done is not None and is_done != bool(item.done_at):
        item.done_at = max(at, ticket.updated_at) if is_done else None
        item.done_by = actor.user if is_done else None
    item.save(update_fields=["text", "done_at", "done_by"])
    if place is not None:
        _move(ticket, item, place)
    after = _said(item)
    return _tell(ticket, item, before, after, actor, at) if before != after else None


@transaction.atomic
def remove_item(number: int, pk: int, *, actor: Actor, at: datetime) -> None:
    """Take an item off the list.

    :raises NotFound: the ticket has no such item.
    """
    ticket = lock(number, actor, "checklist")
    item = _item(ticket, pk)
    _tell(ticket, item, _said(item), None, actor, at)
    item.delete()
    _put_in_order(list(ticket.checklist.order_by("place")))


def checklist_of(ticket: Ticket) -> list[ChecklistItem]:
    """Read what is to be done for a ticket, in its order."""
    return list(ticket.checklist.select_related("done_by").order_by("place"))


def _item(ticket: Ticket, pk: int) -> ChecklistItem:
    item = ticket.checklist.filter(pk=pk).first()
    if item is None:
        raise NotFound
    return item


def _clean(text: str) -> str:
    said = one_line(text)
    if not said:
        raise Invalid(_("Say what is to be done."), pointer="text")
    if len(said) > 250:
        raise Invalid(_("Keep it within 250 characters."), pointer="text")
    return said


def _move(ticket: Ticket, item: ChecklistItem, place: int) -> None:
    items = list(ticket.checklist.order_by("place"))
    if not 1 <= place <= len(items):
        raise Invalid(_("There is no such place on the list."), pointer="place")
    items.remove(item)
    items.insert(place - 1, item)
    _put_in_order(items)


def _put_in_order(items: list[ChecklistItem]) -> None:
    moved = [item for place, item in enumerate(items, 1) if item.place != place]
    for place, item in enumerate(items, 1):
        item.place = place
    ChecklistItem.objects.bulk_update(moved, ["place"])


def _said(item: ChecklistItem) -> dict[str, Any]:
    return {"item": item.text, "is_done": item.done_at is not None, "place": item.place}


def _tell(
    ticket: Ticket, item: ChecklistItem, before: dict[str, Any] | None,
    after: dict[str, Any] | None, actor: Actor, at: datetime,
) -> Event:  # fmt: skip
    """Record what was and what is; an item that is new, or gone, has only one of them."""
    kept = {"id": item.pk}
    return record(
        ticket, Event.Kind.CHECKLIST_CHANGED, actor=actor, at=at,
        before=kept | before if before else {}, after=kept | after if after else {},
    )  # fmt: skip
