"""A few macros that any desk for software could use."""

from datetime import datetime
from typing import Any

from accounts.actor import Actor
from automation.actions import save_macro

_MACROS: tuple[dict[str, Any], ...] = (
    {
        "name": "Ask for version and log", "kind": "reply",
        "body": "Hello {{ requester.name }},\n\nthank you for reporting this. So that we can"
        " follow it, please tell us\n\n- the exact version,\n- what you did just before,\n- the"
        " log of that time.\n\n{{ agent.name }}",
        "steps": [{"do": "status", "to": "pending"}],
    },
    {
        "name": "Received, we look into it", "kind": "reply",
        "body": "Hello {{ requester.name }},\n\nwe look into “{{ ticket.subject }}” and answer by"
        " {{ sla.next_due }}.\n\n{{ agent.name }}",
        "steps": [{"do": "assign", "to": "me"}],
    },
    {
        "name": "Fixed in a release", "kind": "reply",
        "body": "Hello {{ requester.name }},\n\nthis is fixed in {{ product.name }}"
        " {{ release.fixed }}. Please update and tell us if it is still there.\n\n"
        "{{ agent.name }}",
        "steps": [{"do": "status", "to": "resolved"}],
    },
    {
        "name": "A question, answered", "kind": "", "body": "",
        "steps": [{"do": "category", "to": "support"}, {"do": "status", "to": "resolved"}],
    },
    {
        "name": "Security: triage", "kind": "note",
        "body": "Possible vulnerability in {{ product.name }}. Affected since:"
        " {{ release.affected }}.",
        "steps": [{"do": "priority", "to": "urgent"}, {"do": "add_tags", "to": ["security"]}],
    },
)  # fmt: skip


def make(actor: Actor, at: datetime) -> None:
    """Make the macros, for everybody."""
    for position, values in enumerate(_MACROS, start=1):
        save_macro(None, actor=actor, at=at, position=position, **values)
