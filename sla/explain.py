"""Why a ticket is due when it is: every clock, its policy, its stretches, its closed days."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from sla import terms
from sla.business_time import BeyondHorizon, OpeningHours, instant, second
from sla.calendar_documents import ORGANISATION
from sla.clocks import evaluate
from sla.history import happenings_of
from sla.models import CalendarVersion, Choice
from sla.models.policies import Metric
from sla.reasons import sentences
from sla.simulation import Simulation, as_it_went
from sla.stopwatch import Clock, Segment
from sla.stored import due_of
from sla.why import sentence
from tickets.models import Event, Ticket

Row = dict[str, Any]
Names = dict[int, str]
LONGEST_LOOK = timedelta(days=400)  # closed days further apart than this are not listed


def explain(ticket: Ticket, *, at: datetime) -> Row:
    """Work out every clock of a ticket from its history, as it stands at `at`.

    Gives `number`, `due_at`, `error` (None, or why it cannot be worked out) and `clocks`; times
    are aware datetimes, durations whole seconds, sentences in the reader's language and zone.
    """
    return Seen(ticket, at).in_words()


class Seen:
    """A ticket's clocks worked out once, to be told in words and drawn."""

    def __init__(self, ticket: Ticket, at: datetime) -> None:
        self.ticket, self.at = ticket, at
        self.error: str | None = None
        self.clocks: list[Clock] = []
        choices = ticket.choices.select_related("policy_version")
        self.choices = {str(choice.pk): choice for choice in choices}
        self.names = _names(self.choices.values())
        self.happenings = happenings_of([ticket.pk])[ticket.pk]
        try:
            self.clocks = evaluate(self.happenings, at)
        except BeyondHorizon as error:  # docs/sla.md C6
            self.error = _(error.sentence) % error.values

    def in_words(self) -> Row:
        """Give what `explain` gives."""
        # Who put the ticket into the status in which a clock rests.
        moves = list(self.ticket.events.filter(after__has_key="status").order_by("sequence"))
        return {
            "number": self.ticket.pk,
            "due_at": due_of(self.clocks),
            "error": self.error,
            "clocks": [
                _clock(clock, self.choices[clock.terms], moves, self.names, self.at)
                for clock in self.clocks
            ],
        }

    def as_it_went(self) -> Simulation | None:
        """Put the clocks on one line of time; None when nothing was promised."""
        if not self.clocks:
            return None
        hours = {clock.metric: _hours(clock, self.choices[clock.terms]) for clock in self.clocks}
        return as_it_went(self.clocks, self.happenings, hours, self.at)


def _names(choices: Iterable[Choice]) -> Names:
    """Read what the calendars of these choices are called at present, by version."""
    versions = {version for choice in choices for version in choice.calendars.values()}
    known = CalendarVersion.objects.filter(pk__in=versions)
    return dict(known.values_list("pk", "calendar__name"))


def _clock(
    clock: Clock, choice: Choice, moves: Sequence[Event], names: Names, at: datetime
) -> Row:
    hours = _hours(clock, choice)
    return {
        "metric": clock.metric,
        "label": Metric(clock.metric).label,
        "seq": clock.seq,
        "state": clock.state,
        "sentence": sentence(clock, at, always_open=hours.calendar.always_open),
        "is_live": clock.is_live,
        "is_paused": clock.is_paused,
        "is_manual": clock.is_manual,
        "started_at": clock.started_at,
        "ended_at": clock.ended_at,
        "due_at": clock.due_at,
        "breached_at": clock.breached_at,
        "target_seconds": clock.target,
        "elapsed_seconds": clock.consumed,
        "late_business_seconds": clock.late_business_seconds,
        "late_wall_seconds": clock.late_wall_seconds(at),
        "cause": clock.cause,
        "reason": clock.reason,
        "policy": {
            "name": terms.promise(choice.policy_version_id).policy,
            "version": terms.promise(choice.policy_version_id).number,
            "reasons": [str(one) for one in sentences(clock, choice)],
        },
        "segments": [_segment(part, moves, names) for part in clock.segments],
        "target_changes": list(_changes(clock, names)),
        "skipped": _skipped(clock, hours, at),
        "warnings": [{"step": due.step.name, "at": due.at} for due in clock.steps],
    }


def _hours(clock: Clock, choice: Choice) -> OpeningHours:
    return terms.hours(choice.calendars[clock.metric], choice.zone)


def _segment(segment: Segment, moves: Sequence[Event], names: Names) -> Row:
    is_paused = segment.state == "paused"
    cause = _cause(segment, moves) if is_paused else None
    return {
        "start": segment.start,
        "end": segment.end,
        "state": segment.state,
        "status": segment.status,
        "target_seconds": segment.target,
        "elapsed_seconds": segment.consumed,
        "calendar": _calendar_name(segment.calendar, names),
        "by": (cause.actor_name or _("The desk")) if cause else "",
        "because": str(cause.after.get("hold_reason") or "") if cause else "",
    }


def _cause(segment: Segment, moves: Sequence[Event]) -> Event | None:
    """The last change of status before the pause that put the ticket there (docs/sla.md P5)."""
    before = (
        move
        for move in reversed(moves)
        if second(move.at) <= second(segment.start) and move.after["status"] == segment.status
    )
    return next(before, None)


def _calendar_name(key: str, names: Names) -> str:
    """Name a calendar with the zone in which it was counted."""
    version, _at, zone = key.partition("@")
    calendar = terms.calendar(int(version))
    where = zone if calendar.timezone == ORGANISATION else calendar.timezone
    return f"{names[int(version)]} ({where})"


def _changes(clock: Clock, names: Names) -> Iterator[Row]:
    """Where another target or calendar began to count (docs/sla.md T1, T4)."""
    for before, after in zip(clock.segments, clock.segments[1:], strict=False):
        if before.target != after.target or before.calendar != after.calendar:
            yield {
                "at": after.start,
                "from_seconds": before.target,
                "to_seconds": after.target,
                "calendar": _calendar_name(after.calendar, names),
            }


def _skipped(clock: Clock, hours: OpeningHours, at: datetime) -> Row:
    """What lay on the way and was not counted: nights, and whole days with their reason."""
    end = min(clock.ended_at or max(clock.due_at or at, at), clock.started_at + LONGEST_LOOK)
    days = list(_closed_days(hours, clock.started_at, end))
    began = second(clock.started_at)
    opened = [(began, began), *hours.open_intervals(began, second(end))]
    nights = sum(
        1
        for (_start, closed), (reopened, _end) in pairwise(opened)
        if timezone.localtime(instant(closed), hours.zone).date()
        != timezone.localtime(instant(reopened), hours.zone).date()
    )
    return {"nights": nights, "days": days}


def _closed_days(hours: OpeningHours, start: datetime, end: datetime) -> Iterator[Row]:
    day = timezone.localtime(start, hours.zone).date()
    last = timezone.localtime(end, hours.zone).date()
    while day <= last:
        is_special = day in hours.calendar.dated or day in hours.calendar.breaks
        is_closed = not hours.calendar.always_open and not hours.calendar.hours_on(day)
        if is_special or is_closed:
            name = hours.calendar.names.get(day, "")
            yield {"on": day, "is_closed": is_closed, "is_special": is_special, "name": name}
        day += _DAY


_DAY = timedelta(days=1)
