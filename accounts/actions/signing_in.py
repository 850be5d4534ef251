"""One-time sign-in links and the one-time set-up of a new desk."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actions import audit
from accounts.actions.people import clean_email, vouch
from accounts.actor import Actor
from accounts.errors import Invalid, LinkSpent
from accounts.models import DeskSettings, SignInLink, User
from accounts.names import one_line
from accounts.permissions import require
from accounts.secrets import digest, new_secret

INVITATION_LIFETIME = timedelta(days=7)


@transaction.atomic
def make_sign_in_link(
    user: User, *, at: datetime, next_path: str = "", is_invitation: bool = False
) -> str:
    """Make a one-time link for a person and give its secret (15 minutes; invitations 7 days)."""
    secret = new_secret()
    lifetime = INVITATION_LIFETIME if is_invitation else SignInLink.LIFETIME
    SignInLink.objects.create(
        digest=digest(secret),
        user=user,
        next_path=next_path,
        is_invitation=is_invitation,
        created_at=at,
        expires_at=at + lifetime,
    )
    return secret


@transaction.atomic
def use_sign_in_link(secret: str, *, at: datetime) -> SignInLink:
    """Spend a link: its person may be signed in, and the address is proven.

    :raises LinkSpent: unknown, used, too old, or the account is closed.
    """
    link = (
        SignInLink.objects.select_for_update(of=("self",))
        .select_related("user")
        .filter(digest=digest(secret))
        .first()
    )
    if link is None or link.used_at or link.expires_at <= at or not link.user.is_active:
        raise LinkSpent
    link.used_at = at
    link.save(update_fields=["used_at"])
    vouch(link.user, at=at)
    return link


def peek_sign_in_link(secret: str, *, at: datetime) -> SignInLink:
    """Read a link without spending it, for the page with the button.

    :raises LinkSpent: it would not work.
    """
    link = SignInLink.objects.select_related("user").filter(digest=digest(secret)).first()
    if link is None or link.used_at or link.expires_at <= at or not link.user.is_active:
        raise LinkSpent
    return link


@transaction.atomic
def set_password(user: User, password: str, *, at: datetime) -> None:
    """Give a person a new password; links made before it die.

    :raises Invalid: the password is too weak; the sentence says why.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), pointer="password") from error
    user.set_password(password)
    user.save(update_fields=["password"])
    user.sign_in_links.filter(used_at__isnull=True).update(used_at=at)
    audit.note(Actor.of(user, door="web"), "password.changed", user.email, at)


@transaction.atomic
def make_setup_link() -> str | None:
    """Make the one-time set-up secret of a desk that has no people yet; None when it has."""
    desk = DeskSettings.objects.select_for_update().get(pk=DeskSettings.current().pk)
    if User.objects.exists():
        return None
    secret = new_secret()
    desk.setup_digest = digest(secret)
    desk.save(update_fields=["setup_digest"])
    return secret


def is_setup_link(secret: str) -> bool:
    """Say whether this secret opens the set-up page now."""
    desk = DeskSettings.current()
    return bool(desk.setup_digest) and desk.setup_digest == digest(secret)


@transaction.atomic
def set_up(
    secret: str,
    *,
    at: datetime,
    email: str,
    name: str,
    password: str,
    with_samples: bool = False,
    **values: Any,
) -> User:
    """Make the first admin and settle the desk; the link is spent.

    With samples, beat loads the sample desk within seconds.

    :raises LinkSpent: the link is wrong or was used.
    :raises Invalid: a value cannot be used; `pointer` says which.
    """
    desk = DeskSettings.objects.select_for_update().get(pk=DeskSettings.current().pk)
    if not desk.setup_digest or desk.setup_digest != digest(secret) or User.objects.exists():
        raise LinkSpent
    admin = User(
        email=clean_email(email),
        name=one_line(name),
        role=User.Role.ADMIN,
        created_at=at,
        email_verified_at=at,
        password=make_password(None),
    )
    admin.save()
    set_password(admin, password, at=at)
    desk.setup_digest = ""
    desk.setup_done_at = at
    desk.samples_asked_at = at if with_samples else None
    desk.save(update_fields=["setup_digest", "setup_done_at", "samples_asked_at"])
    change_desk(actor=Actor.of(admin, door="web"), at=at, **values)
    return admin


@transaction.atomic
def change_desk(*, actor: Actor, at: datetime, **values: Any) -> DeskSettings:
    """Change settings of the whole desk.

    :raises Invalid: a value cannot be used; `pointer` says which.
    """
    require(actor, "settings.change")
    desk = DeskSettings.objects.select_for_update().get(pk=DeskSettings.current().pk)
    for name, value in values.items():
        setattr(desk, name, one_line(value) if name == "company" else value)
    try:
        desk.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=field) from error
    desk.save()
    audit.note(actor, "desk.changed", desk.company, at, fields=sorted(values))
    return desk
