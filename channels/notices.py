"""Who is owed a mail about an event; called for every published event (TICKET_EVENT_SUBSCRIBERS).

Never the one who did it, never about a note, never somebody who does not see the ticket. A
confirmation is the one mail that its own cause asks for.
"""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from channels import post
from channels.models import Outgoing
from channels.readers import sees
from sla.models import Standing
from tickets.models import UNDO_WINDOW, Event, Ticket

Kind = Outgoing.Kind
Owed = list[tuple[str, User]]


def on_event(event: Event) -> None:
    """Write an outbox row for everybody whom this event concerns; may run twice."""
    who = _WHO.get(Event.Kind(event.kind))
    if who is None or event.ticket.is_spam:
        return
    # The first reason counts: somebody assigned at once is not told of a new ticket as well.
    owed: dict[int, tuple[str, User]] = {}
    for kind, person in who(event):
        owed.setdefault(person.pk, (kind, person))
    rows = [(kind, person) for kind, person in owed.values() if _is_owed(event, kind, person)]
    post.queue(event, rows, next_at=_earliest(event))


def _opened(event: Event) -> Owed:
    ticket = event.ticket
    owed: Owed = []
    if ticket.assignee:
        owed.append((Kind.ASSIGNED, ticket.assignee))
    else:
        wanting = (person for person in _team(ticket) if person.mail_new_tickets)
        owed += [(Kind.NEW_TICKET, person) for person in wanting]
    if not ticket.requester.is_staff_member:
        first = Kind.FOLLOW_UP if ticket.follows_up_id else Kind.CONFIRMATION
        owed.append((first, ticket.requester))
    return owed


def _message_added(event: Event) -> Owed:
    message = event.message
    if message is None or message.is_note:
        return []
    if message.author_is_agent:
        return [(Kind.REPLY, event.ticket.requester)]
    return [(Kind.ANSWER, person) for person in _those_at_work(event.ticket)]


def _assigned(event: Event) -> Owed:
    assignee = event.ticket.assignee
    return [(Kind.ASSIGNED, assignee)] if assignee else []


def _resolved(event: Event) -> Owed:
    return [(Kind.SOLVED, event.ticket.requester)]


def _reopened(event: Event) -> Owed:
    owed: Owed = [(Kind.REOPENED, event.ticket.requester)]
    cause = event.ticket.events.filter(sequence=event.sequence - 1).first()
    by_words = (
        cause is not None
        and cause.kind == Event.Kind.MESSAGE_ADDED
        and cause.actor_user_id == event.actor_user_id
    )
    if not by_words:  # else the mail with the customer's words says that it is open again
        owed += [(Kind.REOPENED, person) for person in _those_at_work(event.ticket)]
    return owed


def _warned(event: Event) -> Owed:
    return _of_step(Kind.WARNING, event)


def _escalated(event: Event) -> Owed:
    return _of_step(Kind.ESCALATION, event)


def _of_step(kind: str, event: Event) -> Owed:
    if event.after.get("acts"):  # then the step's own actions say who is told
        return []
    return [(kind, person) for person in _responsible(event.ticket)]


def _breached(event: Event) -> Owed:
    return [(Kind.BREACH, person) for person in _responsible(event.ticket)]


def _asked(event: Event) -> Owed:
    """Whom a step names; never a customer, since it speaks of the desk's own affairs."""
    people: list[User] = []
    for one in event.after["to"]:
        people += _NAMED[one](event.ticket) if one in _NAMED else _person(one)
    return [(Kind.NOTICE, person) for person in people if person.is_staff_member]


def _person(key: int) -> Iterable[User]:
    return User.objects.filter(pk=key)


def _assignee(ticket: Ticket) -> Iterable[User]:
    return [ticket.assignee] if ticket.assignee else []


def _account_manager(ticket: Ticket) -> Iterable[User]:
    standing = Standing.objects.filter(ticket=ticket)
    return User.objects.filter(pk__in=standing.values("agreement__account_manager"))


_WHO = {
    Event.Kind.OPENED: _opened,
    Event.Kind.MESSAGE_ADDED: _message_added,
    Event.Kind.ASSIGNED: _assigned,
    Event.Kind.RESOLVED: _resolved,
    Event.Kind.REOPENED: _reopened,
    Event.Kind.SLA_WARNED: _warned,
    Event.Kind.SLA_ESCALATED: _escalated,
    Event.Kind.SLA_BREACHED: _breached,
    Event.Kind.NOTICE_ASKED: _asked,
}


def _those_at_work(ticket: Ticket) -> list[User]:
    watchers = User.objects.filter(watches__ticket=ticket).order_by("pk")
    return [*_responsible(ticket), *watchers]


def _responsible(ticket: Ticket) -> Iterable[User]:
    return [ticket.assignee] if ticket.assignee else _team(ticket)


def _team(ticket: Ticket) -> Iterable[User]:
    """The people who look after tickets that nobody has."""
    people = ticket.team.members.all() if ticket.team else User.objects.all()
    return people.filter(is_active=True, role__in=User.STAFF).order_by("pk")


def _is_owed(event: Event, kind: str, person: User) -> bool:
    did_it = event.actor_user_id == person.pk and kind not in (Kind.CONFIRMATION, Kind.FOLLOW_UP)
    return not did_it and sees(person, event.ticket)


def _earliest(event: Event) -> datetime:
    """When the mail may leave: a reply can be taken back for ten seconds."""
    is_reply = event.kind == Event.Kind.MESSAGE_ADDED
    if is_reply and event.message and event.message.author_is_agent:
        return event.message.created_at + UNDO_WINDOW
    return event.at


# Whom the steps of policies and rules may name, besides people by their key.
_NAMED = {"assignee": _assignee, "team": _team, "account_manager": _account_manager}
