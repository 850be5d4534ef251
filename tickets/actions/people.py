"""Changing a person with what follows for tickets: how they are found, and who has them."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actions import people
from accounts.actor import Actor
from accounts.models import User
from tickets import search
from tickets.actions.owners import unassign
from tickets.models import Status, Ticket


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
        search.refresh(Ticket.objects.filter(requester=person))
    if {"role", "is_active"} & set(values) and not (person.is_active and person.is_staff_member):
        _leave_desk(person, actor, at)
    return person


def _leave_desk(person: User, actor: Actor, at: datetime) -> None:
    left = Ticket.objects.filter(assignee=person).exclude(status=Status.CLOSED)
    for number in list(left.order_by("number").values_list("number", flat=True)):
        unassign(number, actor=actor, at=at)
    person.teams.clear()
    person.watches.all().delete()
