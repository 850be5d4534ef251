"""The mail server: which one, how to reach it, and one connection for many mails."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import Self

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import DeskSettings
from channels import links, smtp_url

TIMEOUT = 20  # seconds for each answer of the server
Security = DeskSettings.Security


@dataclass(frozen=True)
class Server:
    """Where mails are handed over, and who they come from."""

    host: str
    port: int
    user: str
    password: str
    security: str
    sender: str


def current() -> Server | None:
    """The server of the environment, else that of the settings page; None while there is none."""
    desk = DeskSettings.current()
    sender = settings.MAIL_FROM or desk.mail_from or f"helpdesk@{links.host()}"
    if settings.SMTP_URL:
        return Server(*smtp_url.read(settings.SMTP_URL), sender)
    if not desk.smtp_host:
        return None
    return Server(
        desk.smtp_host, desk.smtp_port, desk.smtp_user, desk.smtp_password,
        desk.smtp_security, sender,
    )  # fmt: skip


def try_out(server: Server, to: str) -> str:
    """Send one test mail now; give "" when it was accepted, else a sentence."""
    message = EmailMessage()
    message["From"] = server.sender
    message["To"] = to
    message["Subject"] = _("Test mail of the helpdesk")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(_("This mail shows that the helpdesk can send mails."))
    try:
        with Connection(server) as connection:
            connection.send(message)
    except (smtplib.SMTPException, OSError) as error:
        return _("The mail server did not take the mail: %(error)s") % {"error": error}
    return ""


class Connection:
    """A connection that opens with the first mail and is renewed after a fault."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._session: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()

    @property
    def sender(self) -> str:
        """The address that mails come from."""
        return self._server.sender

    def open(self) -> smtplib.SMTP:
        """Connect and sign in, unless that is done.

        :raises smtplib.SMTPException: the server does not let us in.
        :raises OSError: the server cannot be reached.
        """
        if self._session is None:
            self._session = _open(self._server)
        return self._session

    def send(self, message: EmailMessage) -> None:
        """Hand over one mail.

        :raises smtplib.SMTPException: the server refuses or defers it.
        :raises OSError: the server went away.
        """
        session = self.open()
        try:
            session.send_message(message)
        except (smtplib.SMTPException, OSError):
            self._close()
            raise

    def _close(self) -> None:
        session, self._session = self._session, None
        if session is None:
            return
        try:
            session.quit()
        except (smtplib.SMTPException, OSError):
            session.close()


def _open(server: Server) -> smtplib.SMTP:
    context = ssl.create_default_context()
    session: smtplib.SMTP
    if server.security == Security.TLS:
        session = smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT, context=context)
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT)
    try:
        if server.security == Security.STARTTLS:
            session.starttls(context=context)
        if server.user:
            session.login(server.user, server.password)
    except (smtplib.SMTPException, OSError):
        session.close()
        raise
    return session
