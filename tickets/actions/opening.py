"""Opening tickets, and follow-ups of closed ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import Team, User
from products.models import Component, Product, Release
from tickets import attachments, custom_fields
from tickets.actions.copying import carry_copies
from tickets.actions.owners import refuse_outsider
from tickets.actions.sharing import share_out
from tickets.actions.triage import clean_subject, tags_named
from tickets.errors import (
    BlockedSender,
    ExternalIdTaken,
    Invalid,
    NotAllowed,
)
from tickets.events import plain, record
from tickets.models import Category, Event, Message, Priority, Status, Ticket
from tickets.rendering import snippet_of

AGENTS_ONLY = ("team", "assignee", "tags", "external_source", "emergency")
MOST_CHARACTERS = 200_000


SECOND_CLICK = timedelta(minutes=1)


@dataclass(frozen=True)
class Filing:
    """What somebody files: only subject, body and requester are always there.

    `requester_confirmed` says that the address is proven or vouched for; otherwise only the
    ticket's private link shows it until the requester proves it (docs/architecture.md). `called`
    is the name a stranger gave: who has not proven an address learns nothing about its owner.
    """

    subject: str
    body: str
    requester: User
    category: str | None = None
    priority: str = Priority.NORMAL
    product: Product | None = None
    component: Component | None = None
    affected_release: Release | None = None
    team: Team | None = None
    assignee: User | None = None
    tags: tuple[str, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict)
    emergency: bool = False
    external_source: str = ""
    external_id: str = ""
    uploads: tuple[str, ...] = ()
    source: str = Ticket.Source.WEB
    requester_confirmed: bool = True
    called: str = ""


@transaction.atomic
def open_ticket(filing: Filing, *, actor: Actor, at: datetime) -> Ticket:
    """Open a ticket with its first message.

    :raises BlockedSender: the desk takes nothing from the requester.
    :raises NotAllowed: a customer sets what only agents set; `pointer` names it.
    :raises ExternalIdTaken: another ticket carries the external id.
    :raises Invalid: a value cannot be used; `pointer` names it.
    """
    _refuse(filing, actor)
    _refuse_foreign_parts(filing)
    by_customer = actor.is_customer or actor.is_anonymous or _speaks_for_requester(filing, actor)
    ticket = Ticket(
        subject=clean_subject(filing.subject),
        requester=filing.requester,
        requester_confirmed_at=at if filing.requester_confirmed else None,
        organisation=filing.requester.organisation if filing.requester_confirmed else None,
        category=filing.category,
        category_confirmed_at=at if filing.category and actor.is_human_agent else None,
        priority=filing.priority,
        status=Status.OPEN if filing.assignee else Status.NEW,
        team=filing.team,
        assignee=filing.assignee,
        product=filing.product,
        component=filing.component,
        affected_release=filing.affected_release,
        fields=custom_fields.clean(filing.fields, filing.product, actor=actor, is_new=True),
        emergency=filing.emergency,
        source=filing.source,
        external_source=filing.external_source,
        external_id=filing.external_id,
        snippet=snippet_of(filing.body),
        waiting_since=at if by_customer else None,
        created_at=at,
        updated_at=at,
        public_updated_at=at,
    )
    return _open(ticket, filing, actor, at, by_customer=by_customer)


def follow_up(
    closed: Ticket, body: str, *, actor: Actor, at: datetime, uploads: Iterable[str] = ()
) -> Event:
    """Open a linked ticket for words that came after the end; give its opening event.

    `closed` is locked by the caller. The follow-up has clocks of its own (docs/sla.md R2). The
    same words within a minute are a second click: they give the follow-up that is there.
    """
    filing = Filing(
        subject=closed.subject,
        body=body,
        requester=closed.requester,
        category=closed.category,
        priority=closed.priority,
        product=closed.product,
        component=closed.component,
        affected_release=closed.affected_release,
        team=closed.team,
        uploads=tuple(uploads),
        source=_SOURCES[actor.door],
        requester_confirmed=closed.requester_confirmed_at is not None,
        called=actor.called,
    )
    if twin := _just_followed_up(closed, filing, at):
        return twin
    by_customer = not actor.is_agent or _speaks_for_requester(filing, actor)
    at = max(at, closed.updated_at)
    ticket = Ticket(
        subject=closed.subject,
        requester=closed.requester,
        requester_confirmed_at=closed.requester_confirmed_at,
        organisation=closed.organisation,
        category=closed.category,
        priority=closed.priority,
        team=closed.team,
        product=closed.product,
        component=closed.component,
        affected_release=closed.affected_release,
        fields=closed.fields,
        source=filing.source,
        follows_up=closed,
        snippet=snippet_of(body),
        waiting_since=at if by_customer else None,
        created_at=at,
        updated_at=at,
        public_updated_at=at,
    )
    _open(ticket, filing, actor, at, by_customer=by_customer)
    carry_copies(closed, ticket, actor=actor, at=at)
    record(closed, Event.Kind.FOLLOWED_UP, actor=actor, at=at, after={"follow_up": ticket.number})
    return ticket.events.get(kind=Event.Kind.OPENED)


def _just_followed_up(closed: Ticket, filing: Filing, at: datetime) -> Event | None:
    return Event.objects.filter(
        kind=Event.Kind.OPENED, ticket__follows_up=closed, at__gt=at - SECOND_CLICK,
        message__body=clean_body(filing.body, filing.uploads),
    ).first()  # fmt: skip


def clean_body(body: str, uploads: Iterable[str]) -> str:
    """Give the words of a message with plain line ends.

    :raises Invalid: no words and no files, or more than 200,000 characters.
    """
    text = body.replace("\r\n", "\n").strip()
    if not text and not list(uploads):
        raise Invalid(_("Write something, or add a file."), pointer="body")
    if len(text) > MOST_CHARACTERS:
        raise Invalid(_("This is too long. Send long texts as a file."), pointer="body")
    return text


def lock_external_id(source: str, external_id: str) -> None:
    """Wait for a ticket with this pair that is being opened, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 42))", [f"{source}\n{external_id}"]
        )


def opened(
    ticket: Ticket, message: Message, *, by_customer: bool, tags: Iterable[str] = ()
) -> dict[str, Any]:
    """Give what the opening event says of a new ticket."""
    return {
        "by": "customer" if by_customer else "agent",
        "message": message.pk,
        "status": ticket.status,
        "category": ticket.category,
        "priority": ticket.priority,
        "team": plain(ticket.team),
        "assignee": plain(ticket.assignee),
        "organisation": plain(ticket.organisation),
        "product": plain(ticket.product),
        "tags": list(tags),
        "follows_up": ticket.follows_up_id,
    }


_SOURCES = {
    "web": Ticket.Source.WEB,
    "agent": Ticket.Source.AGENT,
    "api": Ticket.Source.API,
    "email": Ticket.Source.EMAIL,
    "system": Ticket.Source.WEB,
}


def _open(
    ticket: Ticket, filing: Filing, actor: Actor, at: datetime, *, by_customer: bool
) -> Ticket:
    ticket.save(force_insert=True)
    if filing.tags:
        ticket.tags.set(tags_named(filing.tags))
    speaker = actor.user if actor.is_customer and actor.user else filing.requester
    said_by = filing.called or speaker.display_name
    message = Message.objects.create(
        ticket=ticket,
        kind=Message.Kind.REPLY,
        author=speaker if by_customer else actor.user,
        author_name=said_by if by_customer else actor.name,
        author_is_agent=not by_customer,
        is_automatic=not by_customer and actor.is_bot,
        channel=actor.door,
        body=clean_body(filing.body, filing.uploads),
        created_at=at,
    )
    attachments.bind(filing.uploads, message, actor=actor, at=at)
    record(
        ticket, Event.Kind.OPENED, at=at, message=message,
        actor=actor.calling_itself(said_by) if actor.is_anonymous else actor,
        after=opened(ticket, message, by_customer=by_customer, tags=filing.tags),
    )  # fmt: skip
    share_out(ticket, at=at)
    return ticket


def _speaks_for_requester(filing: Filing, actor: Actor) -> bool:
    """An integration files what a customer saw; an agent who is the requester is a customer."""
    if actor.is_bot:
        return True
    return actor.user is not None and actor.user.pk == filing.requester.pk


def _refuse(filing: Filing, actor: Actor) -> None:
    if filing.requester.is_blocked:
        raise BlockedSender
    _refuse_agents_fields(filing, actor)
    _refuse_nonsense(filing)
    if filing.external_id:
        _refuse_taken(filing, actor)


def _refuse_agents_fields(filing: Filing, actor: Actor) -> None:
    if not actor.is_agent and not actor.is_system:
        if filing.priority != Priority.NORMAL:
            raise NotAllowed(_("Agents set the priority."), pointer="priority")
        for name in AGENTS_ONLY:
            if getattr(filing, name):
                raise NotAllowed(_("Only agents may set this."), pointer=name)


def _refuse_nonsense(filing: Filing) -> None:
    if filing.category is not None and filing.category not in Category.values:
        raise Invalid(_("This is not a category."), pointer="category")
    if filing.priority not in Priority.values:
        raise Invalid(_("This is not a priority."), pointer="priority")
    if filing.emergency and filing.category != Category.CORRECTIVE:
        raise Invalid(_("Only a corrective ticket can be an emergency."), pointer="emergency")
    if bool(filing.external_source) != bool(filing.external_id):
        raise Invalid(
            _("An external source and an external id belong together."), pointer="external_id"
        )


def _refuse_taken(filing: Filing, actor: Actor) -> None:
    lock_external_id(filing.external_source, filing.external_id)
    taken = Ticket.objects.filter(
        external_source=filing.external_source, external_id=filing.external_id
    )
    if taken.exists():
        visible = taken.filter(pk__in=Ticket.objects.visible_to(actor).values("pk"))
        raise ExternalIdTaken(visible.values_list("number", flat=True).first())


def _refuse_foreign_parts(filing: Filing) -> None:
    product = filing.product.pk if filing.product else None
    for name in ("component", "affected_release"):
        part = getattr(filing, name)
        if part is not None and part.product_id != product:
            raise Invalid(_("This does not belong to the product."), pointer=name)
    if filing.assignee is not None:
        refuse_outsider(filing.assignee, filing.team)
