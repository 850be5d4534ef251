"""Making, using and revoking API tokens."""

import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed, NotFound
from accounts.models import SCOPES, Token, User
from accounts.names import one_line
from accounts.permissions import may
from accounts.secrets import digest, new_secret

_SHAPE = re.compile(r"hd_([a-z0-9]{8})_([A-Za-z0-9_-]{20,100})")
_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


@transaction.atomic
def create_token(
    name: str,
    scopes: Iterable[str],
    *,
    actor: Actor,
    at: datetime,
    user: User | None = None,
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token for a person or, without `user`, for an integration; give it with its text.

    The text is `hd_<prefix>_<secret>` and cannot be read again.

    :raises NotAllowed: it is for somebody else and the actor is no admin, or carries a scope
        that the person could not use.
    :raises Invalid: no name, an unknown scope, or no scope at all.
    """
    _refuse_others(actor, user)
    wanted = sorted(set(scopes))
    name = one_line(name)
    if not name:
        raise Invalid(_("Give the token a name."), pointer="name")
    if not wanted or set(wanted) - set(SCOPES):
        raise Invalid(_("Choose at least one of the listed scopes."), pointer="scopes")
    if user and not user.is_staff_member and set(wanted) - {"tickets:read", "tickets:write"}:
        raise NotAllowed(_("A customer's token reads and writes tickets only."), pointer="scopes")
    secret = new_secret()
    token = Token.objects.create(
        prefix="".join(secrets.choice(_ALPHABET) for _ in range(8)),
        digest=digest(secret),
        name=name[:100],
        user=user,
        scopes=wanted,
        created_at=at,
        created_by=actor.user,
        expires_at=expires_at,
    )
    audit.note(actor, "token.created", str(token), at, scopes=wanted)
    return token, f"hd_{token.prefix}_{secret}"


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor, at: datetime) -> Token:
    """Close a token for good.

    :raises NotFound: it is not there, or not the actor's.
    """
    token = Token.objects.select_for_update(of=("self",)).filter(pk=token_id).first()
    if token is None or not _owns(actor, token):
        raise NotFound
    if token.revoked_at is None:
        token.revoked_at = at
        token.save(update_fields=["revoked_at"])
        audit.note(actor, "token.revoked", str(token), at)
    return token


def find_token(text: str, *, at: datetime) -> Token | None:
    """Give the valid token with this text, or None; marks it as used about once a minute."""
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        return None
    token = Token.objects.select_related("user__organisation").filter(prefix=shape[1]).first()
    if token is None or not secrets.compare_digest(token.digest, digest(shape[2])):
        return None
    if not token.is_valid(at):
        return None
    if token.last_used_at is None or token.last_used_at < at - timedelta(minutes=1):
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=at - timedelta(minutes=1))
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=at)
    return token


def _refuse_others(actor: Actor, user: User | None) -> None:
    own = user is not None and actor.user is not None and user.pk == actor.user.pk
    if not own and not may(actor, "tokens.change_any"):
        raise NotAllowed


def _owns(actor: Actor, token: Token) -> bool:
    own = actor.user is not None and token.user_id == actor.user.pk
    return own or may(actor, "tokens.change_any")
