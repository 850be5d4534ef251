"""Pure arithmetic on opening hours: no Django, no clock reads, whole seconds in UTC."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sla.calendar_documents import (
    FIELDS,
    ORGANISATION,
    CalendarError,
    Minutes,
    read_dated,
    read_dates,
    read_flag,
    read_hours_per_day,
    read_names,
    read_week,
    read_zone,
    zone,
)
from sla.sentences import Untold
from sla.sentences import gettext_noop as _

HORIZON_YEARS = 25
MARGIN = 2 * 86400  # a local year begins at most a day or so beside that of UTC
LONGEST_CLOSED_DAYS = 370


class BeyondHorizon(Untold):
    """A calculation that would reach further than 25 years (docs/sla.md C6)."""


def second(at: datetime) -> int:
    """Turn an aware instant into whole seconds since 1970 UTC, dropping the fraction."""
    if at.tzinfo is None:
        raise ValueError("An instant needs a time zone.")
    return int(at.timestamp() // 1)


def instant(seconds: int) -> datetime:
    """Turn whole seconds since 1970 into an aware UTC instant."""
    return datetime.fromtimestamp(seconds, UTC)


@dataclass(frozen=True)
class Calendar:
    """Weekly hours, dated exceptions and holidays, as wall time (docs/sla.md C1, C2)."""

    timezone: str
    weekly: tuple[tuple[Minutes, ...], ...]
    dated: Mapping[date, tuple[Minutes, ...]]  # what replaces the weekday; () on a holiday
    breaks: Mapping[date, tuple[Minutes, ...]]
    always_open: bool
    hours_per_day: float | None
    names: Mapping[date, str] = field(default_factory=dict)  # of holidays that have one
    _compiled: dict[tuple[str, str], "OpeningHours"] = field(
        default_factory=dict, compare=False, repr=False
    )

    @classmethod
    def parse(cls, document: Mapping[str, Any]) -> "Calendar":
        """Read a calendar document and refuse what cannot be kept (docs/sla.md C1, C2, C6, C7).

        :param document: `timezone`, `weekly` {mon…sun: [[open, close], …]}, `holidays` [date, …],
            `holiday_names` {date: name}, `exceptions` and `breaks` {date: [[open, close], …]},
            `always_open`, `hours_per_day`.
        :raises CalendarError: with the field that is wrong.
        """
        for name in document:
            if name not in FIELDS:
                raise CalendarError(str(name), _("A calendar has no such field."))
        calendar = cls(
            timezone=read_zone(document.get("timezone")),
            weekly=read_week(document.get("weekly") or {}),
            dated=read_dated(document),
            breaks=read_dates(document.get("breaks") or {}, "breaks"),
            always_open=read_flag(document.get("always_open", False)),
            hours_per_day=read_hours_per_day(document.get("hours_per_day")),
            names=read_names(document),
        )
        calendar._refuse_the_impossible()
        return calendar

    def hours_on(self, day: date) -> tuple[Minutes, ...]:
        """List the open stretches of one day, breaks cut out, in minutes of wall time."""
        hours = self.dated.get(day)
        if hours is None:
            hours = self.weekly[day.weekday()]
        for pause in self.breaks.get(day, ()):
            hours = tuple(part for stretch in hours for part in _cut(stretch, pause))
        return hours

    def seconds_of_days(self, days: float) -> int:
        """Turn business days into seconds by the stated hours per day (docs/sla.md C4).

        :raises CalendarError: the calendar does not say how long a day is.
        """
        if self.hours_per_day is None:
            raise CalendarError("hours_per_day", _("Say how many hours one business day has."))
        return round(days * self.hours_per_day * 3600)

    def opening_hours(self, zone_name: str = "", key: str = "") -> "OpeningHours":
        """Compile the calendar once per zone; `zone_name` counts only where the zone is open.

        :raises CalendarError: the calendar is in the organisation's zone and none was given.
        """
        name = zone_name if self.timezone == ORGANISATION else self.timezone
        if (name, key) not in self._compiled:
            self._compiled[name, key] = OpeningHours(self, zone(name), key)
        return self._compiled[name, key]

    def _refuse_the_impossible(self) -> None:
        if self.always_open:
            if any(self.weekly) or self.dated or self.breaks:
                raise CalendarError("always_open", _("A 24/7 calendar has no hours or holidays."))
            return
        if not any(self.weekly):
            raise CalendarError("weekly", _("Open at least one minute a week, or choose 24/7."))
        closed = 0
        for day in self._days_in_question():
            closed = 0 if self.hours_on(day) else closed + 1
            if closed >= LONGEST_CLOSED_DAYS:
                raise CalendarError("holidays", _("There are 370 days without an open minute."))

    def _days_in_question(self) -> Iterator[date]:
        listed = [*self.dated, *self.breaks]
        if listed:
            first, last = min(listed), max(listed)
            if (last - first).days > 200 * 366:
                raise CalendarError("holidays", _("The dates lie more than 200 years apart."))
            for number in range(-7, (last - first).days + 8):
                yield first + timedelta(days=number)


@dataclass(frozen=True)
class _Stretch:
    """The open intervals of some whole years: sorted, apart, with the open seconds before each."""

    first_year: int
    last_year: int
    opens: Sequence[int]
    closes: Sequence[int]
    before: Sequence[int]

    def holds(self, start: int, end: int) -> bool:
        """Say whether it reaches over both instants, in whatever zone."""
        first, last = _new_year(self.first_year), _new_year(self.last_year + 1)
        return first + MARGIN <= start and end + MARGIN < last

    def open_until(self, at: int) -> int:
        """Count the open seconds from the beginning of the stretch to `at`: F(at)."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return 0
        return self.before[index] + min(at, self.closes[index]) - self.opens[index]

    @property
    def total(self) -> int:
        return self.before[-1] + self.closes[-1] - self.opens[-1] if self.opens else 0


class OpeningHours:
    """A calendar in one zone, compiled to UTC intervals that grow as far as they are asked for.

    Instants are seconds since 1970 UTC, durations are elapsed real seconds (docs/sla.md C4).
    """

    def __init__(self, calendar: Calendar, zone_info: ZoneInfo, key: str) -> None:
        self.calendar = calendar
        self.zone = zone_info
        self.key = key
        self._stretch: _Stretch | None = None

    def elapsed(self, start: int, end: int) -> int:
        """Count the open seconds of [start, end); 0 when end is not after start."""
        if end <= start:
            return 0
        if self.calendar.always_open:
            return end - start
        stretch = self._covering(start, end)
        return stretch.open_until(end) - stretch.open_until(start)

    def add(self, start: int, seconds: int) -> int:
        """Find the earliest instant with `seconds` open seconds since start (docs/sla.md C5).

        :raises BeyondHorizon: there is none within 25 years (docs/sla.md C6).
        """
        if seconds <= 0:
            return start
        if self.calendar.always_open:
            self._within_reach(start, start + seconds)
            return start + seconds
        reach = start
        while True:
            stretch = self._covering(start, reach)
            wanted = stretch.open_until(start) + seconds
            if wanted <= stretch.total:
                index = bisect_left(stretch.before, wanted) - 1
                return stretch.opens[index] + wanted - stretch.before[index]
            reach = _new_year(stretch.last_year + 1)

    def next_open(self, at: int) -> int:
        """Find the first open instant at or after `at`.

        :raises BeyondHorizon: there is none within 25 years.
        """
        return at if self.calendar.always_open else self.add(at, 1) - 1

    def open_intervals(self, start: int, end: int) -> list[tuple[int, int]]:
        """List the open parts of [start, end), sorted and apart."""
        if end <= start:
            return []
        if self.calendar.always_open:
            return [(start, end)]
        stretch = self._covering(start, end)
        index = max(bisect_right(stretch.opens, start) - 1, 0)
        found = []
        while index < len(stretch.opens) and stretch.opens[index] < end:
            opened, closed = max(stretch.opens[index], start), min(stretch.closes[index], end)
            if opened < closed:
                found.append((opened, closed))
            index += 1
        return found

    def _covering(self, start: int, end: int) -> _Stretch:
        """The stretch grown to hold both instants; replaced whole, so threads may share it."""
        self._within_reach(start, end)
        stretch = self._stretch
        if stretch is None or not stretch.holds(start, end):
            first, last = instant(start - MARGIN).year, instant(end + MARGIN).year
            if stretch is not None:
                first, last = min(first, stretch.first_year), max(last, stretch.last_year)
            stretch = self._stretch = self._compile(first, last)
        return stretch

    def _within_reach(self, start: int, end: int) -> None:
        if end - start > HORIZON_YEARS * 366 * 86400:
            raise BeyondHorizon(
                _("More than %(years)d years of opening hours are needed."), years=HORIZON_YEARS
            )
        if not _new_year(1900) <= start <= end <= _new_year(2400):
            raise BeyondHorizon(_("Opening hours are known for the years 1900 to 2400 only."))

    def _compile(self, first_year: int, last_year: int) -> _Stretch:
        opens: list[int] = []
        closes: list[int] = []
        day, end = date(first_year, 1, 1), date(last_year + 1, 1, 1)
        while day < end:
            for wall_open, wall_close in self.calendar.hours_on(day):
                opened, closed = self._at_wall(day, wall_open), self._at_wall(day, wall_close)
                if closes and opened <= closes[-1]:  # 24:00 touches 00:00
                    closes[-1] = max(closes[-1], closed)
                elif opened < closed:
                    opens.append(opened)
                    closes.append(closed)
            day += timedelta(days=1)
        before, total = [], 0
        for opened, closed in zip(opens, closes, strict=True):
            before.append(total)
            total += closed - opened
        return _Stretch(first_year, last_year, opens, closes, before)

    def _at_wall(self, day: date, minute: int) -> int:
        """The instant a wall clock shows that minute: first occurrence, or the end of the gap."""
        wall = datetime(day.year, day.month, day.day, tzinfo=self.zone) + timedelta(minutes=minute)
        shown = int(wall.replace(tzinfo=UTC).timestamp())
        first, second_ = _offset(wall), _offset(wall.replace(fold=1))
        if first >= second_:  # docs/sla.md C3: a repeated hour means its first occurrence
            return shown - first
        low, high = shown - second_, shown - first  # docs/sla.md C3: the clock skips this minute
        while high - low > 1:
            middle = (low + high) // 2
            if _offset(instant(middle).astimezone(self.zone)) == first:
                low = middle
            else:
                high = middle
        return high


def _offset(at: datetime) -> int:
    offset = at.utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


@cache
def _new_year(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())


def _cut(stretch: Minutes, pause: Minutes) -> Iterator[Minutes]:
    for part in ((stretch[0], min(stretch[1], pause[0])), (max(stretch[0], pause[1]), stretch[1])):
        if part[0] < part[1]:
            yield part
