"""The outbox at work: queue a mail, claim it by lease, send it outside any transaction."""

import logging
import smtplib
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from django.db import DatabaseError, Error, transaction
from django.db import connection as database

from accounts import doorbell
from accounts.models import User
from channels import letters, links, smtp
from channels.models import Outgoing, new_message_id
from sla.models import ExpiryNotice, ReportNotice
from tickets.models import Event

log = logging.getLogger(__name__)
# Longer than the four answers that a mail needs of its server; then what a crash left goes out
# again, within two minutes (docs/architecture.md I9).
LEASE = timedelta(seconds=5 * smtp.TIMEOUT)
LONGEST_PAUSE = timedelta(hours=4)
MOST_ATTEMPTS = 20  # about two and a half days
_LOCK = 7_106_319  # any number that no other advisory lock of the desk uses


@dataclass(frozen=True)
class Debt:
    """That somebody is to be told of an event, and from when on."""

    event: Event
    kind: str
    person: User
    next_at: datetime


# One short statement, because a night of breaches owes thousands of mails at once.
_QUEUE = """
INSERT INTO channels_outgoing
    (kind, event_id, recipient_id, message_id, created_at, next_at, next_path, attempts, trouble,
    address)
SELECT kind, event, person, format('<%%s@%%s>', gen_random_uuid(), %(host)s::text), at, next_at,
    '', 0, '', ''
FROM unnest(%(kinds)s::text[], %(events)s::bigint[], %(people)s::bigint[],
    %(times)s::timestamptz[], %(next)s::timestamptz[]) AS owed (kind, event, person, at, next_at)
ON CONFLICT (event_id, recipient_id) DO NOTHING
"""


def queue(owed: Sequence[Debt]) -> None:
    """Owe each of these people one mail about the event; asking twice owes it once."""
    if not owed:
        return
    rows: dict[str, Any] = {
        "kinds": [str(debt.kind) for debt in owed],
        "events": [debt.event.pk for debt in owed],
        "people": [debt.person.pk for debt in owed],
        "times": [debt.event.at for debt in owed],
        "next": [debt.next_at for debt in owed],
    }
    with database.cursor() as cursor:
        cursor.execute(_QUEUE, {**rows, "host": links.host()})
    transaction.on_commit(ring)


def queue_to(addresses: Sequence[str], event: Event, *, next_at: datetime) -> None:
    """Owe each of these addresses of third parties the words of an event; twice owes it once."""
    Outgoing.objects.bulk_create(
        [
            Outgoing(
                kind=Outgoing.Kind.SIDE, event=event, address=address,
                message_id=new_message_id(links.host()), created_at=event.at, next_at=next_at,
            )
            for address in addresses
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    transaction.on_commit(ring)


def queue_sign_in(person: User, *, at: datetime, next_path: str = "") -> Outgoing:
    """Owe the person a one-time sign-in link; its secret is made when the mail is sent."""
    return _queue_alone(Outgoing.Kind.SIGN_IN, person, at, next_path=next_path)


def queue_invitation(person: User, *, at: datetime) -> Outgoing:
    """Owe a new colleague the link that opens the account, good for a week."""
    return _queue_alone(Outgoing.Kind.INVITATION, person, at)


def queue_expiry(notice: ExpiryNotice, *, at: datetime, next_at: datetime) -> Outgoing | None:
    """Owe the account manager a mail that an agreement ends; None when there is nobody."""
    manager = notice.agreement.account_manager
    if manager is None:
        return None
    return _queue_alone(Outgoing.Kind.EXPIRY, manager, at, expiry=notice, next_at=next_at)


def queue_report(
    notice: ReportNotice, manager: User, *, at: datetime, next_at: datetime
) -> Outgoing:
    """Owe an account manager the figures of an organisation's month."""
    return _queue_alone(Outgoing.Kind.REPORT, manager, at, report=notice, next_at=next_at)


def ring() -> None:
    """Ask a worker to send."""
    from channels.tasks import send  # the task module imports this one

    doorbell.ring(send)


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
    try:
        message = _written(mail, connection.sender, at)
    except DatabaseError:  # the mail is not at fault: its lease runs out and it is tried again
        raise
    except Exception as error:  # a mail that cannot be written must not stop all others
        log.exception("Mail %s could not be written", mail.pk)
        _fail(mail, at, str(error) or type(error).__name__, is_final=True)
        return
    if message is None:
        _finish(mail, dropped_at=at)
        return
    _hand_over(mail, message, connection, at)


def _written(mail: Outgoing, sender: str, at: datetime) -> EmailMessage | None:
    written = letters.write(mail, at)
    return letters.as_message(mail, written, sender) if written else None


def _hand_over(
    mail: Outgoing, message: EmailMessage, connection: smtp.Connection, at: datetime
) -> None:
    try:
        connection.send(message)
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
            .select_related(
                "event__ticket__requester", "event__message__side", "expiry", "report", "recipient"
            )
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


def _queue_alone(kind: str, person: User, at: datetime, **more: Any) -> Outgoing:
    mail = Outgoing.objects.create(
        kind=kind, recipient=person, message_id=new_message_id(links.host()), created_at=at,
        **{"next_at": at, **more},
    )  # fmt: skip
    transaction.on_commit(ring)
    return mail
