"""One clock while its story is told, and how it looks when it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from sla.business_time import OpeningHours, instant, second
from sla.happenings import RESOLUTION, UPDATE, Step, Terms

State = Literal["running", "paused", "met", "breached", "cancelled"]
FactKind = Literal["warned", "escalated", "breached", "superseded", "revoked"]


@dataclass(frozen=True)
class Segment:
    """A stretch in which a clock ran or was paused, under one target and one calendar version."""

    start: datetime
    end: datetime | None  # None while it lasts
    state: Literal["running", "paused"]
    target: int
    calendar: str
    consumed: int
    status: str  # of the ticket: why it was paused (docs/sla.md P5)


@dataclass(frozen=True)
class Fact:
    """Something that became true of a clock for good: what a Record is made of.

    Of a step, which `step` names, it is `warned` or, after due, `escalated`.
    """

    kind: FactKind
    generation: int
    due_at: datetime | None
    at: datetime
    step: str = ""
    cause: str = ""
    acts: bool = False


@dataclass(frozen=True)
class StepDue:
    """A step that waits for its time, if nothing changes before."""

    step: Step
    at: datetime
    generation: int


@dataclass(frozen=True)
class Clock:
    """One promise: (metric, seq) with everything that became of it until `as_of` (docs/sla.md K1).

    `consumed` counts business seconds until as_of, `banked` those before `running_since`.
    """

    metric: str
    seq: int
    state: State
    started_at: datetime
    ended_at: datetime | None
    target: int
    limit: int
    consumed: int
    banked: int
    running_since: datetime | None
    is_paused: bool
    due_at: datetime | None
    breached_at: datetime | None
    cause: str
    reason: str
    is_manual: bool
    generation: int
    terms: str
    calendar: str
    segments: tuple[Segment, ...]
    facts: tuple[Fact, ...]
    steps: tuple[StepDue, ...]

    @property
    def is_live(self) -> bool:
        """Say whether it still goes on."""
        return self.ended_at is None

    @property
    def late_business_seconds(self) -> int:
        """How late in opening hours (docs/sla.md K9)."""
        return max(self.consumed - self.limit, 0) if self.breached_at else 0

    def late_wall_seconds(self, at: datetime) -> int:
        """How late by the clock on the wall, at its end or at `at` (docs/sla.md K9)."""
        if self.breached_at is None:
            return 0
        return int(((self.ended_at or at) - self.breached_at).total_seconds())

    @property
    def next_fire_at(self) -> datetime | None:
        """When somebody must look at it next if nothing happens: a step, or just after due."""
        times = [step.at for step in self.steps]
        if self.is_live and not self.breached_at and self.due_at:
            times.append(instant(second(self.due_at) + 1))
        return min(times, default=None)


@dataclass(frozen=True)
class _Stint:
    """A finished stretch of a stopwatch, in seconds."""

    start: int
    end: int
    is_running: bool
    target: int
    hours: OpeningHours
    used: int
    status: str

    def shown(self) -> Segment:
        return Segment(
            start=instant(self.start),
            end=instant(self.end),
            state="running" if self.is_running else "paused",
            target=self.target,
            calendar=self.hours.key,
            consumed=self.used,
            status=self.status,
        )


class Stopwatch:
    """One clock while the story is told; instants and durations in whole seconds."""

    def __init__(self, metric: str, seq: int, at: int, terms: Terms, status: str) -> None:
        self.metric = metric
        self.seq = seq
        self.started_at = self.own_start = at
        self.terms = terms
        self.target = self.limit = terms.targets[metric]
        self.hours = terms.hours[metric]
        self.banked = 0
        self.since = at  # when the present segment began
        self.is_running = False
        self.due: int | None = None
        self.pinned: int | None = None  # a due time set by hand, exact until a pause
        self.is_manual = False
        self.breached_at: int | None = None
        self.ended_at: int | None = None
        self.state: State = "running"
        self.cause = ""
        self.reason = ""
        self.may_revive = True
        self.generation = 1
        self.generation_since = at
        self.fired: set[str] = set()
        self.status = status
        self.segments: list[_Stint] = []
        self.facts: list[Fact] = []
        if not terms.pauses(metric, status):
            self._run(at)

    # --- judging ---

    def judge(self, now: int) -> None:
        """Note the steps and the breach that silence until `now` has made true, in their order."""
        if self.ended_at is not None:
            return
        if (
            self.is_running
            and self.breached_at is None
            and self.due is not None
            and self.due < now
        ):
            self._fire_steps(self.due)  # what came before the breach is told before it
            self.breached_at = self.due  # docs/sla.md K8: never the clock of who looks
            self._note("breached", self.due, cause=self.cause)
        self._fire_steps(now)

    def _fire_steps(self, until: int) -> None:
        past = [(at, step) for step, at in self._waiting_steps() if at <= until]
        for at, step in sorted(past, key=lambda item: (item[0], item[1].name)):
            self.fired.add(step.name)
            kind: FactKind = "warned" if step.is_warning else "escalated"
            self._note(kind, at, step=step.name, acts=step.acts)

    def _waiting_steps(self) -> list[tuple[Step, int]]:
        """The steps of this generation that have not come yet; none while paused (W3)."""
        if not self.is_running or self.due is None:
            return []
        steps = self.terms.steps.get(self.metric, ())
        return [(step, self._time_of(step)) for step in steps if step.name not in self.fired]

    def _time_of(self, step: Step) -> int:
        at = self._planned(step)
        if step.is_warning or self.due is None:
            return at
        return max(at, self.due + 1)  # docs/sla.md K8: exactly at due is met, not escalated

    def _planned(self, step: Step) -> int:
        if step.wall and self.due is not None:
            return max(self.due + step.offset, self.generation_since)
        threshold = step.threshold(self.limit)
        if threshold > self.banked:
            return self.hours.add(self.since, threshold - self.banked)
        return self.hours.next_open(self.since)  # no mail at midnight (docs/sla.md W1)

    def _note(
        self,
        kind: FactKind,
        at: int,
        *,
        step: str = "",
        cause: str = "",
        acts: bool = False,
    ) -> None:
        due = None if self.due is None else instant(self.due)
        self.facts.append(Fact(kind, self.generation, due, instant(at), step, cause, acts))

    # --- running and pausing ---

    def follow(self, status: str, at: int) -> None:
        """Freeze what is used in some statuses, go on with what is left in others (P1, P2)."""
        is_paused = self.terms.pauses(self.metric, status)
        if is_paused and (self.is_running or status != self.status):
            self._close_segment(at)
            self.is_running, self.pinned = False, None
            self._find_due()
        elif not is_paused and not self.is_running:
            self._close_segment(at)
            self._run(at)
        self.status = status

    def _run(self, at: int) -> None:
        self.is_running, self.since = True, at
        self._find_due()

    def _find_due(self) -> None:
        if self.breached_at is not None:
            self.due = self.breached_at
        elif not self.is_running:
            self.due = None
        elif self.pinned is not None:
            self.due = self.pinned
        else:
            self.due = self.hours.add(self.since, self.limit - self.banked)

    def _close_segment(self, at: int) -> None:
        used = self.hours.elapsed(self.since, at) if self.is_running else 0
        if at > self.since:
            self.segments.append(self._stint(self.since, at, used))
        self.banked += used
        self.since = at

    def _stint(self, start: int, end: int, used: int) -> _Stint:
        return _Stint(start, end, self.is_running, self.target, self.hours, used, self.status)

    # --- ending and going on ---

    def end(self, at: int) -> None:
        """End it as kept, or as the breach that it already is (docs/sla.md K8, K9)."""
        self._finish(at, "met" if self.breached_at is None else "breached")

    def cancel(self, at: int, reason: str) -> None:
        """End it without a judgement; what was breached before stays so, except for spam."""
        is_breached = self.breached_at is not None and reason != "spam"
        self.reason = reason
        self._finish(at, "breached" if is_breached else "cancelled")

    def _finish(self, at: int, state: State) -> None:
        self._close_segment(at)
        self.is_running = False
        self.ended_at, self.state = at, state
        self.may_revive = (
            state == "cancelled" or self.metric in {UPDATE, RESOLUTION} or bool(self.reason)
        )

    def revive(self, at: int, terms: Terms, status: str) -> None:
        """Take back the end and go on with what was left (docs/sla.md R1, R3, T1)."""
        if self.breached_at is None:
            self._note("revoked", at, cause=self.reason)
            self._next_generation(at)
        self.since, self.ended_at, self.state, self.reason = at, None, "running", ""
        self.status = status
        if terms is not self.terms:
            self._take_terms(terms)
        if terms.reopen_minimum_percent and self.breached_at is None:  # docs/sla.md R2
            least = -(-self.target * terms.reopen_minimum_percent // 100)
            self.limit = max(self.limit, self.banked + least)
        if terms.pauses(self.metric, status):
            self._find_due()
        else:
            self._run(at)

    # --- other promises ---

    def retarget(self, at: int, terms: Terms, counted_from: int | None) -> None:
        """Keep what is used and promise anew from here (docs/sla.md T1 to T4)."""
        hours, was_target = terms.hours[self.metric], self.target
        is_same = self.is_manual or terms.targets[self.metric] == self.target
        if is_same and hours is self.hours and counted_from is None:
            self.terms = terms
            return
        expected = self._expected_due(at)
        self._close_segment(at)
        if counted_from is not None:
            self._recount(counted_from, hours)
        self._take_terms(terms)
        if self.target < was_target:  # docs/sla.md T2
            least = -(-self.target * terms.change_minimum_percent // 100)
            self.limit = max(self.limit, self.banked + least)
        self._promise_anew(at, expected, "target_change")

    def set_due(self, at: int, due: int | None) -> None:
        """Make a due time set by hand the target, or go back to the policy's (docs/sla.md T7)."""
        expected = self._expected_due(at)
        self._close_segment(at)
        self.is_manual, self.pinned = due is not None, due
        if due is None:
            self.target = self.limit = self.terms.targets[self.metric]
        else:
            self.limit = self.target = self.banked + self.hours.elapsed(at, due)
        self._promise_anew(at, expected, "set_by_hand")

    def start_with(self, since: int | None, at: int) -> None:
        """Count the wait since an older ticket that is merged in, or that wait no more (R4)."""
        begin = self.own_start if since is None else min(since, self.own_start)
        if begin == self.started_at:
            return
        expected = self._expected_due(at)
        self._close_segment(at)
        self.segments = [stint for stint in self.segments if stint.start >= self.own_start]
        if begin < self.own_start:
            wait = self._stint(begin, self.own_start, self.hours.elapsed(begin, self.own_start))
            self.segments.insert(0, replace(wait, is_running=True))
        self.started_at = begin
        self.banked = sum(stint.used for stint in self.segments)
        self._promise_anew(at, expected, "merge")

    def _take_terms(self, terms: Terms) -> None:
        self.terms = terms
        self.hours = terms.hours[self.metric]
        if not self.is_manual:
            if self.target != terms.targets[self.metric]:
                self.limit = terms.targets[self.metric]
            self.target = terms.targets[self.metric]

    def _recount(self, since: int, hours: OpeningHours) -> None:
        """Count the running time after `since` on other hours: a forgotten holiday (T6)."""
        recounted = []
        for stint in self.segments:
            cut = min(max(stint.start, since), stint.end)
            for start, end, on in ((stint.start, cut, stint.hours), (cut, stint.end, hours)):
                if start < end:
                    used = on.elapsed(start, end) if stint.is_running else 0
                    recounted.append(replace(stint, start=start, end=end, hours=on, used=used))
        self.segments = recounted
        self.banked = sum(stint.used for stint in recounted)

    def _promise_anew(self, at: int, expected: int, cause: str) -> None:
        is_late = self.limit <= self.banked and (self.pinned is None or self.pinned <= at)
        if self.breached_at is not None:
            if is_late:
                return
            self._note("superseded", at, cause=cause)  # docs/sla.md T3
            self.breached_at = None
        self.cause = cause if is_late else ""
        if is_late:
            self.limit, self.pinned = self.banked, None
        if not self.is_running:
            self.pinned = None
        self._find_due()
        if self._expected_due(at) != expected:  # docs/sla.md T6: unchanged means silent
            self._next_generation(at)

    def _expected_due(self, at: int) -> int:
        """The due time, or what it would be if a paused clock went on at `at`."""
        if self.due is not None:
            return self.due
        return self.hours.add(at, self.limit - self.banked)

    def _next_generation(self, at: int) -> None:
        self.generation += 1
        self.generation_since = at
        self.fired = set()

    # --- showing ---

    def seen_at(self, now: int) -> Clock:
        """Freeze it as it stands at `now`."""
        return Clock(
            metric=self.metric,
            seq=self.seq,
            state=self._state(),
            started_at=instant(self.started_at),
            ended_at=_instant(self.ended_at),
            target=self.target,
            limit=self.limit,
            consumed=self.banked + self._used_since(now),
            banked=self.banked,
            running_since=instant(self.since) if self.is_running else None,
            is_paused=self.ended_at is None and not self.is_running,
            due_at=_instant(self.due),
            breached_at=_instant(self.breached_at),
            cause=self.cause,
            reason=self.reason,
            is_manual=self.is_manual,
            generation=self.generation,
            terms=self.terms.key,
            calendar=self.hours.key,
            segments=tuple(self._shown_segments(now)),
            facts=tuple(self.facts),
            steps=tuple(
                StepDue(step, instant(at), self.generation) for step, at in self._waiting_steps()
            ),
        )

    def _state(self) -> State:
        if self.ended_at is not None:
            return self.state
        if self.breached_at is not None:
            return "breached"
        return "running" if self.is_running else "paused"

    def _used_since(self, now: int) -> int:
        return self.hours.elapsed(self.since, now) if self.is_running else 0

    def _shown_segments(self, now: int) -> Iterator[Segment]:
        for stint in self.segments:
            yield stint.shown()
        if self.ended_at is None:
            now_used = self._stint(self.since, now, self._used_since(now))
            yield replace(now_used.shown(), end=None)


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else instant(seconds)
