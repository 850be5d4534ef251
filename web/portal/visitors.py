"""Who stands at the portal: a signed-in person, a holder of private links, or a stranger."""

from datetime import datetime
from zoneinfo import ZoneInfo, available_timezones

from django.http import HttpRequest

from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import DeskSettings, User
from accounts.secrets import new_secret
from tickets import actions
from tickets.models import PublicLink, Ticket
from web.viewer import actor_of

_LINKS, _VISITOR, _ZONE = "links", "visitor", "zone"
MOST_LINKS = 30


def remember_link(request: HttpRequest, link: PublicLink) -> None:
    """Keep the right to one ticket in the visitor's session, so that the address is clean."""
    links: dict[str, int] = request.session.get(_LINKS, {})
    links[str(link.ticket_id)] = link.pk
    request.session[_LINKS] = dict(list(links.items())[-MOST_LINKS:])


def actor_for(request: HttpRequest, number: int, at: datetime) -> Actor:
    """Give who may act on this ticket here: the signed-in person, or the holder of its link.

    :raises NotFound: neither may see it; a link that was revoked or expired is none.
    """
    signed_in = actor_of(request)
    if signed_in.is_customer and Ticket.objects.visible_to(signed_in).filter(pk=number).exists():
        return signed_in
    pk = request.session.get(_LINKS, {}).get(str(number))
    link = (
        PublicLink.objects.select_related("person__organisation", "ticket")
        .filter(pk=pk, ticket=number, revoked_at__isnull=True, expires_at__gt=at)
        .first()
        if pk
        else None
    )
    if link is None or not link.person.is_active or not link.ticket.is_read_by(link.person):
        raise NotFound
    actor = Actor(
        user=link.person, door="web", request_id=signed_in.request_id, only_ticket=number
    )
    is_requesters = link.person_id == link.ticket.requester_id
    if is_requesters and link.ticket.requester_confirmed_at is None:
        first = link.ticket.messages.order_by("id").values_list("author_name", flat=True)[0]
        return actor.calling_itself(first)
    return actor


def may_see(request: HttpRequest, number: int, at: datetime) -> bool:
    """Say whether whoever stands here sees this ticket as a customer."""
    try:
        actor_for(request, number, at)
    except NotFound:
        return False
    return True


def let_in(request: HttpRequest, ticket: Ticket, person: User | None, at: datetime) -> None:
    """Open another ticket that the same customer reads to the visitor's session."""
    if person is not None and ticket.is_read_by(person) and not may_see(request, ticket.pk, at):
        secret = actions.make_link(ticket, at=at, was_mailed=False, person=person)
        remember_link(request, actions.use_link(secret, at=at))


def visitor_of(request: HttpRequest) -> str:
    """Give the name under which a stranger's session keeps its uploads; who signed in has none."""
    if actor_of(request).user is not None:
        return ""
    if _VISITOR not in request.session:
        request.session[_VISITOR] = new_secret()
    visitor: str = request.session[_VISITOR]
    return visitor


def remember_zone(request: HttpRequest, name: str) -> None:
    """Keep the zone in which the visitor's browser reads times."""
    if name in available_timezones():
        request.session[_ZONE] = name


def zone_of(request: HttpRequest) -> ZoneInfo:
    """Give the visitor's zone: the person's own, the browser's, the desk's."""
    desk = DeskSettings.current().time_zone
    user = actor_of(request).user
    if user is not None and user.time_zone:
        return ZoneInfo(user.time_zone)
    known = request.session.get(_ZONE, "")
    if known in available_timezones():
        return ZoneInfo(known)
    return user.zone(desk) if user is not None else ZoneInfo(desk)
