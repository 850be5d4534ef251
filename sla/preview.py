"""What a calendar would mean before it is saved: its next days, and the due times that move."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from accounts.actor import Actor
from sla import rollout, terms
from sla.actions import refuse_strange_past
from sla.business_time import BeyondHorizon, Calendar, OpeningHours
from sla.calendar_documents import Minutes
from sla.clocks import evaluate
from sla.happenings import Happening, Terms, TermsSet
from sla.history import happenings_of
from sla.models import Calendar as Stored
from sla.models import CalendarVersion, Choice, Standing
from sla.models.policies import Metric
from sla.stopwatch import Clock
from tickets.models import Ticket

DAYS = 14
SAMPLE = 10
LOOKED_AT = 100  # tickets, those due next first
COUNTED = 10_000  # more are “more than” that


@dataclass(frozen=True)
class Day:
    """One day of a calendar: when it is open, in minutes after midnight, and why it differs."""

    on: date
    stretches: Sequence[Minutes]
    is_dated: bool  # an exception or a holiday instead of the weekday's hours
    name: str  # of the holiday


@dataclass(frozen=True)
class Move:
    """A due time that would be another one; None while it is paused."""

    ticket: Ticket
    metric: str
    before: datetime | None
    after: datetime | None

    @property
    def label(self) -> str:
        """What is promised, in words."""
        return str(Metric(self.metric).label)


@dataclass(frozen=True)
class Impact:
    """How many open tickets an edit concerns, and a sample of the due times that move."""

    tickets: int
    is_more: bool
    moves: Sequence[Move]


def days(calendar: Calendar, first: date, count: int = DAYS) -> list[Day]:
    """Give the days of a calendar from `first` on."""
    return [
        Day(
            on=day,
            stretches=[(0, 1440)] if calendar.always_open else calendar.hours_on(day),
            is_dated=day in calendar.dated or day in calendar.breaks,
            name=calendar.names.get(day, ""),
        )
        for day in (first + timedelta(days=number) for number in range(count))
    ]


def impact(
    stored: Stored,
    calendar: Calendar,
    *,
    actor: Actor,
    at: datetime,
    counted_from: datetime | None = None,
) -> Impact:
    """Work out what saving `calendar` in place of the stored one would do to open tickets.

    :raises Invalid: `counted_from` lies ahead, or before 1970.
    """
    refuse_strange_past(counted_from, at)
    tickets = rollout.open_tickets_on(stored.pk)
    count = tickets[: COUNTED + 1].count()
    soon = list(
        tickets.visible_to(actor)
        .filter(due_at__isnull=False)
        .order_by("due_at", "number")[:LOOKED_AT]
    )
    moves = _moves(stored, calendar, soon, at, counted_from)
    return Impact(
        tickets=min(count, COUNTED),
        is_more=count > COUNTED,
        moves=[move for move, _number in zip(moves, range(SAMPLE), strict=False)],
    )


def _moves(
    stored: Stored,
    calendar: Calendar,
    tickets: Sequence[Ticket],
    at: datetime,
    counted_from: datetime | None,
) -> Iterator[Move]:
    numbers = [ticket.pk for ticket in tickets]
    standings = Standing.objects.filter(ticket__in=numbers).select_related("choice")
    choices = {standing.ticket_id: standing.choice for standing in standings}
    versions = frozenset(
        CalendarVersion.objects.filter(calendar=stored).values_list("pk", flat=True)
    )
    stories = happenings_of(numbers)
    for ticket in tickets:
        choice = choices[ticket.pk]
        since = max(at, ticket.updated_at)
        change = TermsSet(since, _terms_on(choice, calendar, versions), counted_from)
        before, after = _due(stories[ticket.pk], since), _due([*stories[ticket.pk], change], since)
        for key in before.keys() & after.keys():
            if before[key] != after[key]:
                yield Move(ticket, key[0], before[key], after[key])


def _terms_on(choice: Choice, calendar: Calendar, versions: frozenset[int]) -> Terms:
    """What the ticket is promised, with the new hours wherever the stored calendar counts."""
    hours: Mapping[str, OpeningHours] = {
        metric: calendar.opening_hours(choice.zone, "preview")
        for metric, version in choice.calendars.items()
        if version in versions
    }
    promised = terms.terms_of(choice)
    return replace(promised, hours={**promised.hours, **hours})


def _due(story: Sequence[Happening], at: datetime) -> dict[tuple[str, int], datetime | None]:
    try:
        clocks: Sequence[Clock] = evaluate(story, at)
    except BeyondHorizon:  # docs/sla.md C6: the ticket's own page says so
        return {}
    return {(clock.metric, clock.seq): clock.due_at for clock in clocks if clock.is_live}
