"""Reading calendar documents, and the pinned zones they name; clear errors at a named field."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from importlib import metadata, resources
from typing import Any
from zoneinfo import ZoneInfo

from sla.sentences import Untold
from sla.sentences import gettext_noop as _

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ORGANISATION = "organisation"  # a calendar in the zone of whoever it is promised to
FIELDS = {
    "timezone", "weekly", "holidays", "holiday_names", "exceptions", "breaks", "always_open",
    "hours_per_day",
}  # fmt: skip
LONGEST_NAME = 100

Minutes = tuple[int, int]  # a half-open [open, close) of wall time, in minutes after midnight
_WALL = re.compile(r"([01]\d|2[0-3]):([0-5]\d)|24:00")
MOST_STRETCHES = 24  # a day


class CalendarError(Untold):
    """A calendar that cannot be kept; `field` names the part that is wrong."""

    def __init__(self, field: str, sentence: str, **values: Any) -> None:
        self.field = field
        super().__init__(sentence, **values)

    def __str__(self) -> str:
        return f"{self.field}: {super().__str__()}"


def zone_version() -> str:
    """Name the release of the pinned tz database, such as 2026.6 (docs/sla.md C8)."""
    return metadata.version("tzdata")


@cache
def known_zones() -> frozenset[str]:
    """List every zone of the pinned tz database."""
    return frozenset((resources.files("tzdata") / "zones").read_text("utf-8").split())


@cache
def zone(name: str) -> ZoneInfo:
    """Load a zone from the pinned tz database, never from the system's (docs/sla.md C8).

    :raises CalendarError: there is no such zone.
    """
    if name not in known_zones():
        raise CalendarError(
            "timezone", _("“%(name)s” is not a time zone of the tz database."), name=name
        )
    with (resources.files("tzdata") / "zoneinfo").joinpath(*name.split("/")).open("rb") as rules:
        return ZoneInfo.from_file(rules, key=name)


def read_zone(name: object) -> str:
    """Take the name of a zone, or the mark for the organisation's."""
    if not isinstance(name, str):
        raise CalendarError("timezone", _("Name the time zone, such as Europe/Berlin."))
    if name != ORGANISATION:
        zone(name)
    return name


def read_flag(value: object) -> bool:
    """Take true or false."""
    if not isinstance(value, bool):
        raise CalendarError("always_open", _("Say true or false."))
    return value


def read_hours_per_day(value: object) -> float | None:
    """Take the length of a business day in hours, if it is given (docs/sla.md C4)."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 24:
        raise CalendarError(
            "hours_per_day", _("A business day has more than 0 and up to 24 hours.")
        )
    return float(value)


def read_week(weekly: object) -> tuple[tuple[Minutes, ...], ...]:
    """Take the stretches of each weekday, merged and apart (docs/sla.md C1)."""
    if not isinstance(weekly, Mapping):
        raise CalendarError("weekly", _("Give the hours by day, mon to sun."))
    week: list[list[Minutes]] = [[] for _day in DAYS]
    for name, hours in weekly.items():
        if name not in DAYS:
            raise CalendarError(
                f"weekly.{name}", _("Days are named mon, tue, wed, thu, fri, sat, sun.")
            )
        for opened, closed in _read_stretches(hours, f"weekly.{name}"):
            today = DAYS.index(name)
            if opened < closed:
                week[today].append((opened, closed))
            else:  # docs/sla.md C1: a night shift is split at midnight
                week[today].append((opened, 1440))
                if closed:
                    week[(today + 1) % 7].append((0, closed))
    return tuple(_merged(day, f"weekly.{DAYS[number]}") for number, day in enumerate(week))


def read_dated(document: Mapping[str, Any]) -> dict[date, tuple[Minutes, ...]]:
    """Take what replaces a weekday: exceptions, and nothing at all on holidays (C2)."""
    dated = read_dates(document.get("exceptions") or {}, "exceptions")
    holidays = document.get("holidays") or []
    if not isinstance(holidays, Sequence) or isinstance(holidays, str):
        raise CalendarError("holidays", _("Give a list of dates."))
    for number, text in enumerate(holidays):
        day = _read_date(text, f"holidays[{number}]")
        if dated.get(day):
            raise CalendarError(
                f"holidays[{number}]", _("This day is an exception with hours too.")
            )
        dated[day] = ()
    return dated


def read_names(document: Mapping[str, Any]) -> dict[date, str]:
    """Take what holidays are called; a name without its holiday is refused."""
    names = document.get("holiday_names") or {}
    if not isinstance(names, Mapping):
        raise CalendarError("holiday_names", _("Give the names by date."))
    holidays = set(document.get("holidays") or ())
    read = {}
    for text, name in names.items():
        place = f"holiday_names.{text}"
        if text not in holidays:
            raise CalendarError(place, _("There is no holiday on this date."))
        if not isinstance(name, str) or not 0 < len(name.strip()) <= LONGEST_NAME:
            raise CalendarError(
                place, _("A holiday’s name has 1 to %(most)d characters."), most=LONGEST_NAME
            )
        read[_read_date(text, place)] = name.strip()
    return read


def read_dates(days: object, name: str) -> dict[date, tuple[Minutes, ...]]:
    """Take stretches by date."""
    if not isinstance(days, Mapping):
        raise CalendarError(name, _("Give the hours by date."))
    dated = {}
    for text, hours in days.items():
        place = f"{name}.{text}"
        stretches = _read_stretches(hours, place)
        if any(opened >= closed for opened, closed in stretches):
            raise CalendarError(
                place, _("A stretch on a date ends on that date, at 24:00 or before.")
            )
        dated[_read_date(text, place)] = _merged(stretches, place)
    return dated


def _read_date(text: object, place: str) -> date:
    try:
        day = date.fromisoformat(text if isinstance(text, str) else "")
    except ValueError:
        raise CalendarError(place, _("A date is written like 2026-12-24.")) from None
    if day.isoformat() != text or not 1900 <= day.year <= 2400:
        raise CalendarError(place, _("A date is written like 2026-12-24."))
    return day


def _read_stretches(hours: object, place: str) -> list[Minutes]:
    if not isinstance(hours, Sequence) or isinstance(hours, str):
        raise CalendarError(place, _("Give a list of [open, close]."))
    if len(hours) > MOST_STRETCHES:
        raise CalendarError(place, _("A day has at most 24 stretches."))
    return [_read_stretch(pair, f"{place}[{number}]") for number, pair in enumerate(hours)]


def _read_stretch(pair: object, place: str) -> Minutes:
    if not isinstance(pair, Sequence) or isinstance(pair, str) or len(pair) != 2:
        raise CalendarError(place, _("A stretch is [open, close]."))
    opened, closed = (_read_minute(text, place) for text in pair)
    if opened in {closed, 1440}:
        raise CalendarError(
            place, _("The stretch is empty. For the whole day write 00:00 to 24:00.")
        )
    return opened, closed


def _read_minute(text: object, place: str) -> int:
    if not isinstance(text, str) or not _WALL.fullmatch(text):
        raise CalendarError(place, _("A time of day is written like 09:00, the last one 24:00."))
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _merged(stretches: Sequence[Minutes], place: str) -> tuple[Minutes, ...]:
    merged: list[Minutes] = []
    for opened, closed in sorted(stretches):
        if merged and opened < merged[-1][1]:
            raise CalendarError(place, _("Two stretches overlap."))
        if merged and opened == merged[-1][1]:
            merged[-1] = (merged[-1][0], closed)
        else:
            merged.append((opened, closed))
    return tuple(merged)
