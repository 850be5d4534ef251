"""The addresses that mails carry, always under SITE_URL and never from a request's Host header."""

from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.urls import reverse


def host() -> str:
    """The desk's host name, as Message-IDs carry it."""
    return urlsplit(settings.SITE_URL).hostname or "localhost"


def for_agent(number: int) -> str:
    """The ticket in the workspace."""
    return _absolute(reverse("workspace:ticket", args=[number]))


def for_agreement(pk: int) -> str:
    """The agreement in the workspace."""
    return _absolute(reverse("workspace:agreement", args=[pk]))


def for_report(organisation: int, month: str) -> str:
    """The organisation's service report of a month, such as 2026-10, in the workspace."""
    return _absolute(reverse("workspace:service_report", args=[organisation, month]))


def for_requester(secret: str) -> str:
    """The ticket by a customer's private link."""
    return _absolute(reverse("portal:link", args=[secret]))


def for_objection(secret: str) -> str:
    """The page that asks whether the ticket shall be opened again."""
    return _absolute(reverse("portal:objection", args=[secret]))


def for_sign_in(secret: str, next_path: str = "") -> str:
    """The page whose button signs in."""
    query = f"?{urlencode({'next': next_path})}" if next_path else ""
    return _absolute(reverse("signin:link", args=[secret])) + query


def _absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"
