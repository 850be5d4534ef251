"""What every action does first and last: lock, ask for permission, change, record."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed, NotFound
from tickets.events import plain, record
from tickets.models import Event, Ticket
from tickets.models.tickets import LIVE
from tickets.permissions import may

AWAKE: dict[str, Any] = {"snoozed_at": None, "snoozed_until": None}


def lock(number: int, actor: Actor, verb: str) -> Ticket:
    """Lock the ticket's row and check that the actor sees it, or has it in hand, and may do this.

    :raises NotFound: it is not there, or the actor may not see it.
    :raises NotAllowed: the role or the token does not include the verb.
    """
    seen = Ticket.objects.all() if actor.in_hand == number else Ticket.objects.visible_to(actor)
    # No key: who writes a row that points at the ticket must not wait, or all wait in a circle.
    ticket = seen.select_for_update(of=("self",), no_key=True).filter(pk=number).first()
    if ticket is None:
        raise NotFound
    if not may(actor, verb, ticket):
        raise NotAllowed
    return ticket


def lock_pair(
    number: int, other: int, actor: Actor, verb: str, *, pointer: str
) -> tuple[Ticket, Ticket]:
    """Lock two tickets, the lower number first, so that no two pairs wait for each other.

    :raises NotFound: the first is not there, or the actor may not see it.
    :raises Invalid: the same holds for the other, or both are one; `pointer` names its field.
    :raises NotAllowed: the role or the token does not include the verb for both.
    """
    if number == other:
        raise Invalid(_("Name another ticket, not this one itself."), pointer=pointer)
    found = {}
    for each in sorted([number, other]):
        try:
            found[each] = lock(each, actor, verb)
        except NotFound:
            if each == number or not Ticket.objects.visible_to(actor).filter(pk=number).exists():
                raise
            raise Invalid(_("There is no such ticket."), pointer=pointer) from None
    return found[number], found[other]


def lock_home(number: int, actor: Actor, verb: str) -> tuple[Ticket, Ticket]:
    """Lock a ticket and the one that it was merged into in the end, which is itself if it was not.

    All on the way between are locked, the lowest number first; a merge that came in between
    lets the locks go and looks again.

    :raises NotFound: the first is not there, or the actor may not see it.
    :raises NotAllowed: the role or the token does not include the verb.
    """
    while True:
        with transaction.atomic():
            way = Ticket(pk=number).home_numbers()
            rows = Ticket.objects.filter(pk__in=[number, *way]).order_by("pk")
            found = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
            source = lock(number, actor, verb)
            if source.home_numbers() == way:
                return source, found[way[-1]] if way else source
            transaction.set_rollback(True)


def change(
    ticket: Ticket, kind: Event.Kind, *, actor: Actor, at: datetime, by: str = "",
    how: str = "", other: Ticket | None = None, **values: Any,
) -> Event | None:  # fmt: skip
    """Set columns of a locked ticket and record it; equal values make no event.

    What finishes the ticket, by whatever way, wakes it as well. `by` is "customer" or "agent"
    where the clocks depend on who did it (docs/sla.md K11), `how` a way that is worth telling.
    """
    if values.get("status", ticket.status) not in LIVE:
        values = AWAKE | values
    changed = {name: value for name, value in values.items() if getattr(ticket, name) != value}
    if not changed:
        return None
    before = {name: plain(getattr(ticket, name)) for name in changed}
    for name, value in changed.items():
        setattr(ticket, name, value)
    told = {name: said for name, said in (("by", by), ("how", how)) if said}
    return record(
        ticket,
        kind,
        actor=actor,
        at=at,
        before=before,
        after={name: plain(value) for name, value in changed.items()} | told,
        changed=tuple(changed),
        other=other,
    )
