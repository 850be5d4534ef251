"""What PostgreSQL expects of a statement, asked without running it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection

from tickets.models.tickets import TicketQuerySet

KEPT_SECONDS = 300


@dataclass(frozen=True)
class Expected:
    """How many rows a statement gives, and what reading them all costs: a page of disk is 1."""

    rows: int
    cost: float


def of_statement(sql: str, values: Sequence[Any]) -> Expected:
    """Give what the planner expects of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (answer,) = cursor.fetchone()
    plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return Expected(plan["Plan Rows"], plan["Total Cost"])


def of(tickets: TicketQuerySet) -> Expected:
    """Give what the planner expects of a whole list."""
    try:
        return of_statement(*tickets.order_by().values("pk").query.sql_with_params())
    except EmptyResultSet:  # what it asks contradicts itself
        return Expected(0, 0)


def all_tickets() -> int:
    """Give about how many tickets there are; it may be some minutes old."""
    known: int | None = cache.get("about_all_tickets")
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'tickets_ticket'::regclass")
            known = int(cursor.fetchone()[0])
        cache.set("about_all_tickets", known, KEPT_SECONDS)
    return known
