"""Side conversations: writing to a third party about a ticket, and what comes back.

None of it is a response, stops or starts a clock (docs/sla.md K6), or shows to a customer.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actions.people import clean_email
from accounts.actor import Actor
from tickets import attachments
from tickets.actions._door import lock
from tickets.actions.opening import clean_body
from tickets.actions.triage import clean_subject
from tickets.errors import Invalid, NotFound, TooLarge
from tickets.events import record
from tickets.models import Attachment, Draft, Event, Message, SideConversation, Ticket

Kind = Event.Kind
MOST_ADDRESSES = 10
MOST_BYTES = 15 * 1024 * 1024  # of files in one mail; many servers refuse more than 20 MB


@transaction.atomic
def start_side(
    number: int, addresses: Iterable[str], subject: str, body: str, *, actor: Actor,
    at: datetime, uploads: Iterable[str] = (), files: Iterable[str] = (),
) -> Event:  # fmt: skip
    """Begin to write to a third party; `files` are keys of the ticket's own that go along.

    :raises Invalid: no words, no or too many addresses, or one is the customer's.
    :raises TooLarge: the files are too much for a mail.
    """
    ticket = lock(number, actor, "side")
    side = SideConversation.objects.create(
        ticket=ticket, subject=clean_subject(subject), created_at=max(at, ticket.updated_at),
        addresses=_clean_addresses(ticket, addresses),
    )  # fmt: skip
    return _say(ticket, side, Kind.SIDE_STARTED, body, actor, at, uploads, files)


@transaction.atomic
def write_side(
    number: int, side_id: int, body: str, *, actor: Actor, at: datetime,
    uploads: Iterable[str] = (), files: Iterable[str] = (),
) -> Event:  # fmt: skip
    """Write to the third party again; a closed conversation is open from then on.

    :raises Invalid: no words.
    :raises TooLarge: the files are too much for a mail.
    """
    ticket = lock(number, actor, "side")
    side = _side(ticket, side_id)
    return _say(ticket, side, Kind.SIDE_WRITTEN, body, actor, at, uploads, files)


@transaction.atomic
def answer_side(
    number: int, side_id: int, body: str, *, actor: Actor, at: datetime,
    uploads: Iterable[str] = (),
) -> Event:  # fmt: skip
    """Keep what the third party answered; a closed conversation is open from then on.

    :raises Invalid: no words.
    """
    ticket = lock(number, actor, "side")
    side = _side(ticket, side_id)
    return _say(ticket, side, Kind.SIDE_ANSWERED, body, actor, at, uploads, ())


@transaction.atomic
def close_side(number: int, side_id: int, *, actor: Actor, at: datetime) -> Event | None:
    """Say that nothing more is awaited from the third party."""
    ticket = lock(number, actor, "side")
    side = _side(ticket, side_id)
    if side.closed_at is not None:
        return None
    side.closed_at = at
    side.save(update_fields=["closed_at"])
    return record(
        ticket, Kind.SIDE_CLOSED, actor=actor, at=at,
        after={"side": side.pk, "with": side.addresses},
    )  # fmt: skip


def _side(ticket: Ticket, side_id: int) -> SideConversation:
    side = ticket.sides.filter(pk=side_id).first()
    if side is None:
        raise NotFound
    return side


def _say(
    ticket: Ticket, side: SideConversation, kind: Event.Kind, body: str, actor: Actor,
    at: datetime, uploads: Iterable[str], files: Iterable[str],
) -> Event:  # fmt: skip
    is_theirs = kind == Kind.SIDE_ANSWERED
    at, wanted = max(at, ticket.updated_at), [*uploads]
    keys = [*files]
    message = Message.objects.create(
        ticket=ticket,
        side=side,
        kind=Message.Kind.NOTE,
        author=actor.user,
        author_name=side.with_whom[:200] if is_theirs else actor.name,
        author_is_agent=True,
        is_automatic=actor.is_bot and not is_theirs,
        channel=Message.Channel.EMAIL if is_theirs else actor.door,
        body=clean_body(body, [*wanted, *keys]),
        created_at=at,
    )
    attachments.bind(wanted, message, actor=actor, at=at)
    _enclose(ticket, message, keys, at)
    if side.closed_at is not None:
        side.closed_at = None
        side.save(update_fields=["closed_at"])
    Draft.objects.filter(ticket=ticket, user=actor.user, kind=Draft.OF_SIDE).delete()
    return record(
        ticket, kind, actor=actor, at=at, message=message,
        after={"side": side.pk, "with": side.addresses, "message": message.pk},
    )  # fmt: skip


def _enclose(ticket: Ticket, message: Message, keys: list[str], at: datetime) -> None:
    """Let files of the ticket go along, and refuse more than a mail carries."""
    own = Attachment.objects.filter(message__ticket=ticket, redacted_at__isnull=True)
    chosen = list(own.filter(key__in=keys).order_by("pk"))
    if len(chosen) < len(set(keys)):
        raise Invalid(_("One of the files is not there any more."), pointer="files")
    Attachment.objects.bulk_create([
        Attachment(
            message=message, sha256=each.sha256, name=each.name, size=each.size,
            media_type=each.media_type, created_at=at,
        )
        for each in chosen
    ])  # fmt: skip
    if sum(message.attachments.values_list("size", flat=True)) > MOST_BYTES:
        raise TooLarge(_("The files of one mail may have 15 MB together."), pointer="files")


def _clean_addresses(ticket: Ticket, addresses: Iterable[str]) -> list[str]:
    wanted = list(
        dict.fromkeys(clean_email(each, pointer="addresses") for each in addresses if each.strip())
    )
    if not 0 < len(wanted) <= MOST_ADDRESSES:
        raise Invalid(_("Give one to ten addresses."), pointer="addresses")
    copied = ticket.copies.values_list("person__email", flat=True)
    customers = {ticket.requester.email, *copied}
    if customers & set(wanted):
        raise Invalid(_("This is the customer. Write a reply instead."), pointer="addresses")
    return wanted
