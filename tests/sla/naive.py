"""A slow second opinion: opening hours and clocks found by walking minute by minute.

It shares no code with the product. A wall boundary is the first minute at which a clock on the
wall of that zone has reached it, which is what docs/sla.md C3 comes down to.
"""

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from itertools import accumulate
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


@cache
def pinned(zone):
    """The zone of the locked dependency: the system's may be older (docs/sla.md C8)."""
    with (files("tzdata") / "zoneinfo" / zone).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=zone)


def walls(zone, start, days):
    """Pair every UTC minute of a stretch of days with what a wall clock shows then."""
    info = pinned(zone)
    minutes = [start + number * MINUTE for number in range(days * 1440)]
    return [(at, at.astimezone(info).replace(tzinfo=None)) for at in minutes]


def hours_on(document, day: date):
    """List the [open, close] texts of a day after exceptions and holidays, before breaks."""
    name = day.isoformat()
    if name in document.get("holidays", []):
        return []
    if name in document.get("exceptions", {}):
        return document["exceptions"][name]
    return document["weekly"].get(DAYS[day.weekday()], [])


def wall(day, text):
    """The wall time of a day, 24:00 being the next day's beginning."""
    hours, minutes = map(int, text.split(":"))
    return datetime(day.year, day.month, day.day) + timedelta(hours=hours, minutes=minutes)  # noqa: DTZ001


def open_minutes(document, start, days):
    """The set of open UTC minutes from start over some days."""
    margin = 3
    shown = walls(document["timezone"], start - timedelta(days=margin), days + 2 * margin)

    furthest = list(accumulate((clock for _, clock in shown), max))

    def first_at(when):
        return shown[bisect_left(furthest, when)][0]

    found = set()
    day = shown[0][1].date() + timedelta(days=1)
    while day < shown[-1][1].date() - timedelta(days=1):
        for opened, closed in hours_on(document, day):
            at, end = first_at(wall(day, opened)), first_at(wall(day, closed))
            while at < end:
                found.add(at)
                at += MINUTE
        for opened, closed in document.get("breaks", {}).get(day.isoformat(), []):
            at, end = first_at(wall(day, opened)), first_at(wall(day, closed))
            while at < end:
                found.discard(at)
                at += MINUTE
        day += timedelta(days=1)
    last = start + timedelta(days=days)
    return {at for at in found if start <= at < last}


def resolution(document, statuses, target, pausing, end):
    """Walk the resolution clock: (used minutes, breached at) at `end`.

    :param statuses: [(instant, status), …] from the creation on, in whole minutes.
    :param target: in minutes.
    """
    start = statuses[0][0]
    days = (end - start).days + 2
    opened = open_minutes(document, start.replace(hour=0, minute=0), days)
    used, breached_at, at, due = 0, None, start, None
    while at < end:
        status = [status for since, status in statuses if since <= at][-1]
        runs = status not in pausing and status not in {"resolved", "closed"}
        if runs and used >= target and breached_at is None:
            breached_at = due  # it ran on for a moment after it was due
        if runs and at in opened:
            used += 1
            if used == target and breached_at is None:
                due = at + MINUTE
        at += MINUTE
    return used, breached_at


def walk(opened, events, targets, pausing, minutes):  # noqa: C901 - one plain walk on purpose
    """Walk all four clocks minute by minute; a second reading of K1 to K11, P and R1.

    :param opened: which minutes, counted from the creation, are open.
    :param events: {minute: [what, …]}: "customer", "agent", a status, or ("customer", status).
    :param targets: {metric: minutes}; `pausing`: {metric: statuses}.
    :returns: {(metric, seq): (used, state, breached minute or None)} at the end.
    """
    clocks, live = {}, {}
    seqs = dict.fromkeys(targets, 0)
    asked = events[0][0] == "customer"
    answered = waiting = False
    status = "new"

    def begin(metric, minute):
        if metric in targets and metric not in live:
            seqs[metric] += 1
            fresh = {"used": 0, "state": "live", "breach": None, "due": None, "began": minute}
            clocks[metric, seqs[metric]] = live[metric] = fresh

    def finish(metric, state):
        clock = live.pop(metric, None)
        if clock is not None:
            clock["state"] = "breached" if clock["breach"] is not None else state

    def contact(minute):
        nonlocal asked, waiting
        if answered:
            waiting = True
            begin("next_response", minute)
        elif status not in {"resolved", "closed"}:
            begin("first_response", minute)
        asked = True

    def revive(metric):
        if seqs.get(metric):
            clock = clocks[metric, seqs[metric]]
            clock["state"] = "live"
            live[metric] = clock

    for minute in range(minutes + 1):
        for metric, clock in live.items():
            is_late = clock["due"] is not None and clock["due"] < minute
            if is_late and clock["breach"] is None and status not in pausing.get(metric, ()):
                clock["breach"] = clock["due"]
        for what in events.get(minute, ()):
            is_over = status in {"resolved", "closed"}
            if minute == 0 and what in {"customer", "agent"}:
                begin("resolution", 0)
                if asked:
                    begin("first_response", 0)
            elif what == "customer":
                contact(minute)
            elif what == "agent":
                finish("first_response", "met")
                finish("next_response", "met")
                finish("update", "met")
                answered, waiting = asked, False
                begin("update", minute)
            else:
                by, fresh = what
                was, status = status, fresh
                if fresh in {"resolved", "closed"} and not is_over:
                    finish("first_response", "cancelled")
                    finish("next_response", "cancelled")
                    zero = "update" in live and live["update"]["began"] == minute
                    finish("update", "cancelled" if zero else "met")
                    finish("resolution", "met")
                elif was in {"resolved", "closed"} and fresh not in {"resolved", "closed"}:
                    revive("resolution")
                    if seqs.get("update"):
                        revive("update")
                    if by == "customer" and answered:
                        waiting = True
                        begin("next_response", minute)
                    elif by == "customer":
                        asked = True
                    elif answered and waiting:
                        revive("next_response")
                    if asked and not answered:
                        if seqs.get("first_response"):
                            revive("first_response")
                        else:
                            begin("first_response", minute)
        if minute < minutes:
            for metric, clock in live.items():
                if status in pausing.get(metric, ()):
                    continue
                if clock["used"] >= targets[metric] and clock["due"] is None:
                    clock["due"] = minute
                if minute in opened:
                    clock["used"] += 1
                    if clock["used"] == targets[metric] and clock["breach"] is None:
                        clock["due"] = minute + 1
    return {key: (clock["used"], clock["state"], clock["breach"]) for key, clock in clocks.items()}


def utc(*parts):
    """A UTC instant."""
    return datetime(*parts, tzinfo=UTC)
