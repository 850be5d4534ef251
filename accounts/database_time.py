"""The database's time, so that all workers agree on it."""

from datetime import datetime

from django.db import connection


def database_time() -> datetime:
    """Ask the database for the time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now
