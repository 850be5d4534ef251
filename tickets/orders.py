"""The orders of lists: a column and then the number, along an index or by sorting few."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    ExpressionWrapper,
    F,
    Func,
    Q,
    Value,
)
from django.db.models.expressions import OrderBy

from tickets import estimates
from tickets.models.tickets import TicketQuerySet

FEW = 200
FEW_IN_A_HUNDRED = 4  # tickets; and of the cost of reading as many, which is about 1 a ticket
MOMENTS = {
    "updated_at", "public_updated_at", "created_at", "due_at", "waiting_since", "snoozed_until",
}  # fmt: skip
_SPARSE = {"due_at", "waiting_since", "snoozed_until"}  # what only unfinished tickets have
NULLABLE = {*_SPARSE, "organisation_id", "product_id"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Order:
    """A column and then the number, upwards or downwards; what has no value comes last.

    `by_sorting` hides the column's index from the planner, which believes that what a filter
    holds lies evenly along every order: few tickets are sorted, rather than sought among all.
    `in_parts` reads first those that have a value, then the others, each along its own index.
    """

    column: str
    downwards: bool
    by_sorting: bool = False
    in_parts: bool = False

    def keys(self) -> list[OrderBy]:
        """What to order by."""
        first = _hidden(self.column) if self.by_sorting else F(self.column)
        keys = [first] if self.column == "number" else [first, F("number")]
        last = (self.by_sorting and self.column in NULLABLE) or None  # no index has such an end
        return [
            key.desc(nulls_last=last) if self.downwards else key.asc(nulls_last=last)
            for key in keys
        ]

    def after(self, value: Any, number: int) -> Q:
        """What comes behind a row."""
        beyond = "lt" if self.downwards else "gt"
        further = Q(**{f"number__{beyond}": number})
        if self.column == "number":
            return further
        bare = Q(**{f"{self.column}__isnull": True})
        if value is None:
            return bare & further
        valued = Q(**{f"{self.column}__{beyond}e": value}) & (
            Q(**{f"{self.column}__{beyond}": value}) | further
        )
        return valued | bare if self.column in NULLABLE and not self.in_parts else valued

    def has_value(self) -> Q:
        """That a row has a value.

        PostgreSQL takes “unfinished” and “has a deadline” for chances of their own and expects
        next to nothing of both; of a sum it knows nothing, but that it needs a value.
        """
        if self.column not in _SPARSE:
            return Q(**{f"{self.column}__isnull": False})
        return Q(_IsNot(_hidden(self.column), Value(_EPOCH)))

    def has_none(self) -> Q:
        """That a row has no value."""
        return Q(**{f"{self.column}__isnull": True})

    @property
    def of_valued(self) -> "Order":
        """The order of what has a value, which never takes longer than there are few of them."""
        return replace(self, by_sorting=False)

    @property
    def of_bare(self) -> "Order":
        """The order of what has none."""
        return replace(self, column="number")


def chosen(tickets: TicketQuerySet, order: Order, *, is_usual: bool, is_narrowed: bool) -> Order:
    """Choose how a list is read in an order, from what PostgreSQL expects of it.

    The usual order has an index with most filters; a list that is not narrowed is walked.
    """
    expected = estimates.of(tickets) if is_narrowed else None
    is_few = expected is not None and expected.rows <= FEW
    by_sorting = is_few
    if expected is not None and not is_few and not is_usual:
        most = estimates.all_tickets() * FEW_IN_A_HUNDRED / 100
        by_sorting = max(expected.rows, expected.cost) <= most
    is_walked = not by_sorting or (order.column in _SPARSE and not is_few)
    in_parts = order.column in NULLABLE and is_walked
    return replace(order, by_sorting=by_sorting, in_parts=in_parts)


class _IsNot(Func):
    arg_joiner = " <> "
    template = "%(expressions)s"
    output_field = BooleanField()


def _hidden(column: str) -> "ExpressionWrapper[Any]":
    """Write a column so that no index of it serves."""
    if column in MOMENTS:
        return ExpressionWrapper(F(column) + timedelta(0), DateTimeField())
    return ExpressionWrapper(F(column) + 0, BigIntegerField())
