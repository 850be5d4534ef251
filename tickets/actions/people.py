"""Changing people and organisations with what follows for tickets: who finds and has them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import groups, people
from accounts.actor import Actor
from accounts.models import Organisation, User
from tickets import search
from tickets.actions.owners import unassign
from tickets.models import Reindexing, Status, Ticket


@transaction.atomic
def change_person(person: User, *, actor: Actor, at: datetime, **values: Any) -> User:
    """Change a person and refresh the words by which their tickets are found.

    Who works at the desk no longer, by a closed account or as a customer from now on, leaves
    teams and watches; tickets that are not closed go back to their teams.

    :raises NotAllowed: a field is not the actor's to change.
    :raises EmailTaken: somebody else has the new address.
    :raises LastAdmin: nobody would be left to run the desk.
    """
    person = people.change_person(person.pk, actor=actor, at=at, **values)
    if {"name", "email"} & set(values):
        search.refresh(Ticket.objects.filter(requester=person).order_by("number"))
    if {"role", "is_active"} & set(values) and not (person.is_active and person.is_staff_member):
        _leave_desk(person, actor, at)
    return person


@transaction.atomic
def save_organisation(
    organisation: Organisation | None, *, actor: Actor, at: datetime, **values: Any
) -> Organisation:
    """Make or change an organisation; beat brings a new name to where its tickets are found.

    :raises NameTaken: another organisation has the name, or owns a domain.
    :raises Invalid: a domain or a value cannot be used.
    """
    before = organisation.name if organisation else None
    saved = groups.save_organisation(organisation, actor=actor, at=at, **values)
    if before not in (None, saved.name):
        Reindexing.objects.update_or_create(organisation=saved, defaults={"next_number": 0})
    return saved


def _leave_desk(person: User, actor: Actor, at: datetime) -> None:
    left = Ticket.objects.filter(assignee=person).exclude(status=Status.CLOSED)
    for number in list(left.order_by("number").values_list("number", flat=True)):
        unassign(number, actor=actor, at=at)
    person.teams.clear()
    person.watches.all().delete()
