"""Who is copied on a ticket: customers who read it and get its public replies besides its own."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import User
from tickets.actions._door import lock
from tickets.errors import Invalid
from tickets.events import plain, record
from tickets.models import Copy, Event, Ticket

MOST_COPIES = 20


@transaction.atomic
def set_cc(number: int, people: Iterable[User], *, actor: Actor, at: datetime) -> Event | None:
    """Copy exactly these customers on the ticket; the private links of others die.

    :raises Invalid: one of them is the requester, works at the desk or was closed, or there are
        more than twenty.
    """
    return put_copies(lock(number, actor, "set_cc"), people, actor=actor, at=at)


@transaction.atomic
def add_cc(number: int, person: User, *, actor: Actor, at: datetime) -> Event | None:
    """Copy a customer on the ticket besides those who are already.

    :raises Invalid: the same as `set_cc`.
    """
    ticket = lock(number, actor, "set_cc")
    return put_copies(ticket, [*copied_on(ticket), person], actor=actor, at=at)


@transaction.atomic
def remove_cc(number: int, person_id: int, *, actor: Actor, at: datetime) -> Event | None:
    """Copy a customer on the ticket no more; their private links die."""
    ticket = lock(number, actor, "set_cc")
    kept = [person for person in copied_on(ticket) if person.pk != person_id]
    return put_copies(ticket, kept, actor=actor, at=at)


def put_copies(
    ticket: Ticket, people: Iterable[User], *, actor: Actor, at: datetime
) -> Event | None:
    """Copy exactly these customers on a locked ticket.

    :raises Invalid: the same as `set_cc`.
    """
    before = {person.pk: person for person in copied_on(ticket)}
    after = {person.pk: person for person in people}
    if before.keys() == after.keys():
        return None
    _refuse(ticket, [after[key] for key in after.keys() - before.keys()], len(after))
    gone = before.keys() - after.keys()
    ticket.copies.filter(person__in=gone).delete()
    ticket.public_links.filter(person__in=gone, revoked_at__isnull=True).update(revoked_at=at)
    new = [Copy(ticket=ticket, person_id=key) for key in after if key not in before]
    Copy.objects.bulk_create(new)
    return record(
        ticket, Event.Kind.CC_SET, actor=actor, at=at,
        before={"cc": [plain(person) for person in before.values()]},
        after={"cc": [plain(person) for person in after.values()]},
    )  # fmt: skip


def copied_on(ticket: Ticket) -> list[User]:
    """Give who is copied on a ticket, in the order in which they were added."""
    return [row.person for row in ticket.copies.select_related("person").order_by("pk")]


def carry_copies(source: Ticket, target: Ticket, *, actor: Actor, at: datetime) -> None:
    """Copy on a locked ticket who is copied on the one it comes from, as far as they still may."""
    fitting = [person for person in copied_on(source) if not _refusal(target, person)]
    put_copies(target, fitting, actor=actor, at=at)


def _refuse(ticket: Ticket, new: list[User], count: int) -> None:
    if count > MOST_COPIES:
        raise Invalid(_("At most 20 people can be copied on a ticket."), pointer="cc")
    for person in new:
        if refusal := _refusal(ticket, person):
            raise Invalid(refusal, pointer="cc")


def _refusal(ticket: Ticket, person: User) -> str:
    if person.pk == ticket.requester_id:
        return _("The requester gets every reply anyway.")
    if person.is_staff_member:
        return _("Colleagues watch a ticket; only customers are copied.")
    if person.merged_into_id or not person.is_active or person.is_blocked:
        return _("This person cannot be copied.")
    return ""
