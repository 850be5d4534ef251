"""Counting attempts in PostgreSQL, so that limits hold while Valkey is away."""

from datetime import UTC, datetime, timedelta

from django.db import connection

from accounts.errors import TooMany
from accounts.models import Attempt


def count(name: str, *, at: datetime, seconds: int) -> int:
    """Count one more attempt in the window of `seconds` around `at` and give the new count."""
    window = datetime.fromtimestamp(int(at.timestamp()) // seconds * seconds, UTC)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_attempt (name, window_at, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (name, window_at) DO UPDATE SET count = accounts_attempt.count + 1"
            " RETURNING count",
            [name[:200], window],
        )
        row: tuple[int] = cursor.fetchone()
    return row[0]


def refuse_after(limit: int, name: str, *, at: datetime, seconds: int) -> None:
    """Count an attempt and refuse it when more than `limit` fell into the window.

    :raises TooMany: the limit is passed.
    """
    if count(name, at=at, seconds=seconds) > limit:
        raise TooMany


def forget_old(at: datetime) -> None:
    """Delete counts of windows that ended more than a day ago."""
    Attempt.objects.filter(window_at__lt=at - timedelta(days=1)).delete()
