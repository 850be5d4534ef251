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


def take_as_read(ticket: Ticket, user: User, seen: Seen | None) -> int | None:
    """Take a ticket as read as it was read, which so far was `seen`; gives the first message that
    was new to somebody who had looked before."""
    if seen is None or seen.version != ticket.version or seen.is_kept_unread:
        _store(ticket.pk, user, ticket.version, is_kept_unread=False)
    if seen is None or seen.version == ticket.version:
        return None
    words = Event.objects.filter(ticket=ticket, sequence__gt=seen.version)
    shown = _of_others(words, user, _WORDS).filter(message__withdrawn_at__isnull=True)
    return shown.order_by("sequence").values_list("message_id", flat=True).first()


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
    return _of_others(Event.objects.filter(ticket=OuterRef("pk"), sequence__gt=after), user, kinds)


def _of_others(events: QuerySet[Event], user: User, kinds: Iterable[str]) -> QuerySet[Event]:
    return events.filter(kind__in=kinds).exclude(actor_user=user)


def _store(number: int, user: User, version: int, *, is_kept_unread: bool) -> None:
    row = Seen(ticket_id=number, user=user, version=version, is_kept_unread=is_kept_unread)
    Seen.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["user", "ticket"],
        update_fields=["version", "is_kept_unread"],
    )
