"""Pure: what would be promised, and what might happen → the clocks, nothing being stored.

No database, no clock reads; the same evaluate() as for real tickets.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from sla.business_time import BeyondHorizon, OpeningHours, instant, second
from sla.clocks import evaluate
from sla.happenings import CustomerWrote, Happening, Opened, Responded, StatusSet, Terms
from sla.sentences import gettext_noop as _
from sla.stopwatch import Clock

Kind = Literal["customer", "reply", "pending", "on_hold", "open", "resolved", "wait"]
KINDS: tuple[Kind, ...] = get_args(Kind)
LONGEST = timedelta(days=2 * 366)
LAST_YEAR = 2300
MOST_MOMENTS = 50
_WAITING = {"pending", "on_hold", "resolved"}


class CannotHappen(ValueError):
    """Something that cannot be at that time; `place` is its number among what happens."""

    def __init__(self, place: int, why: Literal["order", "too_late"]) -> None:
        super().__init__(f"{place}: {why}")
        self.place = place
        self.why = why


@dataclass(frozen=True)
class Moment:
    """Something that happens to the imagined ticket; `wait` is nothing but time going by."""

    kind: Kind
    at: datetime


@dataclass(frozen=True)
class Line:
    """One line of the story: what happened, or will if nothing else does (`is_ahead`).

    `what` is a kind of moment, a fact (warned, escalated, breached, revoked, superseded),
    opened, due or ended_<state>; of a clock, `metric` and `seq` name it.
    """

    at: datetime
    what: str
    metric: str = ""
    seq: int = 0
    step: str = ""
    is_ahead: bool = False


@dataclass(frozen=True)
class Simulation:
    """The clocks as they stand `now`, after the last moment; the window reaches to `until`."""

    start: datetime
    now: datetime
    until: datetime
    clocks: list[Clock]
    story: list[Line]
    closed: dict[str, list[tuple[datetime, datetime]]]


def simulate(terms: Terms, start: datetime, moments: Sequence[Moment]) -> Simulation:
    """Let a ticket be opened at `start` under these terms and let the moments happen to it.

    :raises CannotHappen: a moment lies before the one before it, or years ahead.
    :raises BeyondHorizon: a due time would lie more than 25 years ahead (docs/sla.md C6).
    """
    _refuse_disorder(start, moments)
    now = moments[-1].at if moments else start
    clocks = evaluate(list(_happenings(terms, start, moments)), now)
    return _in_window(start, now, clocks, moments, terms.hours)


def as_it_went(
    clocks: list[Clock],
    happenings: Sequence[Happening],
    hours: Mapping[str, OpeningHours],
    now: datetime,
) -> Simulation:
    """Tell of a real ticket's clocks as of an imagined one's; there is at least one clock."""
    start = min(clock.started_at for clock in clocks)
    ends = [clock.ended_at or now for clock in clocks]
    moments = [moment for moment in map(_moment, happenings) if moment and moment.at >= start]
    return _in_window(start, max(ends), clocks, moments, hours)


def _in_window(
    start: datetime,
    now: datetime,
    clocks: list[Clock],
    moments: Sequence[Moment],
    hours: Mapping[str, OpeningHours],
) -> Simulation:
    story = sorted(_story(start, moments, clocks), key=lambda line: line.at)
    until = max([now + timedelta(hours=1), *(line.at for line in story)])
    until += (until - start) / 25
    closed = {
        metric: _closed(hours.get(metric), start, until) for metric in {c.metric for c in clocks}
    }
    return Simulation(start, now, until, clocks, story, closed)


def _refuse_disorder(start: datetime, moments: Sequence[Moment]) -> None:
    if not 1970 <= start.year <= LAST_YEAR:
        raise BeyondHorizon(_("A simulation begins in the years 1970 to 2300."))
    before = start
    for place, moment in enumerate(moments):
        if moment.at < before:
            raise CannotHappen(place, "order")
        if moment.at - start > LONGEST:
            raise CannotHappen(place, "too_late")
        before = moment.at


def _happenings(terms: Terms, start: datetime, moments: Sequence[Moment]) -> Iterator[Happening]:
    """Tell it as the desk would: a message opens a waiting ticket, an answer takes a new one."""
    status = "new"
    yield Opened(start, "customer", status, terms)
    for moment in moments:
        at = moment.at
        if moment.kind == "customer":
            yield CustomerWrote(at)
            if status in _WAITING:  # docs/sla.md P4
                status = "open"
                yield StatusSet(at, status, "customer")
        elif moment.kind == "reply":
            yield Responded(at)
            if status == "new":
                status = "open"
                yield StatusSet(at, status)
        elif moment.kind != "wait":
            status = moment.kind
            yield StatusSet(at, status)


def _moment(happening: Happening) -> Moment | None:
    if isinstance(happening, CustomerWrote):
        return Moment("customer", happening.at)
    if isinstance(happening, Responded):
        return Moment("reply", happening.at)
    if isinstance(happening, StatusSet):
        return next((Moment(k, happening.at) for k in KINDS if k == happening.to), None)
    return None


def _story(start: datetime, moments: Sequence[Moment], clocks: Sequence[Clock]) -> Iterator[Line]:
    yield Line(start, "opened")
    for moment in moments:
        yield Line(moment.at, moment.kind)
    for clock in clocks:
        for fact in clock.facts:
            yield Line(fact.at, fact.kind, clock.metric, clock.seq, fact.step)
        if clock.ended_at is not None:
            yield Line(clock.ended_at, f"ended_{clock.state}", clock.metric, clock.seq)
            continue
        for step in clock.steps:
            kind = "warned" if step.step.is_warning else "escalated"
            yield Line(step.at, kind, clock.metric, clock.seq, step.step.name, is_ahead=True)
        if clock.due_at is not None and clock.breached_at is None:
            yield Line(clock.due_at, "due", clock.metric, clock.seq, is_ahead=True)


def _closed(
    hours: OpeningHours | None, start: datetime, until: datetime
) -> list[tuple[datetime, datetime]]:
    """List when nobody is at the desk; a long window leaves out what is too short to be seen."""
    if hours is None:
        return []
    try:
        opened = hours.open_intervals(second(start), second(until))
    except BeyondHorizon:
        return []
    least = (second(until) - second(start)) // 400
    closed, at = [], second(start)
    for begin, end in [*opened, (second(until), second(until))]:
        if begin - at > least:
            closed.append((instant(at), instant(begin)))
        at = end
    return closed
