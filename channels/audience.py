"""The people about a ticket, looked up once for many events."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.models import User
from channels.models import Notification, Outgoing
from sla.models import Standing
from tickets.models import Event, Ticket

Owed = list[tuple[str, User]]


class Audience:
    """Finds who has a ticket, who looks after it, and whom a step names.

    What hangs on the tickets is prefetched by the caller: watches and standings.
    """

    def __init__(self, events: Sequence[Event]) -> None:
        self._events = events
        self._told: Mapping[tuple[object, ...], list[User]] | None = None
        self._snoozes: list[Event] | None = None
        self._teams: dict[int | None, list[User]] = {}
        self._people: dict[int, list[User]] = {}

    def at_work(self, ticket: Ticket) -> list[User]:
        """Who has it, and who watches it."""
        watchers = sorted((watch.user for watch in ticket.watches.all()), key=lambda one: one.pk)
        return [*self.responsible(ticket), *watchers]

    def responsible(self, ticket: Ticket) -> Sequence[User]:
        """The assignee, or the team when nobody has it."""
        return [ticket.assignee] if ticket.assignee else self.team(ticket)

    def team(self, ticket: Ticket) -> Sequence[User]:
        """The people who look after tickets that nobody has."""
        if ticket.team_id not in self._teams:
            people = ticket.team.members.all() if ticket.team else User.objects.all()
            staff = people.filter(is_active=True, role__in=User.STAFF).order_by("pk")
            self._teams[ticket.team_id] = list(staff)
        return self._teams[ticket.team_id]

    def named(self, one: str | int, ticket: Ticket) -> Sequence[User]:
        """Whom the step of a policy or a rule names: by a word, or by the key of a person."""
        if one == "assignee":
            return [ticket.assignee] if ticket.assignee else []
        if one == "team":
            return self.team(ticket)
        if one == "account_manager":
            return _account_manager(ticket)
        key = int(one)
        if key not in self._people:
            self._people[key] = list(User.objects.filter(pk=key))
        return self._people[key]

    def awaiting(self, woken: Event) -> list[User]:
        """Who is told that a ticket is back: the assignee, else whoever had snoozed it."""
        if woken.ticket.assignee:
            return [woken.ticket.assignee]
        if self._snoozes is None:
            self._snoozes = _snoozes(self._events)
        by = [
            each.actor_user
            for each in self._snoozes
            if each.ticket_id == woken.ticket_id and each.sequence < woken.sequence
        ]
        return [by[-1]] if by and by[-1] else []

    def told_of_breach(self, correction: Event) -> Sequence[User]:
        """Who heard of the breach that this event takes back, by mail or at the bell."""
        if self._told is None:
            self._told = _told_of_breaches(self._events)
        return self._told[_clock_of(correction.ticket_id, correction.after)]


def _snoozes(events: Sequence[Event]) -> list[Event]:
    """Find when the tickets of these events were put aside, in their order, and by whom."""
    woken = {event.ticket_id for event in events if event.kind == Event.Kind.WOKEN}
    snoozes = Event.objects.filter(ticket__in=woken, kind=Event.Kind.SNOOZED)
    return list(snoozes.select_related("actor_user").order_by("ticket", "sequence"))


def _told_of_breaches(events: Sequence[Event]) -> dict[tuple[object, ...], list[User]]:
    """Find who heard of breaches on the tickets of these events, in four queries."""
    tickets = {event.ticket_id for event in events if event.kind == Event.Kind.SLA_REVOKED}
    breaches = Event.objects.filter(ticket__in=tickets, kind=Event.Kind.SLA_BREACHED)
    clocks = {
        pk: _clock_of(ticket, after)
        for pk, ticket, after in breaches.values_list("pk", "ticket_id", "after")
    }
    heard = {
        pair
        for model in (Outgoing, Notification)
        for pair in model.objects.filter(
            event__in=list(clocks), kind=Outgoing.Kind.BREACH
        ).values_list("recipient_id", "event_id")
    }
    people = User.objects.in_bulk({person for person, _ in heard})
    told: dict[tuple[object, ...], list[User]] = defaultdict(list)
    for person, event in sorted(heard):
        if people[person] not in told[clocks[event]]:
            told[clocks[event]].append(people[person])
    return told


def _clock_of(ticket: int, after: Mapping[str, Any]) -> tuple[object, ...]:
    return ticket, after["metric"], after["seq"], after["generation"]


def _account_manager(ticket: Ticket) -> list[User]:
    standing: Standing | None = getattr(ticket, "standing", None)
    manager = standing.agreement.account_manager if standing and standing.agreement else None
    return [manager] if manager else []
