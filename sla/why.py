"""The arithmetic that leads to a due time, in a sentence that a customer would accept."""

from collections.abc import Iterator
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sla.happenings import RESOLUTION, UPDATE
from sla.stopwatch import Clock, Segment
from sla.words import moment, span

MOST_PAUSES = 2  # more would be a list, which the page shows below


def sentence(clock: Clock, at: datetime, *, always_open: bool) -> str:
    """Say what was promised, what was used before each pause, and what follows from it.

    Instants are said in the current zone, which is named once.
    """
    late = span(clock.late_business_seconds)
    if not always_open:
        late = _("%(late)s of business time") % {"late": late}
    clauses = [
        _promised(clock, always_open=always_open),
        *_used(clock, at),
        _result(clock, at, late),
    ]
    zone = timezone.get_current_timezone_name()
    return f"{', '.join(clauses)} ({zone})."


def _promised(clock: Clock, *, always_open: bool) -> str:
    if clock.is_manual:
        return _("The time was set by hand")
    words = {"target": span(clock.target)}
    if always_open:
        return _("%(target)s, counted around the clock") % words
    return _("%(target)s of business time") % words


def _used(clock: Clock, at: datetime) -> Iterator[str]:
    """What was used before the last pauses; one that never ran before it used nothing."""
    pauses = [part for part in _pauses(clock) if part.end is not None]
    for pause in pauses[-MOST_PAUSES:]:
        before = sum(part.consumed for part in clock.segments if part.start < pause.start)
        words = {"used": span(before), "when": moment(pause.start, at)}
        yield _("%(used)s used before the pause on %(when)s") % words


def _result(clock: Clock, at: datetime, late: str) -> str:
    if clock.state == "cancelled":
        return _("no longer counted")
    if clock.ended_at is not None:
        return _ended(clock, clock.ended_at, at, late)
    if clock.breached_at is not None:
        words = {"late": late, "due": moment(clock.breached_at, at)}
        return _("so due %(due)s, which is over by %(late)s") % words
    if clock.is_paused:
        since = next((part.start for part in reversed(clock.segments)), clock.started_at)
        words = {"since": moment(since, at), "left": span(clock.limit - clock.consumed)}
        return _("resting since %(since)s with %(left)s left") % words
    if clock.due_at is None:
        return _("with no due time")
    return _("so due %(due)s") % {"due": moment(clock.due_at, at)}


def _ended(clock: Clock, ended_at: datetime, at: datetime, late: str) -> str:
    words = {"when": moment(ended_at, at), "used": span(clock.consumed)}
    if clock.breached_at is None:
        if clock.metric in {RESOLUTION, UPDATE}:
            return _("done in time %(when)s after %(used)s") % words
        return _("answered in time %(when)s after %(used)s") % words
    words |= {"due": moment(clock.breached_at, at), "late": late}
    if clock.metric in {RESOLUTION, UPDATE}:
        return _("due %(due)s, done %(when)s, %(late)s late") % words
    return _("due %(due)s, answered %(when)s, %(late)s late") % words


def _pauses(clock: Clock) -> list[Segment]:
    return [part for part in clock.segments if part.state == "paused"]
