"""What each role may do with a ticket it sees: asked by actions (refuse) and pages (hide)."""

from accounts.actor import Actor
from tickets.models import Ticket

CUSTOMER_VERBS = frozenset({"see", "reply", "resolve", "reopen"})
AGENT_VERBS = CUSTOMER_VERBS | {
    "note", "withdraw", "redact", "set_status", "close", "triage", "assign", "hand_over",
    "set_product", "set_requester", "set_organisation", "spam", "watch", "undo", "link", "merge",
    "snooze", "split", "set_cc", "side", "checklist", "log_time",
}  # fmt: skip
ADMIN_VERBS = AGENT_VERBS


def may(actor: Actor, verb: str, ticket: Ticket | None = None) -> bool:
    """Say whether the actor may do this to a ticket that is visible to it.

    A customer may act on a ticket that is seen; one who sees the organisation's tickets may
    answer them too (docs/architecture.md, roles); who is copied reads and answers, but says not
    whether it is solved. Tokens also need their scope.
    """
    if not actor.has_scope("tickets:read" if verb == "see" else "tickets:write"):
        return False
    if actor.is_admin:
        return verb in ADMIN_VERBS
    if actor.is_agent:
        return verb in AGENT_VERBS and not _is_for_people_only(actor, verb)
    if actor.user is None or verb not in CUSTOMER_VERBS:
        return False
    return verb in {"see", "reply"} or ticket is None or ticket.belongs_to(actor.user)


def _is_for_people_only(actor: Actor, verb: str) -> bool:
    return actor.is_bot and verb in {"withdraw", "watch"}
