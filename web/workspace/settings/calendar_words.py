"""Opening hours and dates as an admin writes them: “09:00–12:30, 13:30–17:00” and back."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.calendar_documents import DAYS
from sla.models import CalendarVersion

_STRETCH = re.compile(r"(\d{1,2}:\d{2})\s*[-–—]\s*(\d{1,2}:\d{2})")
_DATED = re.compile(r"(\d{4}-\d{2}-\d{2})[\s:;,]*(.*)")

_PARTS = {
    "timezone": gettext_lazy("Time zone"), "weekly": gettext_lazy("Weekly hours"),
    "always_open": gettext_lazy("24/7"), "hours_per_day": gettext_lazy("Hours of a business day"),
    "exceptions": gettext_lazy("Days with other hours"),
    "breaks": gettext_lazy("Closed in between"),
}  # fmt: skip

Hours = list[list[str]]


def read_hours(text: str) -> Hours:
    """Read the stretches of a day; nothing at all is a closed day.

    :raises ValidationError: a part is not like 09:00–17:00.
    """
    return [_read_stretch(part.strip()) for part in re.split("[,;]", text) if part.strip()]


def read_exceptions(text: str) -> dict[str, Hours]:
    """Read lines such as “2026-12-24 09:00–12:00”; a date alone is closed.

    :raises ValidationError: for every line that cannot be read.
    """
    read: dict[str, Hours] = {}
    wrong = []
    for number, line in _lines(text):
        try:
            day, hours = _read_date(line)
            if day in read:
                raise ValidationError(_("This date stands twice."))
            read[day] = read_hours(hours)
        except ValidationError as error:
            wrong.append(_on_line(number, error))
    if wrong:
        raise ValidationError(wrong)
    return read


def read_holidays(text: str) -> dict[str, str]:
    """Read lines such as “2026-12-25 Christmas Day”; the name may be left out.

    :raises ValidationError: for every line that cannot be read.
    """
    read: dict[str, str] = {}
    wrong = []
    for number, line in _lines(text):
        try:
            day, name = _read_date(line)
            read[day] = read.get(day) or name
        except ValidationError as error:
            wrong.append(_on_line(number, error))
    if wrong:
        raise ValidationError(wrong)
    return read


def write_hours(stretches: Iterable[Sequence[str]]) -> str:
    """Write the stretches of a day."""
    return ", ".join(f"{opened}–{closed}" for opened, closed in stretches)


def write_exceptions(exceptions: Mapping[str, Iterable[Sequence[str]]]) -> str:
    """Write each date with its hours on a line."""
    return "\n".join(
        f"{day} {write_hours(hours)}".strip() for day, hours in sorted(exceptions.items())
    )


def write_holidays(days: Mapping[str, str]) -> str:
    """Write each date with its name on a line."""
    return "\n".join(f"{day} {name}".strip() for day, name in sorted(days.items()))


def names_of(document: Mapping[str, Any]) -> dict[str, str]:
    """Give the holidays of a document with their names, "" for those that have none."""
    names = document.get("holiday_names") or {}
    return {day: names.get(day, "") for day in document.get("holidays") or ()}


def week(document: Mapping[str, Any]) -> str:
    """Say the weekly hours in short: “Mon–Fri 09:00–17:00, Sat 10:00–14:00”."""
    if document.get("always_open"):
        return _("24/7")
    weekly = document.get("weekly") or {}
    runs: list[tuple[int, int, str]] = []
    for number, day in enumerate(DAYS):
        hours = write_hours(weekly.get(day) or ())
        if hours and runs and runs[-1][1:] == (number - 1, hours):
            runs[-1] = (runs[-1][0], number, hours)
        elif hours:
            runs.append((number, number, hours))
    return "; ".join(f"{_span(first, last)} {hours}" for first, last, hours in runs)


def changes(before: CalendarVersion, after: CalendarVersion) -> list[str]:
    """Say in words what a version changed."""
    old, new = before.document, after.document
    told = [
        str(label)
        for name, label in _PARTS.items()
        if (old.get(name) or None) != (new.get(name) or None)
    ]
    was, now = names_of(old), names_of(new)
    added, dropped = len(now.keys() - was.keys()), len(was.keys() - now.keys())
    counts = [f"+{added}"] * bool(added) + [f"−{dropped}"] * bool(dropped)
    if was != now:
        told.append(" ".join([_("Holidays"), *counts]))
    if before.tzdata != after.tzdata:
        told.append(_("Zone rules %(release)s") % {"release": after.tzdata})
    return told or [_("Nothing")]


def _span(first: int, last: int) -> str:
    if first == last:
        return str(WEEKDAYS_ABBR[first])
    return f"{WEEKDAYS_ABBR[first]}–{WEEKDAYS_ABBR[last]}"


def _lines(text: str) -> Iterable[tuple[int, str]]:
    lines = enumerate(text.splitlines(), start=1)
    return ((number, line.strip()) for number, line in lines if line.strip())


def _read_date(line: str) -> tuple[str, str]:
    dated = _DATED.fullmatch(line)
    try:
        if dated is None:
            raise ValueError
        return date.fromisoformat(dated[1]).isoformat(), dated[2].strip()
    except ValueError:
        raise ValidationError(_("A date is written like 2026-12-24.")) from None


def _read_stretch(text: str) -> list[str]:
    found = _STRETCH.fullmatch(text)
    if found is None:
        raise ValidationError(
            _("“%(text)s” cannot be read: write hours like 09:00–12:30, 13:30–17:00.")
            % {"text": text[:40]}
        )
    return [found[1].rjust(5, "0"), found[2].rjust(5, "0")]


def _on_line(number: int, error: ValidationError) -> str:
    return _("Line %(number)d: %(what)s") % {"number": number, "what": " ".join(error.messages)}
