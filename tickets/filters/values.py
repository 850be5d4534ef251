"""Reading the values of a filter: known words, instants, yes or no, keys of rows."""

from collections.abc import Iterable
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

from tickets.errors import BadFilter

Values = tuple[str, ...]


def whole(values: Values) -> str:
    """Give the values as they stood in an address, for what is no list."""
    return ",".join(values)


def any_of(parts: Iterable[Q]) -> Q:
    """Join conditions of which one must hold; there is at least one."""
    return reduce(or_, parts)


def words(values: str | Values, allowed: Iterable[str]) -> list[str]:
    """Take some known words, or a comma list of them.

    :raises BadFilter: a word is not among them; the sentence names the nearest.
    """
    known = list(allowed)
    given = values.split(",") if isinstance(values, str) else values
    wanted = [word.strip() for word in given]
    for word in wanted:
        if word not in known:
            raise BadFilter(
                _("“%(word)s” is not one of: %(known)s.")
                % {"word": word[:60], "known": ", ".join(known)},
                nearest=nearest(word, known),
            )
    return wanted


def nearest(word: str, known: Iterable[str]) -> str:
    """Give the known word that somebody probably meant, or nothing."""
    found = get_close_matches(word[:60].lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else ""


def moment(value: str) -> datetime:
    """Read an RFC 3339 instant, or a day as its start in UTC.

    :raises BadFilter: it is neither, or outside the years 1970 to 9000.
    """
    try:
        day = parse_date(value)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(value)
        if at is not None and at.tzinfo is not None and 1970 <= at.year <= 9000:
            return at.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise BadFilter(_("Give an instant such as 2026-03-31T09:00:00Z."))


def truth(value: str | Values) -> bool:
    """Read `true` or `false`.

    :raises BadFilter: it is neither.
    """
    (said,) = (value,) if isinstance(value, str) else (whole(value),)
    if said not in {"true", "false"}:
        raise BadFilter(_("Say true or false."))
    return said == "true"


def number(value: str) -> int:
    """Read a key of a row.

    :raises BadFilter: it is not a positive whole number that a key could have.
    """
    if not is_key(value):
        raise BadFilter(_("Give a number."))
    return int(value)


def is_key(value: str) -> bool:
    """Whether a row could have this as its key."""
    return value.isascii() and value.isdigit() and len(value) < 19 and int(value) > 0
