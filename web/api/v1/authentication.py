"""`Authorization: Bearer hd_…`: who calls (docs/api.md, Auth)."""

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.actions.tokens import find_token
from accounts.actor import Actor
from accounts.models import Token
from web.viewer import request_id_of


class TokenAuthentication(BaseAuthentication):
    """Find the token of the header; `request.user` becomes the Actor, `request.auth` the Token."""

    def authenticate(self, request: Request) -> tuple[Actor, Token] | None:
        """Give actor and token; None without the header.

        :raises AuthenticationFailed: the token is not valid (any more).
        """
        kind, _space, text = request.headers.get("Authorization", "").partition(" ")
        if not kind:
            return None
        token = find_token(text.strip(), at=timezone.now()) if kind.lower() == "bearer" else None
        if token is None:
            raise AuthenticationFailed("This token is not valid.")
        actor = Actor(
            user=token.user,
            token=token,
            door="api",
            request_id=request_id_of(request._request),  # noqa: SLF001 - DRF's own way there
        )
        return actor, token

    def authenticate_header(self, request: Request) -> str:
        """Say how to authenticate, so that DRF answers 401."""
        return 'Bearer realm="api"'


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped base
    """How the schema describes it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        """Describe a bearer token."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "hd_<id>_<secret>"}
