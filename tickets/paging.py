"""Keyset pages: a list goes on after the last row seen, however deep, without counting."""

import base64
import binascii
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, DateTimeField, ExpressionWrapper, F, Q
from django.db.models.expressions import OrderBy
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets import estimates
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
FEW = 200
FEW_IN_A_HUNDRED = 4
_MOMENTS = {
    "updated_at", "public_updated_at", "created_at", "due_at", "waiting_since", "snoozed_until",
}  # fmt: skip
_NULLABLE = {"due_at", "waiting_since", "snoozed_until", "organisation_id", "product_id"}


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
    by_sorting = is_narrowed and _are_few(tickets, is_usual=sort == DEFAULT_SORT)
    order = _Order(column, downwards, by_sorting)
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


def _are_few(tickets: TicketQuerySet, *, is_usual: bool) -> bool:
    """Whether sorting them costs little; the usual order has an index with most filters."""
    count = estimates.tickets_of(tickets)
    if count <= FEW or is_usual:
        return count <= FEW
    return count * 100 <= estimates.all_tickets() * FEW_IN_A_HUNDRED


@dataclass(frozen=True)
class _Order:
    """A column and then the number, upwards or downwards.

    `by_sorting` hides the column's index from the planner, which believes that what a filter
    holds lies evenly along every order: few tickets are sorted, rather than sought among all.
    """

    column: str
    downwards: bool
    by_sorting: bool

    @property
    def of_number(self) -> "_Order":
        """The order of what has no value."""
        return replace(self, column="number")

    def keys(self) -> list[OrderBy]:
        """What to order by."""
        first: Any = F(self.column)
        if self.by_sorting and self.column in _MOMENTS:
            first = ExpressionWrapper(first + timedelta(0), DateTimeField())
        elif self.by_sorting:
            first = ExpressionWrapper(first + 0, BigIntegerField())
        keys = [first] if self.column == "number" else [first, F("number")]
        return [key.desc() if self.downwards else key.asc() for key in keys]

    def after(self, value: Any, number: int) -> Q:
        """What comes behind a row."""
        beyond = "lt" if self.downwards else "gt"
        further = Q(**{f"number__{beyond}": number})
        if self.column == "number":
            return further
        return Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | further
        )


def _rows(
    tickets: TicketQuerySet, order: _Order, after: tuple[Any, int] | None, *, wanted: int
) -> list[Ticket]:
    """Read on after a row. Where a value may be missing, rows that have one come first: two
    reads, each along its own index, instead of sorting everything."""
    if order.column not in _NULLABLE:
        return _part(tickets, order, after, wanted=wanted)
    found: list[Ticket] = []
    if after is None or after[0] is not None:
        valued = tickets.filter(**{f"{order.column}__isnull": False})
        found = _part(valued, order, after, wanted=wanted)
        after = None
    if len(found) < wanted:
        bare = tickets.filter(**{f"{order.column}__isnull": True})
        found += _part(bare, order.of_number, after, wanted=wanted - len(found))
    return found


def _part(
    tickets: TicketQuerySet, order: _Order, after: tuple[Any, int] | None, *, wanted: int
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
