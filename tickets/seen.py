"""What is new on a ticket for an agent: words and news of others since the agent last looked.

Nothing of it is an event: it changes no ticket, and nobody else sees it.
"""

from collections.abc import Iterable

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from accounts.models import User
from tickets.errors import NotFound
from tickets.models import Event, Seen, Ticket
from tickets.models.tickets import LIVE, TicketQuerySet

_WORDS = (Event.Kind.OPENED, Event.Kind.MESSAGE_ADDED)
NEWS = (*_WORDS, Event.Kind.REOPENED, Event.Kind.ASSIGNED)


def with_unread(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """Let each ticket of a list know whether something on it is new to a person: `is_unread`."""
    return tickets.annotate(is_unread=Case(When(unread_by(user), then=True), default=False))


def unread_by(user: User) -> Q:
    """Give the condition that something on a ticket is new to a person.

    What is finished and was never looked at is not new to anybody.
    """
    own = _own(user, "pk")
    may_be_new = Q(Exists(own)) | Q(status__in=LIVE)
    is_kept = Q(Exists(own.filter(is_kept_unread=True)))
    return is_kept | may_be_new & Q(Exists(_news(user, NEWS)))


def look(number: int, actor: Actor) -> int | None:
    """Take a ticket as read and give the first message that was new, if one looked before.

    Does nothing where the actor does not see the ticket, or is no person.
    """
    if actor.user is None:
        return None
    words = _news(actor.user, _WORDS).filter(message__withdrawn_at__isnull=True)
    news = words.order_by("sequence").values("message")[:1]
    own = _own(actor.user, "pk")
    row = (
        Ticket.objects.visible_to(actor)
        .filter(pk=number)
        .annotate(
            seen_to=Subquery(own.values("version")),
            is_kept=Subquery(own.values("is_kept_unread")),
            first_new=Subquery(news),
        )
        .values("version", "seen_to", "is_kept", "first_new")
        .first()
    )
    if row is None:
        return None
    if row["version"] != row["seen_to"] or row["is_kept"]:
        _store(number, actor.user, row["version"], is_kept_unread=False)
    first: int | None = row["first_new"] if row["seen_to"] is not None else None
    return first


def keep_unread(number: int, actor: Actor) -> None:
    """Let a ticket stand as unread until the actor looks at it again.

    :raises NotFound: the actor does not see it, or is no person.
    """
    seen = Ticket.objects.visible_to(actor).filter(pk=number)
    version = seen.values_list("version", flat=True).first()
    if version is None or actor.user is None:
        raise NotFound
    _store(number, actor.user, version, is_kept_unread=True)


def _own(user: User, ticket: str) -> QuerySet[Seen]:
    """How far a person has read the ticket that a column of the outer query names."""
    return Seen.objects.filter(ticket=OuterRef(ticket), user=user)


def _news(user: User, kinds: Iterable[str]) -> QuerySet[Event]:
    """Walk the events of others after what was seen, within a query of tickets."""
    after = Coalesce(Subquery(_own(user, "ticket").values("version")), Value(0))
    news = Event.objects.filter(ticket=OuterRef("pk"), sequence__gt=after, kind__in=kinds)
    return news.exclude(actor_user=user)


def _store(number: int, user: User, version: int, *, is_kept_unread: bool) -> None:
    row = Seen(ticket_id=number, user=user, version=version, is_kept_unread=is_kept_unread)
    Seen.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["user", "ticket"],
        update_fields=["version", "is_kept_unread"],
    )
