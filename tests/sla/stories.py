"""Short stories of a ticket, told to the pure core: what was promised, what happened, and when."""

from datetime import timedelta

from sla.business_time import Calendar
from sla.clocks import evaluate
from sla.happenings import METRICS, Opened, Terms
from tests.sla.naive import utc

ALWAYS = Calendar.parse({"timezone": "UTC", "weekly": {}, "always_open": True}).opening_hours()
DESK = Calendar.parse({
    "timezone": "UTC",
    "weekly": {key: [["09:00", "17:00"]] for key in ("mon", "tue", "wed", "thu", "fri")},
}).opening_hours()  # fmt: skip
PAUSE = {"resolution": frozenset({"pending", "on_hold"}), "update": frozenset({"pending"})}
HOUR = 3600


def terms(hours=ALWAYS, targets=None, **more):
    targets = targets or {
        "first_response": HOUR, "next_response": 2 * HOUR,
        "update": 8 * HOUR, "resolution": 4 * HOUR,
    }  # fmt: skip
    return Terms("test", targets, dict.fromkeys(METRICS, hours), **{"pause": PAUSE, **more})


def at(hours, minutes=0, seconds=0):
    """Hours after Monday 5 January 2026, 00:00 UTC."""
    return utc(2026, 1, 5) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def opened(by="customer", **more):
    return Opened(at(0), by, terms=terms(**more))


def cycles(metric, happenings, as_of):
    return [clock for clock in evaluate(happenings, as_of) if clock.metric == metric]


def one(metric, happenings, as_of):
    (clock,) = cycles(metric, happenings, as_of)
    return clock


def kinds(clock):
    return [fact.kind for fact in clock.facts]
