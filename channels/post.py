"""The outbox at work: queue a mail, claim it by lease, send it outside any transaction."""

import logging
import smtplib
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

from django.db import Error, transaction
from django.db import connection as database
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import User
from channels import letters, links, smtp
from channels.models import Outgoing, new_message_id
from tickets.models import Event

log = logging.getLogger(__name__)
# Longer than the four answers that a mail needs of its server; then what a crash left goes out
# again, within two minutes (docs/architecture.md I9).
LEASE = timedelta(seconds=5 * smtp.TIMEOUT)
LONGEST_PAUSE = timedelta(hours=4)
MOST_ATTEMPTS = 20  # about two and a half days
_LOCK = 7_106_319  # any number that no other advisory lock of the desk uses


def queue(event: Event, owed: Iterable[tuple[str, User]], *, next_at: datetime) -> None:
    """Owe each of these people one mail about the event; asking twice owes it once."""
    rows = [
        Outgoing(
            kind=kind,
            event=event,
            recipient=person,
            message_id=new_message_id(links.host()),
            created_at=event.at,
            next_at=next_at,
        )
        for kind, person in owed
    ]
    if rows:
        Outgoing.objects.bulk_create(rows, ignore_conflicts=True)
        transaction.on_commit(ring)


def queue_sign_in(person: User, *, at: datetime, next_path: str = "") -> Outgoing:
    """Owe the person a one-time sign-in link; its secret is made when the mail is sent."""
    return _queue_alone(Outgoing.Kind.SIGN_IN, person, at, next_path)


def queue_invitation(person: User, *, at: datetime) -> Outgoing:
    """Owe a new colleague the link that opens the account, good for a week."""
    return _queue_alone(Outgoing.Kind.INVITATION, person, at)


def ring() -> None:
    """Ask a worker to send; a broker that is away is no reason to fail (docs/architecture.md)."""
    from channels.tasks import send  # the task module imports this one

    try:
        send.apply_async(retry=False, ignore_result=True)
    except (OperationalError, RedisError, OSError) as error:
        log.warning("The broker cannot be reached, beat will send: %s", error)


@contextmanager
def only_sender() -> Iterator[bool]:
    """Say whether this process may send now; a connection that ends lets the next one in."""
    with database.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        is_ours: bool = cursor.fetchone()[0]
        try:
            yield is_ours
        finally:
            if is_ours:
                with suppress(Error):  # it was cut off, and the lock went with it
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def send_next(connection: smtp.Connection, at: datetime) -> bool:
    """Send the next mail that is due; False when there is none, or the server is away."""
    if not Outgoing.objects.claimable(at).exists():
        return False
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        _wait_for_server(at, str(error) or type(error).__name__)
        return False
    mail = _claim(at)
    if mail is None:
        return False
    _send(mail, connection, at)
    return True


def _send(mail: Outgoing, connection: smtp.Connection, at: datetime) -> None:
    written = letters.write(mail, at)
    if written is None:
        _finish(mail, dropped_at=at)
        return
    try:
        connection.send(letters.as_message(mail, written, connection.sender))
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        _fail(mail, at, f"{code} {_said(answer)}", is_final=code >= 500)
    except smtplib.SMTPResponseException as error:
        is_final = isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
        _fail(mail, at, f"{error.smtp_code} {_said(error.smtp_error)}", is_final=is_final)
    except (smtplib.SMTPException, OSError) as error:
        _fail(mail, at, str(error) or type(error).__name__, is_final=False)
    else:
        _finish(mail, sent_at=at, trouble="")


def _said(answer: bytes | str) -> str:
    return answer.decode(errors="replace") if isinstance(answer, bytes) else answer


def _claim(at: datetime) -> Outgoing | None:
    """Take a lease on the next due mail; two workers never hold the same one."""
    with transaction.atomic():
        mail = (
            Outgoing.objects.claimable(at)
            .select_for_update(skip_locked=True, of=("self",))
            .select_related("event__ticket__requester", "event__message", "recipient")
            .first()
        )
        if mail is None:
            return None
        mail.lease = uuid.uuid4()
        mail.leased_until = at + LEASE
        mail.attempts += 1
        mail.save(update_fields=["lease", "leased_until", "attempts"])
    return mail


def _wait_for_server(at: datetime, trouble: str) -> None:
    # Nobody's mail is at fault, so none of them loses an attempt.
    log.warning("The mail server cannot be reached: %s", trouble)
    Outgoing.objects.claimable(at).order_by().update(
        trouble=trouble[:2000], next_at=at + timedelta(minutes=1)
    )


def _fail(mail: Outgoing, at: datetime, trouble: str, *, is_final: bool) -> None:
    pause = min(timedelta(minutes=1) * 2 ** (mail.attempts - 1), LONGEST_PAUSE)
    is_final = is_final or mail.attempts >= MOST_ATTEMPTS
    log.warning("Mail %s was not accepted: %s", mail.pk, trouble)
    _finish(mail, trouble=trouble[:2000], next_at=at + pause, dead_at=at if is_final else None)


def _finish(mail: Outgoing, **values: object) -> None:
    # By lease: a worker that slept through its lease must not undo what another did since.
    Outgoing.objects.filter(pk=mail.pk, lease=mail.lease).update(
        lease=None, leased_until=None, **values
    )


def _queue_alone(kind: str, person: User, at: datetime, next_path: str = "") -> Outgoing:
    mail = Outgoing.objects.create(
        kind=kind,
        recipient=person,
        next_path=next_path,
        message_id=new_message_id(links.host()),
        created_at=at,
        next_at=at,
    )
    transaction.on_commit(ring)
    return mail
