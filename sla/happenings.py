"""What clocks are made from: what was promised, and what happened to the ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sla.business_time import OpeningHours

FIRST_RESPONSE, NEXT_RESPONSE, UPDATE, RESOLUTION = METRICS = (
    "first_response",
    "next_response",
    "update",
    "resolution",
)
OVER = frozenset({"resolved", "closed"})
RESUME, RESTART = "resume", "restart"

Party = Literal["customer", "agent", "other"]


# --- What is promised --------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """Something to do before or after due, in business time unless `wall` (docs/sla.md W1).

    Exactly one of `percent` (of the target) and `offset` (seconds, negative is before due);
    100 % and 0 s are the breach itself. `acts` says that actions hang on it.
    """

    name: str
    percent: int | None = None
    offset: int = 0
    wall: bool = False
    acts: bool = False

    @property
    def is_warning(self) -> bool:
        """Say whether it comes before the breach."""
        return self.offset < 0 if self.percent is None else self.percent < 100

    def threshold(self, limit: int) -> int:
        """The used seconds at which it is due, for a clock that may use `limit`."""
        if self.percent is not None:
            return -(-limit * self.percent // 100)
        return max(limit + self.offset, 0)


@dataclass(frozen=True)
class Terms:
    """What one policy version promises one ticket: targets in seconds, hours, and its rules."""

    key: str
    targets: Mapping[str, int]
    hours: Mapping[str, OpeningHours]
    pause: Mapping[str, frozenset[str]] = field(default_factory=dict)
    on_reopen: str = RESUME
    reopen_minimum_percent: int = 0
    change_minimum_percent: int = 0
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)

    def pauses(self, metric: str, status: str) -> bool:
        """Say whether the metric's clock stands still in that status (docs/sla.md P1)."""
        return status in self.pause.get(metric, frozenset())


NO_TERMS = Terms(key="", targets={}, hours={})


# --- What happened -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Opened:
    """The ticket was opened, by its customer or by somebody else for them."""

    at: datetime
    by: Party = "customer"
    status: str = "new"
    terms: Terms = NO_TERMS


@dataclass(frozen=True)
class CustomerWrote:
    """A message of the customer was accepted, through any channel (docs/sla.md K6)."""

    at: datetime
    message: int | None = None


@dataclass(frozen=True)
class Responded:
    """A human agent wrote a public message to the customer (docs/sla.md K6)."""

    at: datetime
    message: int | None = None


@dataclass(frozen=True)
class MessageWithdrawn:
    """A message was taken back within its grace time: it counts as never sent."""

    at: datetime
    message: int


@dataclass(frozen=True)
class StatusSet:
    """The status changed; `by` tells a customer's reopening, `reason` spam and merged."""

    at: datetime
    to: str
    by: Party = "other"
    reason: str = ""


@dataclass(frozen=True)
class TermsSet:
    """Other terms apply from here; with `counted_from` used time since then is counted anew."""

    at: datetime
    terms: Terms = NO_TERMS
    counted_from: datetime | None = None


@dataclass(frozen=True)
class DueSet:
    """Somebody set the due time of one metric by hand, or gave it back to the policy (None)."""

    at: datetime
    metric: str
    due_at: datetime | None


@dataclass(frozen=True)
class OlderStart:
    """Tickets were merged into this one, or taken out again: the oldest of those in it has waited
    since `since`; None when none of them waits."""

    at: datetime
    since: datetime | None


Happening = (
    Opened
    | CustomerWrote
    | Responded
    | MessageWithdrawn
    | StatusSet
    | TermsSet
    | DueSet
    | OlderStart
)
