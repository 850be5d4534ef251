"""Whose ticket it is: requester, organisation, private links, and merging people."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actions.people import vouch
from accounts.actor import Actor
from accounts.errors import LinkSpent
from accounts.models import Organisation, User
from accounts.permissions import require
from accounts.secrets import digest, new_secret
from tickets.actions._door import change, lock
from tickets.actions.copying import copied_on, put_copies
from tickets.errors import Invalid
from tickets.events import record
from tickets.models import Event, PublicLink, Ticket

Kind = Event.Kind


@transaction.atomic
def set_requester(number: int, requester: User, *, actor: Actor, at: datetime) -> Event | None:
    """Give the ticket another requester and that person's organisation; old links die.

    Who is copied stays so, with their links, but the new requester.

    Visibility follows at once.

    :raises Invalid: the person was merged or closed.
    """
    ticket = lock(number, actor, "set_requester")
    if requester.merged_into_id or not requester.is_active:
        raise Invalid(_("This person cannot have tickets any more."), pointer="requester")
    if requester == ticket.requester:
        return None
    kept = [person for person in copied_on(ticket) if person != requester]
    put_copies(ticket, kept, actor=actor, at=at)
    old = ticket.public_links.filter(revoked_at__isnull=True).exclude(person__in=kept)
    old.update(revoked_at=at)
    event = change(
        ticket, Kind.REQUESTER_SET, actor=actor, at=at,
        requester=requester, requester_confirmed_at=at,
    )  # fmt: skip
    change(ticket, Kind.ORGANISATION_SET, actor=actor, at=at, organisation=requester.organisation)
    return event


@transaction.atomic
def set_organisation(
    number: int, organisation: Organisation | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Count the ticket to another organisation; visibility and promises follow at once."""
    ticket = lock(number, actor, "set_organisation")
    return change(ticket, Kind.ORGANISATION_SET, actor=actor, at=at, organisation=organisation)


@transaction.atomic
def confirm_requester(person: User, *, at: datetime) -> int:
    """Attach to a person's account what was filed under the address, now that it is proven.

    Links that were not mailed die: who filed may be somebody else, who gave a foreign address.
    Gives the number of tickets attached; each joins the person's organisation.
    """
    vouch(person, at=at)
    waiting = Ticket.objects.filter(requester=person, requester_confirmed_at__isnull=True)
    numbers = list(waiting.order_by("number").values_list("number", flat=True))
    actor = Actor.system()
    for number in numbers:
        ticket = lock(number, actor, "set_requester")
        ticket.public_links.filter(person=person, was_mailed=False, revoked_at=None).update(
            revoked_at=at
        )
        change(ticket, Kind.REQUESTER_CONFIRMED, actor=actor, at=at, requester_confirmed_at=at)
        if ticket.organisation_id is None:
            change(
                ticket, Kind.ORGANISATION_SET, actor=actor, at=at,
                organisation=person.organisation,
            )  # fmt: skip
    return len(numbers)


@transaction.atomic
def make_link(
    ticket: Ticket, *, at: datetime, was_mailed: bool, person: User | None = None
) -> str:
    """Make a private link to one ticket, for its requester or a person who is copied, and give
    its secret (90 days).

    A mailed link proves the requester's address when it is used.
    """
    secret = new_secret()
    PublicLink.objects.create(
        digest=digest(secret),
        ticket=ticket,
        person=person or ticket.requester,
        was_mailed=was_mailed,
        created_at=at,
        expires_at=at + PublicLink.LIFETIME,
    )
    return secret


@transaction.atomic
def use_link(secret: str, *, at: datetime) -> PublicLink:
    """Open a private link; a mailed one attaches the requester's tickets to the account.

    :raises LinkSpent: unknown, expired, or the person reads the ticket no more.
    """
    link = (
        PublicLink.objects.select_related("ticket", "person")
        .filter(digest=digest(secret), revoked_at__isnull=True, expires_at__gt=at)
        .first()
    )
    if link is None or not link.person.is_active or not link.ticket.is_read_by(link.person):
        raise LinkSpent
    is_requesters = link.person_id == link.ticket.requester_id
    if is_requesters and link.was_mailed and link.ticket.requester_confirmed_at is None:
        confirm_requester(link.person, at=at)
    return link


@transaction.atomic
def merge_people(source: User, target: User, *, actor: Actor, at: datetime) -> int:
    """Move everything of one customer to another and close the first account.

    Gives the number of tickets that moved. The old address leads to the target from then on.

    :raises Invalid: one of them works at the desk, or both are the same.
    """
    require(actor, "people.merge")
    people = User.objects.select_for_update(of=("self",)).in_bulk([source.pk, target.pk])
    source, target = people[source.pk], people[target.pk]
    if source == target or source.is_staff_member or target.is_staff_member:
        raise Invalid(_("Only two different customers can be merged."), pointer="into")
    if source.merged_into_id or target.merged_into_id or not target.is_active:
        raise Invalid(_("One of them was merged before."), pointer="into")
    numbers = list(
        Ticket.objects.filter(requester=source).order_by("number").values_list("number", flat=True)
    )
    for number in numbers:
        ticket = lock(number, Actor.system(), "set_requester")
        put_copies(
            ticket, [each for each in copied_on(ticket) if each != target], actor=actor, at=at
        )
        ticket.public_links.filter(person=source, revoked_at__isnull=True).update(revoked_at=at)
        before, ticket.requester = ticket.requester, target
        confirmed_at = ticket.requester_confirmed_at and target.email_verified_at and at
        ticket.requester_confirmed_at = confirmed_at
        record(
            ticket, Kind.REQUESTER_SET, actor=actor, at=at,
            before={"requester": {"id": before.pk, "name": before.display_name}},
            after={"requester": {"id": target.pk, "name": target.display_name}, "merged": True},
            changed=("requester", "requester_confirmed_at"),
        )  # fmt: skip
    _move_copies(source, target, actor, at)
    source.messages.update(author=target)
    source.tokens.filter(revoked_at__isnull=True).update(revoked_at=at)
    source.merged_into = target
    source.is_active = False
    source.save(update_fields=["merged_into", "is_active"])
    User.objects.filter(merged_into=source).update(merged_into=target)
    audit.note(actor, "person.merged", source.email, at, into=target.email, tickets=len(numbers))
    return len(numbers)


def _move_copies(source: User, target: User, actor: Actor, at: datetime) -> None:
    """Copy the one where the other was copied, unless the ticket is the own one by now."""
    for number in list(source.copies.order_by("ticket").values_list("ticket", flat=True)):
        ticket = lock(number, Actor.system(), "set_cc")
        people = [target if each == source else each for each in copied_on(ticket)]
        kept = [each for each in people if each.pk != ticket.requester_id and not each.is_blocked]
        put_copies(ticket, kept, actor=actor, at=at)
