"""What allauth asks us: nobody signs up by it, and no mail leaves through it."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class DeskAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped library
    """Sign-in only; accounts come from filings, invitations and the set-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are never made at the sign-in page."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing beside our own pages."""
