"""What a step of a policy does to a ticket when its time has come (docs/sla.md W3, W5)."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import User
from sla import terms
from sla.models import Clock, Escalation, Record
from sla.models.policies import Metric
from tickets import steps
from tickets.models import Ticket

log = logging.getLogger(__name__)


def carry_out(tickets: Iterable[Ticket], at: datetime) -> int:
    """Do what recorded steps of these locked tickets ask for, each once; gives their number."""
    waiting = (
        Escalation.objects.filter(
            done_at__isnull=True, ticket__in=[ticket.pk for ticket in tickets]
        )
        .prefetch_related("record__clock__choice")  # mostly there is nothing to fetch
        .order_by("record")
    )
    done = list(waiting)
    for escalation in done:
        if _still_holds(escalation.record):
            _act(escalation, at)
        escalation.done_at = at
    Escalation.objects.bulk_update(done, ["done_at"])
    return len(done)


def _still_holds(record: Record) -> bool:
    """Ask again under the lock: the steps of an ended clock vanish (docs/sla.md W3)."""
    clock = record.clock
    if clock.ended_at is not None or clock.generation != record.generation:
        return False
    return record.kind == Record.Kind.WARNED or clock.breached_at is not None


def _act(escalation: Escalation, at: datetime) -> None:
    record = escalation.record
    actor = Actor.system(caused_by=escalation.event_id)
    wanted = list(_steps(record.clock, record.step))
    try:
        with transaction.atomic():
            steps.apply(escalation.ticket_id, wanted, actor=actor, at=at)
    except Refused as refusal:  # what a rule of the desk refuses is no reason to try for ever
        log.warning("Step %s of #%s: %s", record.step, escalation.ticket_id, refusal)


def _steps(clock: Clock, name: str) -> Iterator[Mapping[str, Any]]:
    version = clock.choice.policy_version_id
    for action in terms.actions_of(version, clock.metric, name):
        if action["do"] == "notify":
            yield {**action, "why": f"{Metric(clock.metric).label}: {name}"}
        elif action["do"] == "assign":
            person = User.objects.filter(pk=action["to"], is_active=True).first()
            if person is not None:
                yield {**action, "to": person}
        else:
            yield action
