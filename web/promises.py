"""What is left of a ticket's promises, as lists, pages and badges show it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from sla.models import Clock
from tickets.models import Ticket
from web import words

SCARCE = 0.25  # below this share of its target a promise is amber


@dataclass(frozen=True)
class Badge:
    """One promise in one word: `state` is ok, warn, late, paused, met or none."""

    state: str
    words: str
    due_at: datetime | None


NONE = Badge("none", "", None)
_OF_BADGES = ("ticket_id", "state", "target", "due_at", "ended_at")


def clocks_of(numbers: Iterable[int]) -> dict[int, list[Clock]]:
    """Read the clocks of these tickets in one query, in the order of metric and cycle."""
    found: dict[int, list[Clock]] = defaultdict(list)
    for clock in Clock.objects.filter(ticket__in=list(numbers)).order_by("metric", "seq"):
        found[clock.ticket_id].append(clock)
    return found


def badges_of(tickets: Iterable[Ticket], at: datetime) -> dict[int, Badge]:
    """Say for each ticket of a list the promise that is due next, in one query."""
    shown = list(tickets)
    live: dict[int, list[Clock]] = defaultdict(list)
    clocks = Clock.objects.filter(
        ticket__in=[ticket.number for ticket in shown], ended_at__isnull=True
    )
    for clock in clocks.only(*_OF_BADGES).order_by("metric", "seq"):
        live[clock.ticket_id].append(clock)
    return {ticket.number: badge(ticket, live[ticket.number], at) for ticket in shown}


def badge(ticket: Ticket, clocks: Iterable[Clock], at: datetime) -> Badge:
    """Say the promise that is due next; a ticket whose clocks all rest is paused."""
    if not ticket.is_live:
        return NONE
    live = [clock for clock in clocks if clock.ended_at is None]
    if following := next_due(live, at):
        return of_clock(following, at)
    return Badge("paused", _("paused"), None) if live else NONE


def next_due(clocks: Iterable[Clock], at: datetime) -> Clock | None:
    """Give the live clock that is due next; None when none runs."""
    running = [clock for clock in clocks if clock.ended_at is None and clock.due_at is not None]
    return min(running, key=lambda clock: clock.due_at or at, default=None)


def of_clock(clock: Clock, at: datetime) -> Badge:
    """Say one clock in one word."""
    if clock.state == "cancelled":
        return NONE
    if clock.ended_at is not None:
        is_met = clock.state == "met"
        return Badge("met" if is_met else "late", _("met") if is_met else _("breached"), None)
    if clock.due_at is None:
        return Badge("paused", _("paused"), None)
    left = (clock.due_at - at).total_seconds()
    state = "late" if left < 0 else "warn" if left < clock.target * SCARCE else "ok"
    return Badge(state, words.until(clock.due_at, at), clock.due_at)
