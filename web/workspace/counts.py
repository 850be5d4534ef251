"""Numbers on pages that are counted no further than they need be."""

from collections.abc import Mapping

from django.core.exceptions import EmptyResultSet
from django.db import connection

from tickets.models.tickets import TicketQuerySet

MOST = 999


def up_to(most: int, count: int) -> str:
    """Say a number, or that there are more than that many, such as 99+."""
    return f"{most}+" if count > most else str(count)


def counted(lists: Mapping[str, TicketQuerySet], most: int = MOST) -> dict[str, int]:
    """Count several lists in one statement, each no further than one beyond `most`."""
    counts, parts, values = dict.fromkeys(lists, 0), [], []
    for key, tickets in lists.items():
        try:
            sql, given = tickets.order_by().values("pk")[: most + 1].query.sql_with_params()
        except EmptyResultSet:  # what it holds contradicts itself
            continue
        parts.append(f"SELECT %s, (SELECT count(*) FROM ({sql}) AS held)")  # noqa: S608 - Django's
        values += [key, *given]
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(parts), values)
            counts.update(cursor.fetchall())
    return counts
