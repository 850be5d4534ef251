"""Keyset pages: a list goes on after the last row seen, however deep, without counting."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.errors import BadFilter
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet

COLUMNS = {
    "updated_at": "updated_at",
    "created_at": "created_at",
    "due_at": "due_at",
    "priority": "priority_rank",
    "number": "number",
    "waiting_since": "waiting_since",
    "snoozed_until": "snoozed_until",
    "organisation": "organisation_id",
    "product": "product_id",
}
DEFAULT_SORT = "-updated_at"
_NULLABLE = {"due_at", "waiting_since", "snoozed_until", "organisation_id", "product_id"}


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursor to the next ones, if there are any."""

    rows: list[Ticket]
    next_cursor: str | None


def page(
    tickets: TicketQuerySet, *, actor: Actor, sort: str = "", cursor: str = "", limit: int = 50
) -> Page:
    """Give one page in the order of `sort`, which ends with the number (docs/api.md, Lists).

    Rows without a value come last. A customer's `updated_at` is that of what is public.

    :raises BadFilter: an unknown sort, or a cursor that did not come from this sort.
    """
    sort = sort or DEFAULT_SORT
    check_sort(sort)
    name, downwards = sort.removeprefix("-"), sort.startswith("-")
    column = COLUMNS[name]
    if column == "updated_at" and not actor.is_agent:
        column = "public_updated_at"
    after = _read(cursor, sort, column) if cursor else None
    rows = _rows(tickets, column, after, downwards=downwards, wanted=limit + 1)
    if len(rows) <= limit:
        return Page(rows, None)
    last = rows[limit - 1]
    return Page(rows[:limit], _write(sort, getattr(last, column), last.number))


def check_sort(sort: str) -> None:
    """Refuse an order that no list has.

    :raises BadFilter: it is unknown.
    """
    if sort.removeprefix("-") not in COLUMNS:
        raise BadFilter(
            _("Sort by one of: %(names)s.") % {"names": ", ".join(COLUMNS)}, pointer="sort"
        )


def _rows(
    tickets: TicketQuerySet,
    column: str,
    after: tuple[Any, int] | None,
    *,
    downwards: bool,
    wanted: int,
) -> list[Ticket]:
    """Read on after a row. Where a value may be missing, rows that have one come first: two
    reads, each along its own index, instead of sorting everything."""
    if column not in _NULLABLE:
        return _part(tickets, column, after, downwards=downwards, wanted=wanted)
    found: list[Ticket] = []
    if after is None or after[0] is not None:
        valued = tickets.filter(**{f"{column}__isnull": False})
        found = _part(valued, column, after, downwards=downwards, wanted=wanted)
        after = None
    if len(found) < wanted:
        bare = tickets.filter(**{f"{column}__isnull": True})
        left = wanted - len(found)
        found += _part(bare, "number", after, downwards=downwards, wanted=left)
    return found


def _part(
    tickets: TicketQuerySet,
    column: str,
    after: tuple[Any, int] | None,
    *,
    downwards: bool,
    wanted: int,
) -> list[Ticket]:
    if after is not None:
        tickets = tickets.filter(_after(column, *after, downwards=downwards))
    names = [column] if column == "number" else [column, "number"]
    return list(tickets.order_by(*(f"-{name}" if downwards else name for name in names))[:wanted])


def _after(column: str, value: Any, number: int, *, downwards: bool) -> Q:
    beyond = "lt" if downwards else "gt"
    if column == "number":
        return Q(**{f"number__{beyond}": number})
    return Q(**{f"{column}__{beyond}e": value}) & (
        Q(**{f"{column}__{beyond}": value}) | Q(**{f"number__{beyond}": number})
    )


def _write(sort: str, value: Any, number: int) -> str:
    plain = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
    return (
        base64.urlsafe_b64encode(json.dumps([sort, plain, number]).encode()).decode().rstrip("=")
    )


def _read(cursor: str, sort: str, column: str) -> tuple[Any, int]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        made_for, value, number = json.loads(text)
        if made_for != sort or type(number) is not int or not 0 < number < 2**63:
            raise ValueError(cursor)
        return _value(value, column), number
    except (ValueError, TypeError, binascii.Error, RecursionError, OverflowError) as error:
        raise BadFilter(
            _("This cursor does not belong to this list."), pointer="cursor"
        ) from error


def _value(value: Any, column: str) -> Any:
    if value is None and column in _NULLABLE:
        return None
    if column in {"number", "priority_rank", "organisation_id", "product_id"}:
        if type(value) is not int or not 0 <= value < 2**63:
            raise ValueError(value)
        return value
    moment = datetime.fromisoformat(value).astimezone(UTC)
    if not 1970 <= moment.year <= 9000:
        raise ValueError(value)
    return moment
