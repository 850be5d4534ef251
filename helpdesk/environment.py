"""Read one setting from the environment; what cannot be right is refused in one sentence."""

import os
from collections.abc import Collection
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

from channels import smtp_url

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_OVER_SOCKETS = {"postgresql", "postgres", "redis+socket"}  # these may go without a host


def refuse_unknown(known: Collection[str]) -> None:
    """Refuse a `HELPDESK_…` variable that nobody reads.

    :raises ImproperlyConfigured: there is one, most likely misspelled.
    """
    unknown = sorted(
        name for name in os.environ if name.startswith("HELPDESK_") and name not in known
    )
    if unknown:
        raise ImproperlyConfigured(
            f"Unknown setting {', '.join(unknown)}."
            " README.md lists every setting; check the spelling."
        )


def number(name: str, default: int, *, least: int = 0) -> int:
    """A whole number that is not below `least`.

    :raises ImproperlyConfigured: it is anything else.
    """
    text = _text(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise ImproperlyConfigured(f"{name} must be a whole number, not {text!r}.")
    if int(text) < least:
        raise ImproperlyConfigured(f"{name} must be at least {least}, not {text}.")
    return int(text)


def switch(name: str) -> bool:
    """Whether it is `1`; `0` and nothing at all mean off.

    :raises ImproperlyConfigured: it is anything else.
    """
    text = _text(name)
    if text not in {"", "0", "1"}:
        raise ImproperlyConfigured(f"{name} must be 1 (on) or 0 (off), not {text!r}.")
    return text == "1"


def log_level(name: str) -> str:
    """One of `LEVELS`.

    :raises ImproperlyConfigured: it is none of them.
    """
    text = _text(name)
    level = text.upper() or "INFO"
    if level not in LEVELS:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(LEVELS)}, not {text!r}.")
    return level


def address(name: str, default: str, schemes: Collection[str], example: str) -> str:
    """An address with one of these schemes, and with a host unless it is a socket.

    :raises ImproperlyConfigured: it is none; its text may hold a password and is not shown.
    """
    text = _text(name) or default
    try:
        parts = urlsplit(text)
        is_whole = "://" in text and parts.scheme in schemes and parts.port != 0
        is_whole &= bool(parts.hostname) or parts.scheme in _OVER_SOCKETS
    except ValueError:  # a port that is no number, a bracket left open
        is_whole = False
    if not is_whole:
        raise ImproperlyConfigured(f"{name} must be a whole address such as {example}.")
    return text


def mail_server(name: str) -> str:
    """The address of a mail server, or nothing.

    :raises ImproperlyConfigured: it cannot be read.
    """
    text = _text(name)
    try:
        if text:
            smtp_url.read(text)
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name} must look like smtp://user:password@host:587"
            " or smtps://user:password@host:465, optionally with ?security=none."
        ) from error
    return text


def mail_address(name: str) -> str:
    """The address of a mailbox, or nothing.

    :raises ImproperlyConfigured: it is none.
    """
    text = _text(name)
    try:
        if text:
            validate_email(text)
    except ValidationError as error:
        raise ImproperlyConfigured(
            f"{name} must be an e-mail address such as help@desk.example, not {text!r}."
        ) from error
    return text


def _text(name: str) -> str:
    return os.environ.get(name, "").strip()
