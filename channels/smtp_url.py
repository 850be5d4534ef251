"""The mail server as HELPDESK_SMTP_URL spells it; settings check it before anything starts."""

from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

SECURITIES = ("starttls", "tls", "none")


class MailServer(NamedTuple):
    """Where mails are handed over; `security` is one of `SECURITIES`."""

    host: str
    port: int
    user: str
    password: str
    security: str


def read(url: str) -> MailServer:
    """Read `smtp://user:password@host:587` (STARTTLS), `smtps://…:465` or `?security=none`.

    :raises ValueError: it is spelled otherwise.
    """
    parts = urlsplit(url)
    wanted = parse_qs(parts.query).get("security", [""])[0]
    security = wanted or ("tls" if parts.scheme == "smtps" else "starttls")
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or security not in SECURITIES:
        raise ValueError(url)
    return MailServer(
        host=parts.hostname,
        port=parts.port or (465 if security == "tls" else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        security=security,
    )
