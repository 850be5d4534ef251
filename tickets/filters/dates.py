"""Dates of a filter, absolute and relative: `<7d`, `>2026-03-01`, `2026-03-01..2026-03-31`.

A span counts back from now for what has happened (`created:<7d` is “in the last 7 days”) and
forward for what is ahead (`due:<4h` is “within 4 hours”). Days are those of the reader's zone.
"""

import re
from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import NamedTuple

from django.db.models import Q
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.errors import BadFilter
from tickets.filters.values import Values, any_of, moment

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_SPAN = re.compile(r"([0-9]{1,5})([mhdw])")


class Bounds(NamedTuple):
    """From an instant on, and before another; None is without end."""

    low: datetime | None
    high: datetime | None


def dated(
    column: str, *, is_ahead: bool = False, may_lack: bool = False
) -> Callable[[Values, Actor, datetime], Q]:
    """Make the parser of a column with instants; `may_lack` adds `none` and `any`."""

    def parse(values: Values, actor: Actor, at: datetime) -> Q:
        seen = "public_updated_at" if column == "updated_at" and not actor.is_agent else column
        return any_of(_one(seen, value, at) for value in values)

    def _one(seen: str, value: str, at: datetime) -> Q:
        if may_lack and value in {"none", "any"}:
            return Q(**{f"{seen}__isnull": value == "none"})
        return within(seen, bounds(value, at, is_ahead=is_ahead))

    return parse


def within(column: str, between: Bounds) -> Q:
    """Give the condition that a column lies in the bounds."""
    condition = Q()
    if between.low is not None:
        condition &= Q(**{f"{column}__gte": between.low})
    if between.high is not None:
        condition &= Q(**{f"{column}__lt": between.high})
    return condition


def bounds(value: str, at: datetime, *, is_ahead: bool = False) -> Bounds:
    """Read one value as seen at an instant.

    :raises BadFilter: it is no date, or outside the years 1970 to 9000.
    """
    if ".." in value:
        first, _dots, last = value.partition("..")
        ends = [_stretch(part, at, is_ahead=is_ahead) for part in (first, last) if part]
        if not ends:
            raise BadFilter(_SAY)
        low = min(end.low for end in ends) if first else None
        return Bounds(low, max(end.high for end in ends) if last else None)
    sign, rest = (value[0], value[1:]) if value[:1] in {"<", ">"} else ("", value)
    is_span = _SPAN.fullmatch(rest) is not None
    stretch = _stretch(rest, at, is_ahead=is_ahead)
    if not sign and not is_span:
        return Bounds(*stretch)
    # A span back is short when its instant is late, so `<` and `>` change places.
    is_before = (sign != ">") is (is_ahead or not is_span)
    return Bounds(None, stretch.low) if is_before else Bounds(stretch.high, None)


class _Stretch(NamedTuple):
    low: datetime
    high: datetime


def _stretch(value: str, at: datetime, *, is_ahead: bool) -> _Stretch:
    """Give the instants that a value means: a whole day, or a single moment."""
    try:
        if span := _SPAN.fullmatch(value):
            length = timedelta(**{UNITS[span[2]]: int(span[1])})
            instant = at + length if is_ahead else at - length
            return _Stretch(instant, instant)
        day = _NEAR[value](at) if value in _NEAR else parse_date(value)
        if day is None:
            instant = moment(value)
            return _Stretch(instant, instant)
        if not 1970 <= day.year <= 9000:
            raise BadFilter(_SAY)
        zone = timezone.get_current_timezone()
        begin = datetime.combine(day, time(), zone)
        return _Stretch(begin, datetime.combine(day + timedelta(days=1), time(), zone))
    except (ValueError, OverflowError, BadFilter) as error:
        raise BadFilter(_SAY) from error


_NEAR = {
    "today": lambda at: timezone.localdate(at),
    "yesterday": lambda at: timezone.localdate(at) - timedelta(days=1),
    "tomorrow": lambda at: timezone.localdate(at) + timedelta(days=1),
}
_SAY = _(
    "Give a day such as 2026-03-31, a span such as <7d, >30d or <4h, or a range such as"
    " 2026-03-01..2026-03-31."
)
