"""What a macro would do to a ticket, told before it is done."""

from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from accounts.errors import Refused
from automation import placeholders
from automation.models import Macro
from tickets import written_steps
from tickets.models import Ticket
from tickets.written_steps import Change


@dataclass(frozen=True)
class Preview:
    """The text with its values, the names that have none, the changes, and what stands against.

    `refusal` is empty unless a step names what is no longer there.
    """

    kind: str
    text: str
    missing: list[str]
    changes: list[Change]
    refusal: str


def preview(macro: Macro, ticket: Ticket, *, actor: Actor, at: datetime) -> Preview:
    """Tell what the macro would write and change; nothing is done."""
    filled = placeholders.fill(macro.body, placeholders.Scene(ticket, actor, at))
    try:
        steps, refusal = written_steps.ready(macro.steps, actor=actor), ""
    except Refused as refused:
        steps, refusal = [], str(refused)
    changes = written_steps.changes(steps, ticket)
    return Preview(macro.kind, filled.text, filled.missing, changes, refusal)
