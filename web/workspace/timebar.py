"""Clocks as bars on one line of time: places and widths in per cent, for an SVG."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.models.policies import Metric
from sla.simulation import Line, Simulation
from sla.stopwatch import Clock
from web import words

MOST_TICKS = 8
_NAMES: dict[str, str | Promise] = {
    "opened": gettext_lazy("The customer opens the ticket"),
    "customer": gettext_lazy("The customer writes"),
    "reply": gettext_lazy("An agent answers"),
    "pending": gettext_lazy("Set to pending"),
    "on_hold": gettext_lazy("Set on hold"),
    "open": gettext_lazy("Opened again by an agent"),
    "resolved": gettext_lazy("Resolved"),
    "wait": gettext_lazy("Time goes by"),
    "due": gettext_lazy("due"),
    "breached": gettext_lazy("breached"),
    "revoked": gettext_lazy("the end is taken back"),
    "superseded": gettext_lazy("the breach is taken back"),
    "ended_met": gettext_lazy("met"),
    "ended_breached": gettext_lazy("ended, breached"),
    "ended_cancelled": gettext_lazy("ended without an answer"),
}
_STATES: dict[str, str | Promise] = {
    "running": gettext_lazy("running"),
    "paused": gettext_lazy("paused"),
    "met": gettext_lazy("met"),
    "breached": gettext_lazy("breached"),
    "cancelled": gettext_lazy("cancelled"),
}


@dataclass(frozen=True)
class Part:
    """A stretch of the bar; `tone` is closed, run, pause, late or ahead."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Mark:
    """An instant on the bar; `tone` is event, warned, escalated, breached, due or now."""

    x: str
    tone: str
    words: str
    is_last: bool = False


@dataclass(frozen=True)
class Bar:
    """One clock."""

    name: str
    state: str
    state_words: str
    used: str
    target: str
    due_at: datetime | None
    parts: list[Part]
    marks: list[Mark]


@dataclass(frozen=True)
class Told:
    """One line of the story in words."""

    at: datetime
    clock: str
    words: str
    tone: str
    is_ahead: bool


@dataclass(frozen=True)
class Picture:
    """All bars on one axis, and the story under them."""

    ticks: list[Mark]
    events: list[Mark]
    bars: list[Bar]
    story: list[Told]


def draw(simulation: Simulation) -> Picture:
    """Put the clocks of a ticket, real or imagined, on one line of time in the viewer's zone."""
    scale = _Scale(simulation.start, simulation.until)
    plain = [line for line in simulation.story if not line.metric]
    return Picture(
        ticks=list(_ticks(simulation, scale)),
        events=[Mark(scale.at(line.at), "event", _say(line)) for line in plain],
        bars=[_bar(clock, simulation, scale) for clock in simulation.clocks],
        story=[_told(line) for line in simulation.story],
    )


class _Scale:
    def __init__(self, start: datetime, until: datetime) -> None:
        self.start = start
        self.seconds = (until - start).total_seconds()

    def at(self, moment: datetime) -> str:
        return f"{self._share(moment):.3f}%"

    def part(self, start: datetime, end: datetime, tone: str) -> Part:
        width = max(self._share(end) - self._share(start), 0)
        return Part(self.at(start), f"{width:.3f}%", tone)

    def _share(self, moment: datetime) -> float:
        return (moment - self.start).total_seconds() / self.seconds * 100


def _bar(clock: Clock, simulation: Simulation, scale: _Scale) -> Bar:
    closed = simulation.closed.get(clock.metric, [])
    mine = [
        line for line in simulation.story
        if (line.metric, line.seq) == (clock.metric, clock.seq)
        and not line.what.startswith("ended")
    ]  # fmt: skip
    return Bar(
        name=_name(clock.metric, clock.seq),
        state=clock.state,
        state_words=str(_STATES[clock.state]),
        used=words.hours(clock.consumed),
        target=words.hours(clock.limit),
        due_at=clock.due_at,
        parts=[
            *(scale.part(start, end, "closed") for start, end in closed),
            *_stretches(clock, simulation.now, scale),
        ],
        marks=[Mark(scale.at(line.at), line.what, _say(line)) for line in mine],
    )  # fmt: skip


def _stretches(clock: Clock, now: datetime, scale: _Scale) -> Iterator[Part]:
    late_from = clock.breached_at
    for segment in clock.segments:
        start, end = segment.start, segment.end or now
        if segment.state == "paused":
            yield scale.part(start, end, "pause")
            continue
        broken = min(max(late_from or end, start), end)
        if start < broken:
            yield scale.part(start, broken, "run")
        if broken < end:
            yield scale.part(broken, end, "late")
    if clock.is_live and clock.due_at and clock.due_at > now and not clock.is_paused:
        yield scale.part(now, clock.due_at, "ahead")


def _ticks(simulation: Simulation, scale: _Scale) -> Iterator[Mark]:
    """Midnights, or every other hour within a day; as many as can be read."""
    local, until = timezone.localtime(simulation.start), simulation.until
    span = until - simulation.start
    if span < timedelta(days=2):
        step = timedelta(hours=max(1, -(-int(span.total_seconds() // 3600) // MOST_TICKS)))
        at = local.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
        while at < until:
            yield Mark(scale.at(at), "tick", date_format(at, _("H:i")))
            at = timezone.localtime(at + step)
        return
    days = max(1, -(-span.days // MOST_TICKS))
    day = local.date() + timedelta(days=1)
    while True:
        at = timezone.make_aware(datetime.combine(day, time.min))
        if at >= until:
            return
        yield Mark(scale.at(at), "tick", date_format(at, "D j" if days < 7 else _("j M")))
        day += timedelta(days=days)


def _told(line: Line) -> Told:
    clock = _name(line.metric, line.seq) if line.metric else ""
    return Told(line.at, clock, _say(line), line.what, line.is_ahead)


def _say(line: Line) -> str:
    if line.what == "warned":
        return _("warning “%(step)s”") % {"step": line.step}
    if line.what == "escalated":
        return _("escalation “%(step)s”") % {"step": line.step}
    return str(_NAMES[line.what])


def _name(metric: str, seq: int) -> str:
    label = str(Metric(metric).label)
    return f"{label} {seq}" if seq > 1 else label
