"""What PostgreSQL expects of a statement, asked without running it."""

import json
from collections.abc import Sequence
from typing import Any

from django.core.cache import cache
from django.core.exceptions import EmptyResultSet
from django.db import connection

from tickets.models.tickets import TicketQuerySet

KEPT_SECONDS = 300


def rows_of(sql: str, values: Sequence[Any]) -> int:
    """Give how many rows the planner expects of a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", values)
        (plan,) = cursor.fetchone()
    rows: int = (json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]["Plan Rows"]
    return rows


def all_tickets() -> int:
    """Give about how many tickets there are; it may be some minutes old."""
    known: int | None = cache.get("about_all_tickets")
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = 'tickets_ticket'::regclass")
            known = int(cursor.fetchone()[0])
        cache.set("about_all_tickets", known, KEPT_SECONDS)
    return known


def tickets_of(tickets: TicketQuerySet) -> int:
    """Give how many tickets the planner expects in a list."""
    try:
        return rows_of(*tickets.order_by().values("pk").query.sql_with_params())
    except EmptyResultSet:  # what it asks contradicts itself
        return 0
