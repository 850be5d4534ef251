"""Giving back what some events of a ticket changed, as new events; words stay said."""

from datetime import datetime
from typing import Any

from django.db import models, transaction

from accounts.actor import Actor
from accounts.models import User
from tickets.actions._door import change, lock
from tickets.actions.owners import refuse_outsider
from tickets.actions.triage import put_tags, tags_named
from tickets.errors import ChangedSince
from tickets.models import Event, Status, Ticket

Kind = Event.Kind
_OF_SLA = [kind for kind in Kind if kind.is_of_sla]
_COLUMNS = {field.name: field for field in Ticket._meta.concrete_fields}  # noqa: SLF001 - a public name
_ENDS = {Status.RESOLVED: Kind.RESOLVED, Status.CLOSED: Kind.CLOSED}


@transaction.atomic
def revert(number: int, first: int, last: int, *, actor: Actor, at: datetime) -> list[Event]:
    """Put back what the events `first` to `last` of the ticket replaced, the latest one first.

    The status table is not asked: what was before comes back. Messages stay.

    :raises ChangedSince: somebody changed the ticket afterwards.
    :raises Invalid: who had it could not have it any more.
    """
    ticket = lock(number, actor, "undo")
    told = ticket.events.exclude(kind__in=_OF_SLA)
    if told.filter(sequence__gt=last).exists():
        raise ChangedSince
    mine = list(told.filter(sequence__range=(first, last)).order_by("-sequence"))
    done = [_put_back(ticket, event, actor, at) for event in mine]
    return [event for event in done if event is not None]


def _put_back(ticket: Ticket, event: Event, actor: Actor, at: datetime) -> Event | None:
    if event.kind == Kind.TAGGED:
        return put_tags(ticket, tags_named(event.before["tags"]), actor=actor, at=at)
    values = {
        name: _value(_COLUMNS[name], kept)
        for name, kept in event.before.items()
        if name in _COLUMNS
    }
    if not values:
        return None
    if isinstance(assignee := values.get("assignee"), User):
        refuse_outsider(assignee, ticket.team)
    return change(ticket, _kind(event, values), actor=actor, at=at, **values)


def _value(field: Any, kept: Any) -> Any:
    """Read a value of an event back: a row by its id, a moment, or what stands there."""
    if kept is None:
        return None
    if isinstance(field, models.ForeignKey):
        return field.related_model._default_manager.filter(pk=kept["id"]).first()  # noqa: SLF001 - a public name
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(kept)
    return kept


def _kind(event: Event, values: dict[str, Any]) -> Event.Kind:
    if "status" in values:
        return _ENDS.get(values["status"], Kind.STATUS_CHANGED)
    if "assignee" in values:
        return Kind.ASSIGNED if values["assignee"] else Kind.UNASSIGNED
    return Kind(event.kind)
