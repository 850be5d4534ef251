"""Reading the holidays out of an iCalendar file (RFC 5545): its all-day events."""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from icalendar import Calendar, Event

from accounts.errors import Invalid
from sla.calendar_documents import LONGEST_NAME

MOST_BYTES = 1024 * 1024
MOST_EVENTS = 5000
LONGEST_EVENT = timedelta(days=62)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_NTH = re.compile(r"([+-]?[1-5])(MO|TU|WE|TH|FR|SA|SU)")


@dataclass
class Found:
    """The holidays of a file, and how many of its events were left out for which reason."""

    days: dict[date, str] = field(default_factory=dict)
    timed: int = 0
    unread: int = 0


class _Unread(Exception):
    """An event whose repeating is not read here."""


def read(content: bytes, first_year: int, last_year: int) -> Found:
    """Take the all-day events of a file; yearly ones once for each of the years.

    :raises Invalid: it is too large, no iCalendar file, broken, or without any such event.
    """
    if len(content) > MOST_BYTES:
        raise Invalid(_("This file is larger than 1 MB. A list of holidays is much smaller."))
    found = Found()
    events = _events(content)
    for event in events:
        _take(event, found, first_year, last_year)
    if not found.days:
        raise Invalid(_("There is no all-day event in this file."))
    return found


def _events(content: bytes) -> list[Event]:
    try:
        read = Calendar.from_ical(content.decode("utf-8-sig"))
        events = [part for part in read.walk("VEVENT") if isinstance(part, Event)]
    except UnicodeDecodeError as error:
        raise Invalid(_("This is no iCalendar file: it is not text in UTF-8.")) from error
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise Invalid(_("This is no iCalendar file, or it is broken.")) from error
    if not isinstance(read, Calendar):
        raise Invalid(_("This is no iCalendar file, or it is broken."))
    if len(events) > MOST_EVENTS:
        raise Invalid(_("This file has more than %(most)d events.") % {"most": MOST_EVENTS})
    return events


def _take(event: Event, found: Found, first_year: int, last_year: int) -> None:
    if str(event.get("STATUS", "")).upper() == "CANCELLED":
        return
    try:
        start, end = event.start, event.end
        if isinstance(start, datetime) or isinstance(end, datetime):
            found.timed += 1
            return
        if not timedelta(0) < end - start <= LONGEST_EVENT:
            raise _Unread
        length = (end - start).days
        name = " ".join(str(event.get("SUMMARY", "")).split())[:LONGEST_NAME]
        left_out = set(_dates_of(event, "EXDATE"))
        for begun in [*_repeated(event, start, first_year, last_year),
                      *_dates_of(event, "RDATE")]:  # fmt: skip
            for number in range(0 if begun in left_out else length):
                found.days.setdefault(begun + timedelta(days=number), name)
    except (_Unread, ValueError, TypeError, OverflowError):
        found.unread += 1


def _dates_of(event: Event, key: str) -> Iterator[date]:
    lists = event.get(key, [])
    for each in lists if isinstance(lists, list) else [lists]:
        for entry in each.dts:
            yield entry.dt.date() if isinstance(entry.dt, datetime) else entry.dt


def _repeated(event: Event, start: date, first_year: int, last_year: int) -> Iterator[date]:
    """The day of an event, or those of its yearly rule within the years (RFC 5545, 3.3.10)."""
    rule = event.get("RRULE")
    if rule is None:
        yield start
        return
    if isinstance(rule, list):
        raise _Unread
    parts = {str(name).upper(): values for name, values in rule.items()}
    day_of = _day_in_year(parts, start)
    every = int(parts.pop("INTERVAL", [1])[0])
    left = int(parts.pop("COUNT", [last_year - start.year + 1])[0])
    until = parts.pop("UNTIL", [date(last_year, 12, 31)])[0]
    until = until.date() if isinstance(until, datetime) else until
    if every < 1:
        raise _Unread
    for year in range(start.year, last_year + 1, every):
        day = day_of(year)
        if day is None or day < start:
            continue
        left -= 1
        if left < 0 or day > until:
            return
        if year >= first_year:
            yield day


def _day_in_year(parts: dict[str, Any], start: date) -> Any:
    """Read “the same day every year” or “the fourth Thursday of November every year”."""
    if parts.pop("FREQ", [""])[0] != "YEARLY":
        raise _Unread
    parts.pop("WKST", None)
    months, month_days = parts.pop("BYMONTH", None), parts.pop("BYMONTHDAY", None)
    week_days = parts.pop("BYDAY", None)
    if parts.keys() - {"INTERVAL", "COUNT", "UNTIL"}:
        raise _Unread
    if months is not None and [int(month) for month in months] != [start.month]:
        raise _Unread
    if week_days is None:
        if month_days is not None and [int(day) for day in month_days] != [start.day]:
            raise _Unread
        return lambda year: _date(year, start.month, start.day)
    nth = _NTH.fullmatch(str(week_days[0])) if len(week_days) == 1 else None
    if nth is None or months is None or month_days is not None:
        raise _Unread
    return lambda year: _nth_weekday(year, start.month, int(nth[1]), _WEEKDAYS.index(nth[2]))


def _date(year: int, month: int, day: int) -> date | None:
    return date(year, month, day) if day <= calendar.monthrange(year, month)[1] else None


def _nth_weekday(year: int, month: int, number: int, weekday: int) -> date | None:
    first, length = calendar.monthrange(year, month)
    days = range(1 + (weekday - first) % 7, length + 1, 7)
    place = number - 1 if number > 0 else number
    return date(year, month, days[place]) if -len(days) <= place < len(days) else None
