"""Spans of work as agents type them: “1h 30m”, “90”, “1:30”, “1.5h”."""

import re

from django.utils.translation import gettext as _

from accounts.errors import Invalid

_CLOCK = re.compile(r"(\d{1,3}):([0-5]\d)")
_HOURS = re.compile(r"(\d{1,3}(?:[.,]\d{1,2})?)\s*h(?:\s*(\d{1,4})\s*(?:m|min)?)?")
_MINUTES = re.compile(r"(\d{1,4})\s*(?:m|min)?")


def minutes_in(text: str) -> int:
    """Read a span of work in minutes; a bare number is minutes.

    :raises Invalid: it cannot be read.
    """
    said = text.strip().lower().replace("std", "h")
    if (found := _CLOCK.fullmatch(said)) or (found := _HOURS.fullmatch(said)):
        hours = float(found[1].replace(",", "."))
        return round(hours * 60) + int(found[2] or 0)
    if found := _MINUTES.fullmatch(said):
        return int(found[1])
    raise Invalid(_("Write the time as 1h 30m, 90 or 1:30."), pointer="minutes")


def as_typed(minutes: int) -> str:
    """Write minutes so that they are read again: “1h 30m”."""
    hours, rest = divmod(minutes, 60)
    return " ".join(part for part in (f"{hours}h" * bool(hours), f"{rest}m" * bool(rest)) if part)
