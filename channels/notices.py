"""Who is told of which events (TICKET_EVENT_SUBSCRIBERS): by mail, at the bell, as each prefers.

Never the one who did it, never about a note but those it names, never somebody who does not see
the ticket. A confirmation is the one mail that its own cause asks for.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import prefetch_related_objects

from accounts.models import User
from channels import bell, post
from channels.audience import Audience, Owed
from channels.models import Outgoing
from channels.post import Debt
from channels.preferences import Preferences
from channels.readers import Readers
from tickets.models import UNDO_WINDOW, Event

Kind = Outgoing.Kind
_TO_CUSTOMERS = {Kind.CONFIRMATION, Kind.FOLLOW_UP}


def on_events(events: Sequence[Event]) -> None:
    """Owe everybody whom these events concern a mail, a notification or both; may run twice."""
    telling = [event for event in events if event.kind in _WHO and not event.ticket.is_spam]
    if not telling:
        return
    tickets = list({event.ticket_id: event.ticket for event in telling}.values())
    prefetch_related_objects(
        tickets, "watches__user", "copies__person", "standing__agreement__account_manager"
    )
    audience, readers = Audience(telling), Readers(tickets)
    owed = [
        Debt(event, kind, person, _earliest(event))
        for event in telling
        for kind, person in _first_reasons(_WHO[Event.Kind(event.kind)](event, audience))
        if not _did_it(event, kind, person) and readers.sees(person, event.ticket)
    ]
    wishes = Preferences(debt.person for debt in owed)
    post.queue([debt for debt in owed if wishes.wants_mail(debt.person, debt.kind)])
    bell.ring_for([debt for debt in owed if wishes.wants_bell(debt.person, debt.kind)])


def _first_reasons(owed: Owed) -> Iterable[tuple[str, User]]:
    """The first reason counts: who is assigned at once is not told of a new ticket as well."""
    first: dict[int, tuple[str, User]] = {}
    for kind, person in owed:
        first.setdefault(person.pk, (kind, person))
    return first.values()


def _did_it(event: Event, kind: str, person: User) -> bool:
    return event.actor_user_id == person.pk and kind not in _TO_CUSTOMERS


def _earliest(event: Event) -> datetime:
    """When the mail may leave: a reply can be taken back for ten seconds."""
    is_reply = event.kind == Event.Kind.MESSAGE_ADDED
    if is_reply and event.message and event.message.author_is_agent:
        return event.message.created_at + UNDO_WINDOW
    return event.at


def _opened(event: Event, audience: Audience) -> Owed:
    ticket = event.ticket
    owed: Owed = []
    if opened_with := event.after.get("assignee"):
        if ticket.assignee and ticket.assignee_id == opened_with["id"]:
            owed.append((Kind.ASSIGNED, ticket.assignee))  # else a later event tells who has it
    elif ticket.assignee is None:  # else it is no news any more that somebody should take it
        owed += [(Kind.NEW_TICKET, person) for person in audience.team(ticket)]
    if not ticket.requester.is_staff_member:
        first = Kind.FOLLOW_UP if ticket.follows_up_id else Kind.CONFIRMATION
        owed.append((first, ticket.requester))
    if ticket.follows_up_id:
        owed += [(Kind.FOLLOW_UP, copy.person) for copy in ticket.copies.all()]
    return owed


def _message_added(event: Event, audience: Audience) -> Owed:
    message = event.message
    if message is None:
        return []
    if message.is_note:
        named = (each["id"] for each in event.after.get("mentions", ()))
        return [(Kind.MENTION, one) for key in named for one in audience.named(key, event.ticket)]
    if message.author_is_agent:
        copied = [copy.person for copy in event.ticket.copies.all()]
        return [(Kind.REPLY, person) for person in (event.ticket.requester, *copied)]
    return [(Kind.ANSWER, person) for person in audience.at_work(event.ticket)]


def _assigned(event: Event, audience: Audience) -> Owed:
    assignee = event.ticket.assignee
    return [(Kind.ASSIGNED, assignee)] if assignee else []


def _resolved(event: Event, audience: Audience) -> Owed:
    return [(Kind.SOLVED, event.ticket.requester)]


def _reopened(event: Event, audience: Audience) -> Owed:
    owed: Owed = [(Kind.REOPENED, event.ticket.requester)]
    cause = event.ticket.events.filter(sequence=event.sequence - 1).first()
    by_words = (
        cause is not None
        and cause.kind == Event.Kind.MESSAGE_ADDED
        and cause.actor_user_id == event.actor_user_id
    )
    if not by_words:  # else the mail with the customer's words says that it is open again
        owed += [(Kind.REOPENED, person) for person in audience.at_work(event.ticket)]
    return owed


def _woken(event: Event, audience: Audience) -> Owed:
    """The time has come; whoever wakes it before, by hand or by an answer, makes no such news."""
    until = event.before.get("snoozed_until")
    was_due = until is not None and datetime.fromisoformat(until) <= event.at
    if not was_due or event.actor_user_id or event.ticket.snoozed_at:
        return []
    return [(Kind.WOKEN, person) for person in audience.awaiting(event)]


def _warned(event: Event, audience: Audience) -> Owed:
    return _of_step(Kind.WARNING, event, audience)


def _escalated(event: Event, audience: Audience) -> Owed:
    return _of_step(Kind.ESCALATION, event, audience)


def _of_step(kind: str, event: Event, audience: Audience) -> Owed:
    if event.after.get("acts"):  # then the step's own actions say who is told
        return []
    return [(kind, person) for person in audience.responsible(event.ticket)]


def _breached(event: Event, audience: Audience) -> Owed:
    return [(Kind.BREACH, person) for person in audience.responsible(event.ticket)]


def _revoked(event: Event, audience: Audience) -> Owed:
    """Correct only those who were told of a breach that was none (docs/sla.md W4)."""
    if event.after.get("what") != "voided":
        return []
    return [(Kind.CORRECTION, person) for person in audience.told_of_breach(event)]


def _asked(event: Event, audience: Audience) -> Owed:
    """Whom a step names; never a customer, since it speaks of the desk's own affairs."""
    people = (person for one in event.after["to"] for person in audience.named(one, event.ticket))
    return [(Kind.NOTICE, person) for person in people if person.is_staff_member]


_WHO = {
    Event.Kind.OPENED: _opened,
    Event.Kind.MESSAGE_ADDED: _message_added,
    Event.Kind.ASSIGNED: _assigned,
    Event.Kind.RESOLVED: _resolved,
    Event.Kind.REOPENED: _reopened,
    Event.Kind.WOKEN: _woken,
    Event.Kind.SLA_WARNED: _warned,
    Event.Kind.SLA_ESCALATED: _escalated,
    Event.Kind.SLA_BREACHED: _breached,
    Event.Kind.SLA_REVOKED: _revoked,
    Event.Kind.NOTICE_ASKED: _asked,
}
