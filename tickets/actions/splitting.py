"""Making a ticket of its own from one message of a customer."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.actions._door import lock
from tickets.actions.copying import carry_copies
from tickets.actions.linking import refuse_too_many
from tickets.actions.opening import opened
from tickets.actions.sharing import share_out
from tickets.actions.triage import clean_subject
from tickets.errors import Conflict, NotFound
from tickets.events import record
from tickets.models import Attachment, Event, Link, Message, Relation, Ticket
from tickets.rendering import snippet_of

Kind = Event.Kind


@transaction.atomic
def split(
    number: int, message_id: int, *, actor: Actor, at: datetime, subject: str = ""
) -> Ticket:
    """Open a ticket with the words and files of a customer's message, linked from both sides.

    It has the same requester, copied people, organisation, product and team, no category yet, and
    clocks of its own from now on. The message stays where it was; without a subject its first
    words are it.

    :raises NotFound: the ticket has no such message.
    :raises Conflict: it is no customer's, became a ticket before, or belongs to a merged ticket.
    """
    ticket = lock(number, actor, "split")
    message = ticket.messages.filter(pk=message_id, withdrawn_at=None, redacted_at=None).first()
    if message is None:
        raise NotFound
    _refuse(ticket, message)
    refuse_too_many(ticket)
    at = max(at, ticket.updated_at)
    made = _open(ticket, message, clean_subject(subject) if subject else "", actor, at)
    Link.objects.create(ticket=made, relation=Relation.SPLIT_FROM, other=ticket, created_at=at)
    told = {"ticket": made.pk, "message": message.pk}
    record(ticket, Kind.SPLIT, actor=actor, at=at, after=told, other=made)
    carry_copies(ticket, made, actor=actor, at=at)
    linked = {"relation": Relation.SPLIT_FROM.value, "ticket": ticket.pk}
    record(made, Kind.LINKED, actor=actor, at=at, after=linked, other=ticket)
    return made


def _refuse(ticket: Ticket, message: Message) -> None:
    if message.is_note or message.author_is_agent:
        raise Conflict(_("Only what a customer wrote can become a ticket."), pointer="message")
    if message.sent_to_id:
        raise Conflict(_("This was sent to a merged ticket. Unmerge it first."), pointer="message")
    if ticket.events.filter(kind=Kind.SPLIT, after__message=message.pk).exists():
        raise Conflict(_("This message is a ticket of its own already."), pointer="message")


def _open(ticket: Ticket, message: Message, subject: str, actor: Actor, at: datetime) -> Ticket:
    made = Ticket.objects.create(
        subject=subject or snippet_of(message.body) or ticket.subject,
        requester=ticket.requester,
        requester_confirmed_at=ticket.requester_confirmed_at,
        organisation=ticket.organisation,
        product=ticket.product,
        team=ticket.team,
        source=ticket.source,
        snippet=snippet_of(message.body),
        waiting_since=at,
        created_at=at,
        updated_at=at,
        public_updated_at=at,
    )
    words = Message.objects.create(
        ticket=made, kind=message.kind, author=message.author, author_name=message.author_name,
        channel=message.channel, body=message.body, created_at=message.created_at,
    )  # fmt: skip
    files = message.attachments.filter(redacted_at__isnull=True).order_by("pk")
    Attachment.objects.bulk_create([
        Attachment(
            message=words, sha256=each.sha256, name=each.name, size=each.size,
            media_type=each.media_type, created_at=at,
        )
        for each in files
    ])  # fmt: skip
    record(
        made, Kind.OPENED, actor=actor, at=at, message=words,
        after=opened(made, words, by_customer=True),
    )  # fmt: skip
    share_out(made, at=at)
    return made
