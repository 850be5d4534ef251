"""Pure: what happened to a ticket and what was promised → its clocks with their segments.

No database, no settings, no clock reads. docs/sla.md says every rule in words (K, P, R, T, W).
"""

from collections.abc import Sequence
from datetime import datetime

from sla.business_time import second
from sla.happenings import (
    FIRST_RESPONSE,
    METRICS,
    NEXT_RESPONSE,
    NO_TERMS,
    OVER,
    RESOLUTION,
    RESTART,
    UPDATE,
    CustomerWrote,
    DueSet,
    Happening,
    MessageWithdrawn,
    OlderStart,
    Opened,
    Responded,
    StatusSet,
    TermsSet,
)
from sla.stopwatch import Clock, Stopwatch


def evaluate(happenings: Sequence[Happening], as_of: datetime) -> list[Clock]:
    """Work out every clock of a ticket as it stands at `as_of`.

    :param happenings: in the order of the ticket's events; those after `as_of` are not seen.
    :raises BeyondHorizon: a due time would lie more than 25 years ahead (docs/sla.md C6).
    """
    now = second(as_of)
    seen = [happening for happening in happenings if second(happening.at) <= now]
    withdrawn = {item.message for item in seen if isinstance(item, MessageWithdrawn)}
    story = _Story()
    for happening in sorted(seen, key=lambda item: second(item.at)):  # docs/sla.md K7
        if getattr(happening, "message", None) not in withdrawn:
            story.tell(happening)
    return story.clocks_at(now)


class _Story:
    """What is known of the ticket while its happenings are told one by one."""

    def __init__(self) -> None:
        self.terms = NO_TERMS
        self.status = "new"
        self.is_open = False
        self.is_asked = False  # the customer has written
        self.is_answered = False  # … and had the first response
        self.is_waiting = False  # … and has written again since the last response
        self.is_updated = False  # an agent has written at all
        self.reason = ""  # why live clocks are cancelled when the ticket is over
        self.clocks: dict[str, list[Stopwatch]] = {metric: [] for metric in METRICS}

    def tell(self, happening: Happening) -> None:
        """Judge what went before, take in the happening, then stop, pause and start clocks."""
        at = second(happening.at)
        for clock in self._live():
            clock.judge(at)
        match happening:
            case Opened():
                self._opened(happening)
            case CustomerWrote():
                self._contacted()
            case Responded():
                self._responded(at)
            case StatusSet():
                self._status_set(happening)
            case TermsSet():
                self._terms_set(happening, at)
            case DueSet():
                self._due_set(happening, at)
            case OlderStart():
                self._older_start(happening, at)
            case MessageWithdrawn():
                return
        self._settle(at)

    def clocks_at(self, now: int) -> list[Clock]:
        """Every clock as it stands at `now`, in the order of metrics and cycles."""
        for clock in self._live():
            clock.judge(now)
        return [clock.seen_at(now) for metric in METRICS for clock in self.clocks[metric]]

    def _live(self) -> list[Stopwatch]:
        cycles = self.clocks.values()
        return [clocks[-1] for clocks in cycles if clocks and clocks[-1].ended_at is None]

    def _opened(self, opened: Opened) -> None:
        self.is_open = True
        self.terms, self.status = opened.terms, opened.status
        self.is_asked = opened.by == "customer"  # docs/sla.md K2

    def _contacted(self) -> None:
        if self.is_answered:
            self.is_waiting = True  # docs/sla.md K3
        self.is_asked = True  # docs/sla.md K11: even if the agent wrote before

    def _responded(self, at: int) -> None:
        self.is_updated = True
        self.is_answered = self.is_asked
        self.is_waiting = False
        for clock in self._live():
            if clock.metric == UPDATE:  # docs/sla.md K4: replaced by this one
                clock.end(at)
        self._forget(NEXT_RESPONSE)
        self._forget(UPDATE)

    def _status_set(self, change: StatusSet) -> None:
        was_over, is_over = self.status in OVER, change.to in OVER
        self.status = change.to
        if is_over and not was_over:
            self.reason = change.reason
        if was_over and not is_over and self.is_open:
            self._reopened(change)

    def _reopened(self, change: StatusSet) -> None:
        if change.by == "customer":  # docs/sla.md K11
            self._contacted()
            self._forget(NEXT_RESPONSE)
        if self.terms.on_reopen == RESTART:  # docs/sla.md R2
            self._forget(RESOLUTION)
            self._forget(UPDATE)

    def _forget(self, metric: str) -> None:
        """Let the next clock of the metric be a new one instead of a revived one."""
        for clock in self.clocks[metric][-1:]:
            clock.may_revive = False

    def _terms_set(self, change: TermsSet, at: int) -> None:
        self.terms = change.terms
        since = None if change.counted_from is None else second(change.counted_from)
        for clock in self._live():
            if clock.metric in change.terms.targets:
                clock.retarget(at, change.terms, since)
            else:
                clock.cancel(at, "no_policy")  # docs/sla.md T5

    def _due_set(self, change: DueSet, at: int) -> None:
        for clock in self._live():
            if clock.metric == change.metric:
                clock.set_due(at, None if change.due_at is None else second(change.due_at))

    def _older_start(self, merge: OlderStart, at: int) -> None:
        for clock in self._live():
            if clock.metric == FIRST_RESPONSE:
                clock.start_with(None if merge.since is None else second(merge.since), at)

    def _is_wanted(self, metric: str) -> bool:
        if not self.is_open or self.status in OVER:
            return False
        return {
            FIRST_RESPONSE: self.is_asked and not self.is_answered,
            NEXT_RESPONSE: self.is_answered and self.is_waiting,
            UPDATE: self.is_updated,
            RESOLUTION: True,
        }[metric]

    def _settle(self, at: int) -> None:
        """Stop before pause before start (docs/sla.md K7)."""
        for clock in self._live():
            if not self._is_wanted(clock.metric):
                self._stop(clock, at)
        for clock in self._live():
            clock.follow(self.status, at)
        live = {clock.metric for clock in self._live()}
        for metric in METRICS:
            if metric not in live and metric in self.terms.targets and self._is_wanted(metric):
                self._start(metric, at)

    def _stop(self, clock: Stopwatch, at: int) -> None:
        if self.status not in OVER:
            clock.end(at)
        elif self.reason:  # spam, merged (docs/sla.md R4)
            clock.cancel(at, self.reason)
        elif clock.metric in {FIRST_RESPONSE, NEXT_RESPONSE}:
            clock.cancel(at, "no_response")  # docs/sla.md K11
        elif clock.metric == UPDATE and clock.started_at == at:
            clock.cancel(at, "resolved")  # answered and resolved in one go: nothing to promise
        else:
            clock.end(at)

    def _start(self, metric: str, at: int) -> None:
        cycles = self.clocks[metric]
        if cycles and cycles[-1].may_revive:
            cycles[-1].revive(at, self.terms, self.status)
        else:
            cycles.append(Stopwatch(metric, len(cycles) + 1, at, self.terms, self.status))
