"""Due times set by hand (docs/sla.md T7)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed
from sla.models import Clock
from tickets.actions._door import lock
from tickets.events import plain, record
from tickets.models import Event

FURTHEST_DUE = timedelta(days=3660)


@transaction.atomic
def set_due(
    number: int, metric: str, due_at: datetime | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Set the due time of a live clock by hand, or give it back to its policy (docs/sla.md T7).

    An equal value makes no event. What is broken already only admins set: else whoever was late
    could make it as if it had not been.

    :raises NotFound: the actor does not see the ticket.
    :raises NotAllowed: the actor is no agent, or no admin where the promise is broken.
    :raises Invalid: there is no such live clock, or the time is past or over ten years ahead.
    """
    ticket = lock(number, actor, "triage")
    at = max(at, ticket.updated_at)
    clock = Clock.objects.filter(ticket=ticket, metric=metric, ended_at__isnull=True).first()
    if clock is None:
        raise Invalid(_("No SLA clock of this kind counts at present."), pointer="metric")
    if due_at is not None and not at < due_at <= at + FURTHEST_DUE:
        raise Invalid(_("Choose a time in the next ten years."), pointer="due_at")
    if clock.breached_at is not None and not actor.is_admin:
        raise NotAllowed(_("This target is breached already: only admins give it more time."))
    by_hand = clock.due_at if clock.is_manual else None
    if due_at == by_hand and clock.is_manual == (due_at is not None):
        return None
    return record(
        ticket, Event.Kind.SLA_DUE_SET, actor=actor, at=at,
        before={"metric": metric, "due_at": plain(clock.due_at)},
        after={"metric": metric, "due_at": plain(due_at)},
    )  # fmt: skip
