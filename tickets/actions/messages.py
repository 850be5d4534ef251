"""Words on a ticket: replies, notes, a customer's messages; taking back and redacting them."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actor import Actor
from tickets import attachments
from tickets.actions._door import change, lock, lock_home
from tickets.actions.effort import delete_time_sent_with
from tickets.actions.opening import clean_body, follow_up
from tickets.actions.snoozing import to_awake
from tickets.actions.status import to_open
from tickets.actions.waiting import waiting_since
from tickets.errors import BlockedSender, Merged, NotFound, TooLateToUndo
from tickets.events import plain, record
from tickets.mentioning import named_in
from tickets.models import Attachment, Draft, Event, Mention, Message, Status, Ticket
from tickets.rendering import snippet_of

Kind = Event.Kind
_CHANNELS = {"web": "web", "agent": "agent", "api": "api", "email": "email", "system": "system"}


@transaction.atomic
def reply(
    number: int, body: str, *, actor: Actor, at: datetime, uploads: Iterable[str] = ()
) -> Event:
    """Write to the customer, or as the customer; give the event of the message.

    An agent's first reply opens a new ticket. A message of the requester's side is a customer
    message and reopens what waits. On a closed ticket it opens a linked follow-up, and the
    event belongs to that (docs/architecture.md, Status). A customer's words to a merged ticket
    are added where it was merged into.

    :raises Invalid: no words and no files, or too many words.
    :raises TooLarge: a limit for files is passed.
    :raises Merged: an agent answers a ticket that was merged.
    """
    own = Ticket.objects.filter(pk=number, requester=actor.user) if actor.user else None
    if actor.is_customer or (own is not None and own.exists()):
        return receive(number, body, actor=actor, at=at, uploads=uploads)
    ticket = lock(number, actor, "reply")
    if ticket.merged_into_id:
        raise Merged
    if ticket.status == Status.CLOSED:
        return follow_up(ticket, clean_body(body, uploads), actor=actor, at=at, uploads=uploads)
    event = _add(ticket, Message.Kind.REPLY, body, actor, at, list(uploads))
    if actor.is_human_agent and ticket.status == Status.NEW:
        to_open(ticket, actor=actor, at=at)
    return event


@transaction.atomic
def receive(
    number: int, body: str, *, actor: Actor, at: datetime, uploads: Iterable[str] = ()
) -> Event:
    """Take a customer's message; a ticket that waits, or was resolved, is open again.

    :raises BlockedSender: the desk takes nothing from this person.
    :raises Invalid: no words and no files, or too many words.
    """
    ticket, home = lock_home(number, actor, "reply")
    return _receive(ticket, home, body, actor, at, list(uploads))


@transaction.atomic
def note(
    number: int, body: str, *, actor: Actor, at: datetime, uploads: Iterable[str] = ()
) -> Event:
    """Write an internal note, which never leaves the team; colleagues named by `@` are told.

    :raises Invalid: no words and no files, or too many words.
    """
    ticket = lock(number, actor, "note")
    return _add(ticket, Message.Kind.NOTE, body, actor, at, list(uploads))


@transaction.atomic
def withdraw(number: int, message_id: int, *, actor: Actor, at: datetime) -> Event:
    """Take back one's own reply or note within ten seconds; its words become the draft again.

    What the same request did to the status is undone with it, and the time it logged is gone.

    :raises TooLateToUndo: the time is over, or somebody else wrote it.
    """
    ticket = lock(number, actor, "withdraw")
    message = _message(ticket, message_id)
    is_author = actor.user is not None and message.author_id == actor.user.pk
    if not is_author or not message.is_in_undo_window(at):
        raise TooLateToUndo
    message.withdrawn_at = at
    message.save(update_fields=["withdrawn_at"])
    Draft.objects.update_or_create(
        ticket=ticket, user=actor.user, kind=Draft.OF_SIDE if message.side_id else message.kind,
        defaults={"body": message.body, "saved_at": at},
    )  # fmt: skip
    if not message.side_id:
        _undo_status(ticket, message, actor, at)
    delete_time_sent_with(ticket, message, actor=actor, at=at)
    ticket.waiting_since = waiting_since(ticket, ticket.status)
    ticket.snippet = _last_snippet(ticket)
    return record(
        ticket, Kind.MESSAGE_WITHDRAWN, actor=actor, at=at, message=message,
        after={"message": message.pk, "kind": message.kind},
        changed=("waiting_since", "snippet"),
    )  # fmt: skip


@transaction.atomic
def redact_message(number: int, message_id: int, *, actor: Actor, at: datetime) -> Event:
    """Wipe the words and files of a message for good; its place and author remain.

    :raises NotFound: the ticket has no such message.
    """
    ticket = lock(number, actor, "redact")
    message = _message(ticket, message_id)
    message.body = ""
    message.redacted_at = at
    message.save(update_fields=["body", "redacted_at"])
    for attachment in message.attachments.filter(redacted_at__isnull=True):
        attachments.redact(attachment, at)
    Draft.objects.filter(ticket=ticket, kind=message.kind, user=message.author).delete()
    ticket.snippet = _last_snippet(ticket)
    return record(
        ticket, Kind.MESSAGE_REDACTED, actor=actor, at=at, message=message,
        after={"message": message.pk, "kind": message.kind}, changed=("snippet",),
    )  # fmt: skip


@transaction.atomic
def redact_attachment(number: int, key: str, *, actor: Actor, at: datetime) -> Event:
    """Wipe one file of a message for good; a trace with its time remains.

    :raises NotFound: the ticket has no such file.
    """
    ticket = lock(number, actor, "redact")
    attachment = (
        Attachment.objects.select_related("message")
        .filter(key=key, message__ticket=ticket, redacted_at__isnull=True)
        .first()
    )
    if attachment is None:
        raise NotFound
    attachments.redact(attachment, at)
    return record(
        ticket, Kind.ATTACHMENT_REDACTED, actor=actor, at=at, message=attachment.message,
        after={"message": attachment.message_id, "kind": attachment.message.kind},
    )  # fmt: skip


def _receive(
    ticket: Ticket, home: Ticket, body: str, actor: Actor, at: datetime, uploads: list[str]
) -> Event:
    """Add a customer's words to a ticket, or at `home` when it was merged into that."""
    if actor.user is not None and actor.user.is_blocked:
        raise BlockedSender
    is_shared = ticket.shares_its_customer_with(home) and not _is_copied_apart(ticket, home, actor)
    sent_to = None if is_shared else ticket
    if home.status == Status.CLOSED:
        words = clean_body(body, uploads)
        return follow_up(sent_to or home, words, actor=actor, at=at, uploads=uploads)
    event = _add(home, Message.Kind.REPLY, body, actor, at, uploads, by="customer", to=sent_to)
    # The other customer reads that it is open again, but not by whom.
    unnamed = actor.calling_itself(_("Another customer")) if sent_to else actor
    if home.status in {Status.PENDING, Status.ON_HOLD, Status.RESOLVED}:
        to_open(home, actor=unnamed, at=at)
    to_awake(home, actor=unnamed, at=at)
    return event


def _is_copied_apart(ticket: Ticket, home: Ticket, actor: Actor) -> bool:
    """Whether the writer is copied on a merged ticket, but does not read the one it goes on in."""
    person = actor.user
    if person is None or ticket == home or ticket.belongs_to(person):
        return False
    return not home.is_read_by(person)


def _add(
    ticket: Ticket, kind: str, body: str, actor: Actor, at: datetime, uploads: list[str],
    *, by: str = "", to: Ticket | None = None,
) -> Event:  # fmt: skip
    at = max(at, ticket.updated_at)
    by = by or ("agent" if actor.is_human_agent else "bot")
    message = Message.objects.create(
        ticket=ticket,
        sent_to=to,
        kind=kind,
        author=actor.user,
        author_name=actor.name,
        author_is_agent=by != "customer",
        is_automatic=by == "bot",
        channel=_CHANNELS[actor.door],
        body=clean_body(body, uploads),
        created_at=at,
    )
    attachments.bind(uploads, message, actor=actor, at=at)
    changed = _mark_waiting(ticket, kind, by, at)
    if kind == Message.Kind.REPLY:
        ticket.snippet = snippet_of(message.body)
        changed += ("snippet",)
    named = named_in(message.body, ticket, actor.user) if message.is_note else []
    after = {"message": message.pk, "kind": kind, "by": by}
    event = record(
        ticket, Kind.MESSAGE_ADDED, actor=actor, at=at, message=message, changed=changed,
        after=after | ({"mentions": [plain(each.person) for each in named]} if named else {}),
    )  # fmt: skip
    Mention.objects.bulk_create(
        Mention(message=message, user=each.person, name=each.name, sequence=event.sequence)
        for each in named
    )
    return event


def _mark_waiting(ticket: Ticket, kind: str, by: str, at: datetime) -> tuple[str, ...]:
    if kind == Message.Kind.NOTE or by == "bot":
        return ()
    if by == "agent":
        ticket.waiting_since = None
    elif ticket.waiting_since is None:
        ticket.waiting_since = at
    return ("waiting_since",)


def _message(ticket: Ticket, message_id: int) -> Message:
    message = ticket.messages.select_for_update().filter(pk=message_id).first()
    if message is None or message.withdrawn_at or message.redacted_at:
        raise NotFound
    return message


def _undo_status(ticket: Ticket, message: Message, actor: Actor, at: datetime) -> None:
    sent = ticket.events.filter(message=message, kind=Kind.MESSAGE_ADDED).first()
    if sent is None:  # the words that opened the ticket stay
        raise TooLateToUndo
    moved = ticket.events.filter(
        sequence__gt=sent.sequence, request_id=sent.request_id, before__has_key="status"
    ).order_by("sequence")
    steps = list(moved) if sent.request_id else []
    if not steps or ticket.status != steps[-1].after["status"]:
        return
    change(
        ticket, Kind.STATUS_CHANGED, actor=actor, at=at,
        status=steps[0].before["status"], resolved_at=None,
        hold_reason=steps[0].before.get("hold_reason", ticket.hold_reason),
    )  # fmt: skip


def _last_snippet(ticket: Ticket) -> str:
    last = (
        ticket.messages.filter(kind=Message.Kind.REPLY, withdrawn_at__isnull=True)
        .order_by("-created_at", "-id")
        .first()
    )
    return snippet_of(last.body) if last else ""
