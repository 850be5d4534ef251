"""Which scope a call needs: each view names one for reading and one for writing."""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Token

SAFE = ("GET", "HEAD", "OPTIONS")


class HasScope(BasePermission):
    """Let a call through when its token has the view's scope; without a scope nobody passes."""

    message = "The token lacks the scope for this call."

    def has_permission(self, request: Request, view: Any) -> bool:
        """Check `read_scope` or `write_scope` of the view; an empty one asks for any token."""
        if request.auth is None:
            return False
        scope = view.read_scope if request.method in SAFE else view.write_scope
        token = cast("Token", request.auth)
        return scope is not None and (scope == "" or scope in token.scopes)
