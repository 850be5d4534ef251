"""A slow second opinion: opening hours and clocks found by walking minute by minute.

It shares no code with the product. A wall boundary is the first minute at which a clock on the
wall of that zone has reached it, which is what docs/sla.md C3 comes down to.
"""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)


def walls(zone, start, days):
    """Pair every UTC minute of a stretch of days with what a wall clock shows then."""
    info = ZoneInfo(zone)
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

    def first_at(when):
        return next(at for at, clock in shown if clock >= when)

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


def utc(*parts):
    """A UTC instant."""
    return datetime(*parts, tzinfo=UTC)
