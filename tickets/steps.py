"""Several changes at once: steps in one fixed order, under one lock, all or nothing."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets import actions
from tickets.actions._door import lock
from tickets.errors import Invalid, StaleVersion
from tickets.models import Event, Ticket

Step = Mapping[str, Any]
Run = Callable[[int, Step, Actor, datetime], Event | None]

_SLA_KINDS = [kind for kind in Event.Kind if kind.is_of_sla]
_ORDER = (
    "subject", "requester", "organisation", "product", "component", "affected_release",
    "fixed_in", "fields", "tags", "add_tags", "category", "emergency", "priority",
    "raise_priority", "team", "assign", "reply", "note", "time", "status",
)  # fmt: skip


@transaction.atomic
def apply(
    number: int,
    steps: Iterable[Step],
    *,
    actor: Actor,
    at: datetime,
    expected_version: int | None = None,
) -> list[Event]:
    """Run steps such as `{"do": "assign", "to": person}` in the order of docs/architecture.md.

    Each step that changes something is one event. Whether the actor sees the ticket is asked
    once, before the first step: a hand-over that hides it does not stop the others. With
    `expected_version` nothing happens when an event not by the SLA changed the ticket since
    (docs/api.md, Concurrency).

    :raises StaleVersion: the ticket was changed in between.
    :raises Invalid: a step is unknown.
    :raises Refused: whatever an action refuses; then nothing has changed.
    """
    wanted = list(steps)
    known = known_steps()
    for step in wanted:
        if step.get("do") not in known:
            raise Invalid(_("There is no such step."), pointer="do")
    ticket = lock(number, actor, "see")
    if expected_version is not None:
        _refuse_stale(ticket, actor, expected_version)
    events = []
    for step in sorted(wanted, key=_place_of):
        event = known[step["do"]](number, step, actor.with_in_hand(number), at)
        if event is not None:
            events.append(event)
            number = event.ticket_id  # a reply to a closed ticket goes on in its follow-up
    return events


@cache
def known_steps() -> Mapping[str, Run]:
    """Gather the steps of this app and those that the apps named in settings add, once."""
    added = (import_string(path) for path in settings.TICKET_STEPS)
    return {name: run for steps in (_RUN, *added) for name, run in steps.items()}


def _place_of(step: Step) -> int:
    """The order of docs/architecture.md; what other apps add comes last."""
    does = step["do"]
    return _ORDER.index(does) if does in _ORDER else len(_ORDER)


def _refuse_stale(ticket: Ticket, actor: Actor, version: int) -> None:
    if actor.is_agent:
        later = ticket.events.filter(sequence__gt=version).exclude(kind__in=_SLA_KINDS)
    else:
        later = ticket.events.filter(public_sequence__gt=version)
    if later.exists():
        raise StaleVersion


def _set(action: Callable[..., Event | None]) -> Run:
    def run(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
        return action(number, step["to"], actor=actor, at=at)

    return run


def _assign(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    if step["to"] is None:
        return actions.unassign(number, actor=actor, at=at)
    if step["to"] == "me":
        return actions.take(number, actor=actor, at=at)
    return actions.assign(number, step["to"], actor=actor, at=at)


def _write(action: Callable[..., Event]) -> Run:
    def run(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
        uploads = step.get("uploads", ())
        return action(number, step["body"], actor=actor, at=at, uploads=uploads)

    return run


def _raise_priority(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    return actions.raise_priority(number, actor=actor, at=at)


def _notify(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    return actions.ask_notice(number, step["to"], actor=actor, at=at, why=step.get("why", ""))


def _time(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    return actions.log_time(
        number, step["minutes"], step["worked_on"], actor=actor, at=at,
        words=step.get("words", ""),
    )  # fmt: skip


def _status(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    reason = step.get("reason", "")
    return actions.set_status(number, step["to"], actor=actor, at=at, reason=reason)


_RUN: dict[str, Run] = {
    "subject": _set(actions.set_subject),
    "requester": _set(actions.set_requester),
    "organisation": _set(actions.set_organisation),
    "product": _set(actions.set_product),
    "component": _set(actions.set_component),
    "affected_release": _set(actions.set_affected_release),
    "fixed_in": _set(actions.set_fixed_in),
    "fields": _set(actions.set_fields),
    "tags": _set(actions.set_tags),
    "add_tags": _set(actions.add_tags),
    "category": _set(actions.set_category),
    "emergency": _set(actions.set_emergency),
    "priority": _set(actions.set_priority),
    "raise_priority": _raise_priority,
    "team": _set(actions.hand_over),
    "assign": _assign,
    "reply": _write(actions.reply),
    "note": _write(actions.note),
    "time": _time,
    "status": _status,
    "notify": _notify,
}
