"""Moving a ticket along the status table of docs/architecture.md."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from products.models import Release
from tickets.actions._door import change, lock
from tickets.actions.waiting import waiting_since
from tickets.errors import CategoryMissing, ImpossibleStatus, Invalid, NotAllowed
from tickets.models import Event, Status, Ticket
from tickets.models.tickets import MAY_GO_TO

Kind = Event.Kind


@transaction.atomic
def start(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Put the ticket to open: somebody works on it.

    :raises ImpossibleStatus: it is closed.
    """
    ticket = lock(number, actor, "set_status")
    return to_open(ticket, actor=actor, at=at)


@transaction.atomic
def pend(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Wait for the customer.

    :raises ImpossibleStatus: the status table has no such step.
    """
    ticket = lock(number, actor, "set_status")
    return _move(ticket, Status.PENDING, Kind.STATUS_CHANGED, actor=actor, at=at, hold_reason="")


@transaction.atomic
def hold(number: int, *, actor: Actor, at: datetime, reason: str) -> Event | None:
    """Wait for a third party or a release; the customer reads the reason.

    :raises Invalid: no reason is given.
    :raises ImpossibleStatus: the status table has no such step.
    """
    ticket = lock(number, actor, "set_status")
    text = reason.strip()
    if not text or len(text) > 250:
        raise Invalid(_("Say in up to 250 characters what it waits for."), pointer="hold_reason")
    if ticket.status == Status.ON_HOLD:
        return change(ticket, Kind.STATUS_CHANGED, actor=actor, at=at, hold_reason=text)
    return _move(ticket, Status.ON_HOLD, Kind.STATUS_CHANGED, actor=actor, at=at, hold_reason=text)


@transaction.atomic
def resolve(
    number: int, *, actor: Actor, at: datetime, fixed_in: Release | None = None
) -> Event | None:
    """Resolve the ticket and stop its clocks.

    An agent's resolving confirms the category; a customer's "this solved it" needs none.

    :raises CategoryMissing: nobody has said yet what kind of maintenance it is.
    :raises ImpossibleStatus: it is closed.
    """
    ticket = lock(number, actor, "resolve")
    if ticket.status == Status.RESOLVED:
        return None
    if actor.is_agent or actor.is_system:
        _settle_category(ticket, actor, at)
    if fixed_in is not None:
        change(ticket, Kind.FIXED_IN_SET, actor=actor, at=at, fixed_in=fixed_in)
    return _move(
        ticket, Status.RESOLVED, Kind.RESOLVED, actor=actor, at=at,
        resolved_at=max(at, ticket.updated_at), hold_reason="", waiting_since=None,
    )  # fmt: skip


@transaction.atomic
def reopen(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Object to a resolution: the ticket is open again and its clock goes on (docs/sla.md R1).

    :raises ImpossibleStatus: it is not resolved.
    """
    ticket = lock(number, actor, "reopen")
    if ticket.status != Status.RESOLVED:
        raise ImpossibleStatus(_("Only a resolved ticket can be reopened."), pointer="status")
    return to_open(ticket, actor=actor, at=at)


@transaction.atomic
def close(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Finish the ticket for good; a late answer opens a follow-up.

    :raises ImpossibleStatus: it is neither new nor resolved.
    """
    ticket = lock(number, actor, "close")
    return to_closed(ticket, actor=actor, at=at)


@transaction.atomic
def close_if_quiet(number: int, *, actor: Actor, at: datetime, since: datetime) -> Event | None:
    """Close the ticket if it is still resolved since before `since`.

    :raises ImpossibleStatus: it was reopened, or resolved again later.
    """
    ticket = lock(number, actor, "close")
    if ticket.status != Status.RESOLVED or ticket.resolved_at is None:
        raise ImpossibleStatus(_("It is no longer resolved."))
    if ticket.resolved_at > since:
        raise ImpossibleStatus(_("It was resolved again later."))
    return to_closed(ticket, actor=actor, at=at)


def set_status(
    number: int, status: str, *, actor: Actor, at: datetime, reason: str = ""
) -> Event | None:
    """Go to any status by its name, as the table allows.

    :raises Invalid: there is no such status.
    :raises NotAllowed: the status is not the actor's to set.
    :raises ImpossibleStatus: the status table has no such step.
    :raises CategoryMissing: resolving needs a category.
    """
    if status not in Status.values:
        raise Invalid(_("This is not a status."), pointer="status")
    if status == Status.OPEN:
        if actor.is_customer:
            return reopen(number, actor=actor, at=at)
        return start(number, actor=actor, at=at)
    if status == Status.ON_HOLD:
        return hold(number, actor=actor, at=at, reason=reason)
    steps = {Status.PENDING: pend, Status.RESOLVED: resolve, Status.CLOSED: close}
    if status in steps:
        return steps[Status(status)](number, actor=actor, at=at)
    with transaction.atomic():
        ticket = lock(number, actor, "set_status")
        return _move(ticket, Status.NEW, Kind.STATUS_CHANGED, actor=actor, at=at)


def to_open(ticket: Ticket, *, actor: Actor, at: datetime) -> Event | None:
    """Open a locked ticket again, or for the first time.

    :raises ImpossibleStatus: it is closed.
    """
    if ticket.status == Status.RESOLVED:
        objected_at = max(at, ticket.updated_at) if actor.is_customer else None
        return _move(
            ticket, Status.OPEN, Kind.REOPENED, actor=actor, at=at, resolved_at=None,
            by="customer" if actor.is_customer else "agent",
            waiting_since=(
                ticket.waiting_since or objected_at or waiting_since(ticket, Status.OPEN)
            ),
        )  # fmt: skip
    return _move(ticket, Status.OPEN, Kind.STATUS_CHANGED, actor=actor, at=at, hold_reason="")


def to_closed(ticket: Ticket, *, actor: Actor, at: datetime) -> Event | None:
    """Close a locked ticket.

    :raises ImpossibleStatus: the status table has no such step.
    """
    return _move(
        ticket, Status.CLOSED, Kind.CLOSED, actor=actor, at=at,
        closed_at=max(at, ticket.updated_at), waiting_since=None,
    )  # fmt: skip


def _move(
    ticket: Ticket,
    status: Status,
    kind: Event.Kind,
    *,
    actor: Actor,
    at: datetime,
    by: str = "",
    **values: Any,
) -> Event | None:
    if ticket.status == status:
        return None
    if status not in MAY_GO_TO[ticket.status]:
        if actor.is_customer and status != Status.RESOLVED:
            raise NotAllowed(pointer="status")
        raise ImpossibleStatus(
            _("A ticket cannot go from %(now)s to %(next)s.")
            % {"now": Status(ticket.status).label, "next": status.label},
            pointer="status",
        )
    return change(
        ticket, kind, actor=actor, at=at, by=by, other=None, status=status.value, **values
    )


def _settle_category(ticket: Ticket, actor: Actor, at: datetime) -> None:
    if ticket.category is None:
        raise CategoryMissing(pointer="category")
    if actor.is_human_agent and ticket.category_confirmed_at is None:
        change(ticket, Kind.CATEGORY_CONFIRMED, actor=actor, at=at, category_confirmed_at=at)
