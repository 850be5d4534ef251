"""Finding what a body names: products by key, releases by version, people by address."""

from datetime import datetime
from typing import Any

from accounts.actions.people import vouched_person
from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed
from accounts.models import Organisation, Team, User
from products.models import Component, Product, Release


def product(key: str | None) -> Product | None:
    """Give the product with this key.

    :raises Invalid: there is none.
    """
    if key is None:
        return None
    found = Product.objects.filter(key=key).first()
    if found is None:
        raise Invalid("There is no product with this key.", pointer="product")
    return found


def component(name: str | None, of: Product | None) -> Component | None:
    """Give the product's component with this name.

    :raises Invalid: the product has none of that name.
    """
    if name is None:
        return None
    found = Component.objects.filter(product=of, name=name).first()
    if found is None:
        raise Invalid("The product has no such component.", pointer="component")
    return found


def release(version: str | None, of: Product | None, pointer: str) -> Release | None:
    """Give the product's release with this version.

    :raises Invalid: the product has no such release.
    """
    if version is None:
        return None
    found = Release.objects.filter(product=of, version=version).first()
    if found is None:
        raise Invalid("The product has no such release.", pointer=pointer)
    return found


def team(pk: int | None, actor: Actor) -> Team | None:
    """Give a team to hand a ticket to.

    :raises NotAllowed: the caller hands nothing over.
    :raises Invalid: there is none.
    """
    if pk is not None and not actor.is_agent:
        raise NotAllowed(pointer="team")
    found: Team | None = _row(Team.objects.taking_from(actor), pk, "team")
    return found


def agent(pk: int | None) -> User | None:
    """Give an agent.

    :raises Invalid: there is none.
    """
    if pk is None:
        return None
    found = User.objects.working().filter(pk=pk).first()
    if found is None:
        raise Invalid("There is no active agent with this id.", pointer="assignee")
    return found


def agents(keys: list[int]) -> list[User]:
    """Give the agents with these ids.

    :raises Invalid: one of them is no active agent.
    """
    found = list(User.objects.working().filter(pk__in=keys))
    if len(found) != len(set(keys)):
        raise Invalid("One of these is no active agent.", pointer="members")
    return found


def heir(pk: int) -> User:
    """Give the person into whom another is merged.

    :raises Invalid: there is none.
    """
    found = User.objects.select_related("organisation").filter(pk=pk).first()
    if found is None:
        raise Invalid("There is no person with this id.", pointer="into")
    return found


def organisation(pk: int | None) -> Organisation | None:
    """Give an organisation.

    :raises Invalid: there is none.
    """
    found: Organisation | None = _row(Organisation.objects, pk, "organisation")
    return found


def person(named: dict[str, Any] | None, actor: Actor, at: datetime, pointer: str) -> User:
    """Give the person a body names, or the caller; a stranger becomes a customer.

    The token vouches for the address, so a new person joins the organisation of its domain.

    :raises NotAllowed: it is somebody else and the token lacks `people:act_as`.
    :raises Invalid: nobody is named and no person calls.
    """
    if named is None:
        if actor.user is None:
            raise Invalid("Say who files it.", pointer=pointer)
        return actor.user
    if actor.user is not None and named["email"].strip().lower() == actor.user.email:
        return actor.user
    if actor.is_customer or not actor.has_scope("people:act_as"):
        raise NotAllowed("The token may only speak for itself.", pointer=pointer)
    return vouched_person(named["email"], actor=actor, at=at, name=named.get("name", ""))


def _row(rows: Any, pk: int | None, pointer: str) -> Any:
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise Invalid(f"There is no {pointer} with this id.", pointer=pointer)
    return found
