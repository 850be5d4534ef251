"""What the steps of rules and macros may do to time promises (TICKET_STEPS)."""

from collections.abc import Mapping
from datetime import datetime

from accounts.actor import Actor
from sla.actions import set_due
from tickets.models import Event
from tickets.steps import Run, Step


def _set_due(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    """Run `{"do": "set_due", "metric": "resolution", "to": moment or None}`."""
    return set_due(number, step["metric"], step["to"], actor=actor, at=at)


STEPS: Mapping[str, Run] = {"set_due": _set_due}
