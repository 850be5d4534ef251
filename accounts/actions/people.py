"""Making and changing people, and proving whose address it is."""

from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import EmailTaken, Invalid, LastAdmin, NotAllowed
from accounts.models import Organisation, OrganisationDomain, User
from accounts.names import one_line
from accounts.permissions import require

OWN_FIELDS = {"name", "time_zone", "language", "phone", "single_keys", "is_away"}
STAFF_FIELDS = OWN_FIELDS | {"email", "organisation", "sees_organisation", "is_blocked"}
DESK_FIELDS = STAFF_FIELDS | {"role", "is_active"}


def clean_email(text: str, *, pointer: str = "email") -> str:
    """Give the address in lower case.

    :raises Invalid: it is not an e-mail address.
    """
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(_("Enter a valid e-mail address."), pointer=pointer) from error
    return address


@transaction.atomic
def find_or_create(email: str, *, at: datetime, name: str = "") -> User:
    """Give the person with this address, making a customer when nobody has it.

    An address that was merged away leads to the person who has it now.
    """
    person, _is_new = _find_or_create(clean_email(email), name, at)
    return person.merged_into or person


@transaction.atomic
def vouched_person(
    email: str, *, actor: Actor, at: datetime, name: str = "", pointer: str = "email"
) -> User:
    """Give the person with this address as `find_or_create` does; the actor vouches for it.

    :raises NotAllowed: the actor may not make people.
    :raises Invalid: it is not an e-mail address.
    """
    require(actor, "people.create")
    person, is_new = _find_or_create(clean_email(email, pointer=pointer), name, at)
    if is_new:
        audit.note(actor, "person.created", person.email, at, role=person.role)
    return person.merged_into or vouch(person, at=at)


@transaction.atomic
def vouch(person: User, *, at: datetime) -> User:
    """Take the address as proven, and join the organisation that owns its domain."""
    if person.email_verified_at is None:
        person.email_verified_at = at
    if person.organisation_id is None and not person.is_staff_member:
        person.organisation = organisation_of(person.email)
    person.save(update_fields=["email_verified_at", "organisation"])
    return person


def organisation_of(email: str) -> Organisation | None:
    """Find the organisation that owns the address's domain."""
    owner = (
        OrganisationDomain.objects.select_related("organisation")
        .filter(domain=email.rpartition("@")[2].lower())
        .first()
    )
    return owner.organisation if owner else None


@transaction.atomic
def create_person(
    email: str, *, actor: Actor, at: datetime, role: str = User.Role.CUSTOMER, **values: Any
) -> User:
    """Make a person; an agent vouches for the address.

    :raises NotAllowed: the actor may not make people of this role.
    :raises EmailTaken: somebody has the address.
    """
    require(actor, "people.create" if role == User.Role.CUSTOMER else "agents.change")
    address = clean_email(email)
    if User.objects.filter(email=address).exists():
        raise EmailTaken(pointer="email")
    person = User(email=address, role=role, password=make_password(None), created_at=at)
    _apply(person, values)
    person.save()
    audit.note(actor, "person.created", address, at, role=role)
    return vouch(person, at=at)


@transaction.atomic
def change_person(person_id: int, *, actor: Actor, at: datetime, **values: Any) -> User:
    """Change a person's own fields, or others' as the role allows.

    :raises NotAllowed: a field is not the actor's to change.
    :raises EmailTaken: somebody else has the new address.
    :raises LastAdmin: the last admin would lose the role or the account.
    :raises Invalid: a value cannot be used, or a merged account would open again.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=person_id)
    _refuse_foreign_fields(person, actor, set(values))
    if "email" in values:
        values["email"] = clean_email(values["email"])
        if User.objects.filter(email=values["email"]).exclude(pk=person.pk).exists():
            raise EmailTaken(pointer="email")
    if values.get("is_active") and person.merged_into_id:
        raise Invalid(_("This account was merged into another."), pointer="is_active")
    _keep_one_admin(person, values)
    before = {name: _plain(getattr(person, name)) for name in values}
    _apply(person, values)
    person.save(update_fields=sorted(values))
    audit.note(
        actor,
        "person.changed",
        person.email,
        at,
        before=before,
        after={name: _plain(getattr(person, name)) for name in values},
    )
    return person


def _find_or_create(address: str, name: str, at: datetime) -> tuple[User, bool]:
    return User.objects.select_related("merged_into", "organisation").get_or_create(
        email=address,
        defaults={"name": one_line(name)[:200], "password": make_password(None), "created_at": at},
    )


def _refuse_foreign_fields(person: User, actor: Actor, names: set[str]) -> None:
    own = OWN_FIELDS if actor.user and actor.user.pk == person.pk else set()
    if actor.is_admin:
        allowed = DESK_FIELDS
    elif actor.is_agent and not person.is_staff_member:
        allowed = STAFF_FIELDS
    else:
        allowed = own
    if refused := sorted(names - allowed):
        raise NotAllowed(pointer=refused[0])


def _keep_one_admin(person: User, values: dict[str, Any]) -> None:
    leaves = values.get("role", person.role) != User.Role.ADMIN or not values.get(
        "is_active", person.is_active
    )
    if person.role == User.Role.ADMIN and person.is_active and leaves:
        others = User.objects.filter(role=User.Role.ADMIN, is_active=True).exclude(pk=person.pk)
        if not others.exists():
            raise LastAdmin


def _apply(person: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(person, name, one_line(value) if name == "name" else value)
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=field) from error


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Organisation) else value
