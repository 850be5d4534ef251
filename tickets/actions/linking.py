"""Linking tickets: what one is to another, told on both, and taken away again."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.actions._door import lock, lock_pair
from tickets.errors import Conflict, Invalid, NotFound
from tickets.events import record
from tickets.models import Event, Link, Relation, Ticket

Kind = Event.Kind
MOST_LINKS = 100
_FAMILY_LOCK = 7_106_319  # any number that no other advisory lock of the desk uses


@transaction.atomic
def link(number: int, other: int, relation: str, *, actor: Actor, at: datetime) -> Link:
    """Say what the ticket is to another one; both get an event. What is said already stays.

    :raises Invalid: there is no such relation or ticket, or it is the same ticket.
    :raises Conflict: a ticket would be its own ancestor, or there are 100 links.
    """
    if relation not in Relation.values:
        raise Invalid(_("This is not a kind of link."), pointer="relation")
    ticket, far = lock_pair(number, other, actor, "link", pointer="ticket")
    said = Relation(relation)
    near, word, end = (ticket, said, far) if said.is_stored else (far, said.inverse, ticket)
    if said == Relation.RELATES_TO:
        near, end = sorted([ticket, far], key=lambda each: each.pk)
    if known := Link.objects.filter(ticket=near, relation=word, other=end).first():
        return known
    refuse_too_many(ticket, far)
    if word == Relation.PARENT_OF:
        _refuse_ring(parent=near, child=end)
    made = Link.objects.create(
        ticket=near, relation=word, other=end, created_at=max(at, near.updated_at)
    )
    _tell(Kind.LINKED, made, actor, at)
    return made


@transaction.atomic
def unlink(number: int, pk: int, *, actor: Actor, at: datetime) -> None:
    """Take a link away; both tickets get an event.

    :raises NotFound: the ticket has no such link, or the actor does not see its other end.
    """
    found = Link.objects.filter(Q(ticket=number) | Q(other=number), pk=pk).first()
    if found is None:
        lock(number, actor, "link")
        raise NotFound
    far = found.other_id if found.ticket_id == number else found.ticket_id
    try:
        lock_pair(number, far, actor, "link", pointer="link")
    except Invalid:
        raise NotFound from None
    kept = Link.objects.select_related("ticket", "other").filter(pk=pk).first()
    if kept is None:  # somebody else took it away meanwhile
        raise NotFound
    _tell(Kind.UNLINKED, kept, actor, at)
    kept.delete()


def links_of(number: int, actor: Actor) -> list[Link]:
    """Read a ticket's links whose other end the actor sees, in the order they were made."""
    seen = Ticket.objects.visible_to(actor).values("pk")
    return list(
        Link.objects.filter(Q(ticket=number, other__in=seen) | Q(other=number, ticket__in=seen))
        .select_related("ticket", "other")
        .order_by("pk")
    )


def _tell(kind: Event.Kind, told: Link, actor: Actor, at: datetime) -> None:
    for ticket, far in ((told.ticket, told.other), (told.other, told.ticket)):
        said: dict[str, object] = {
            "relation": told.relation_seen_from(ticket.pk).value,
            "ticket": far.pk,
        }
        before, after = (said, {}) if kind == Kind.UNLINKED else ({}, said)
        record(ticket, kind, actor=actor, at=at, before=before, after=after, other=far)


def refuse_too_many(*tickets: Ticket) -> None:
    """Refuse one more link on a ticket that has the most it may have.

    :raises Conflict: there are 100 links.
    """
    for ticket in tickets:
        if Link.objects.filter(Q(ticket=ticket) | Q(other=ticket)).count() >= MOST_LINKS:
            raise Conflict(_("A ticket can have at most 100 links."), pointer="ticket")


def _refuse_ring(*, parent: Ticket, child: Ticket) -> None:
    """Walk up from the parent under one lock for all, or two walks at once could miss a ring."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_FAMILY_LOCK])
    above = [parent.pk]
    seen = set(above)
    while above:
        if child.pk in above:
            raise Conflict(_("A ticket cannot be above itself."), pointer="ticket")
        parents = Link.objects.filter(relation=Relation.PARENT_OF, other__in=above)
        above = [pk for pk in parents.values_list("ticket", flat=True) if pk not in seen]
        seen.update(above)
