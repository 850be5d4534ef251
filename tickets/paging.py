"""Keyset pages: a list goes on after the last row seen, however deep, without counting."""

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets import orders
from tickets.errors import BadFilter
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.orders import NULLABLE, Order

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


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursor to the next ones, if there are any."""

    rows: list[Ticket]
    next_cursor: str | None


def page(
    tickets: TicketQuerySet,
    *,
    actor: Actor,
    sort: str = "",
    cursor: str = "",
    limit: int = 50,
    is_narrowed: bool = True,
) -> Page:
    """Give one page in the order of `sort`, which ends with the number (docs/api.md, Lists).

    Rows without a value come last. A customer's `updated_at` is that of what is public.
    `is_narrowed` tells that the list may hold few of all tickets: then PostgreSQL is asked how
    many it expects, and few are sorted instead of sought along the order (docs/architecture.md,
    traps).

    :raises BadFilter: an unknown sort, or a cursor that did not come from this sort.
    """
    sort = sort or DEFAULT_SORT
    check_sort(sort)
    name, downwards = sort.removeprefix("-"), sort.startswith("-")
    column = COLUMNS[name]
    if column == "updated_at" and not actor.is_agent:
        column = "public_updated_at"
    after = _read(cursor, sort, column) if cursor else None
    order = orders.chosen(
        tickets, Order(column, downwards),
        is_usual=sort == DEFAULT_SORT, is_narrowed=is_narrowed,
    )  # fmt: skip
    rows = _rows(tickets, order, after, wanted=limit + 1)
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
    tickets: TicketQuerySet, order: Order, after: tuple[Any, int] | None, *, wanted: int
) -> list[Ticket]:
    if not order.in_parts:
        return _part(tickets, order, after, wanted=wanted)
    found: list[Ticket] = []
    if after is None or after[0] is not None:
        valued = tickets.filter(order.has_value())
        found = _part(valued, order.of_valued, after, wanted=wanted)
        after = None
    if len(found) < wanted:
        bare = tickets.filter(order.has_none())
        found += _part(bare, order.of_bare, after, wanted=wanted - len(found))
    return found


def _part(
    tickets: TicketQuerySet, order: Order, after: tuple[Any, int] | None, *, wanted: int
) -> list[Ticket]:
    if after is not None:
        tickets = tickets.filter(order.after(*after))
    first = tickets.order_by(*order.keys())[:wanted]
    return _whole(first) if order.by_sorting else list(first)


def _whole(first: TicketQuerySet) -> list[Ticket]:
    """Sort tickets without what hangs on them, then read those that were found whole.

    The second read asks nothing again: a ticket that was changed in between stays on the page,
    else the page would seem to be the last.
    """
    numbers = list(first.values_list("number", flat=True))
    whole = first.all()
    whole.query.clear_limits()
    whole.query.clear_where()
    rows = {row.number: row for row in whole.filter(number__in=numbers).order_by()}
    return [rows[number] for number in numbers if number in rows]


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
    if value is None and column in NULLABLE:
        return None
    if column in {"number", "priority_rank", "organisation_id", "product_id"}:
        if type(value) is not int or not 0 <= value < 2**63:
            raise ValueError(value)
        return value
    moment = datetime.fromisoformat(value).astimezone(UTC)
    if not 1970 <= moment.year <= 9000:
        raise ValueError(value)
    return moment
