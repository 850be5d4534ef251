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


def with_seen(tickets: TicketQuerySet, user: User) -> TicketQuerySet:
    """Let a ticket know how far a person has read it, for `take_as_read`."""
    words = _news(user, _WORDS).filter(message__withdrawn_at__isnull=True)
    own = _own(user, "pk")
    return tickets.annotate(
        seen_to=Subquery(own.values("version")),
        is_kept_unread=Subquery(own.values("is_kept_unread")),
        first_new=Subquery(words.order_by("sequence").values("message")[:1]),
    )


def take_as_read(ticket: Ticket, user: User) -> int | None:
    """Take a ticket (of `with_seen`) as read as it was read; gives the first message that was
    new to somebody who had looked before."""
    seen_to, first_new = ticket.seen_to, ticket.first_new  # type: ignore[attr-defined]
    if ticket.version != seen_to or ticket.is_kept_unread:  # type: ignore[attr-defined]
        _store(ticket.pk, user, ticket.version, is_kept_unread=False)
    return None if seen_to is None else first_new


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
