"""What each role may do outside tickets; tickets/permissions.py has the rest."""

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import NotAllowed
from accounts.models import User

AGENT_VERBS = frozenset({
    "people.read", "people.create", "people.change",
    "organisations.read", "organisations.create", "organisations.change",
    "teams.read", "products.read", "fields.read", "calendars.read", "policies.read",
    "agreements.read", "search", "macros.read", "macros.change",
    "reports.read",
})  # fmt: skip
ADMIN_VERBS = frozenset({
    "agents.change", "teams.change", "products.change", "fields.change", "settings.change",
    "tokens.change_any", "mail.read", "people.merge",
})  # fmt: skip
CUSTOMER_VERBS = frozenset({"products.read"})


def may(actor: Actor, verb: str) -> bool:
    """Say whether the actor may do this at all; unknown verbs are refused."""
    if actor.is_admin:
        return verb in AGENT_VERBS | ADMIN_VERBS
    if actor.is_agent:
        return verb in AGENT_VERBS
    return verb in CUSTOMER_VERBS


def require(actor: Actor, verb: str) -> None:
    """Refuse what the actor may not do.

    :raises NotAllowed: the role does not include the verb.
    """
    if not may(actor, verb):
        raise NotAllowed


def speak_for(person: User, actor: Actor) -> Actor:
    """Give the actor with another person's voice.

    :raises NotAllowed: the person works at the desk and the actor is no admin.
    """
    if person.is_staff_member and person != actor.user and not actor.is_admin:
        raise NotAllowed(_("Only an admin's token speaks for an agent."), pointer="author")
    return actor.speaking_for(person)
