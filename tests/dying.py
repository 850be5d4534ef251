"""Work in connections of its own, and a database that ends one in the middle of it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from django.db import connection

TRIGGER = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_terminate_backend(pg_backend_pid());
    RETURN NEW;
END $$;
CREATE TRIGGER die BEFORE INSERT OR UPDATE ON {table}
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION die();
"""
FAILURE = """
CREATE SEQUENCE failures;
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('failures') <= {times} THEN RAISE {code}; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON {table}
    FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION fail();
"""


def in_threads(count: int, work: Callable[[], Any]) -> list[Any]:
    """Do the same work some times at once, each in a connection of its own."""

    def run() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(count)]]


@contextmanager
def dying_at(table: str, condition: str) -> Iterator[None]:
    """Let every connection die that writes a row of the table for which the condition holds.

    The work must run in a connection of its own, as `in_threads` gives it.
    """
    with connection.cursor() as cursor:
        cursor.execute(TRIGGER.format(table=table, condition=condition))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP TRIGGER die ON {table}; DROP FUNCTION die();")


@contextmanager
def failing_at(table: str, condition: str, code: str, times: int = 1_000) -> Iterator[None]:
    """Let a row for which the condition holds be written with this error of PostgreSQL's."""
    with connection.cursor() as cursor:
        values = {"table": table, "condition": condition, "code": code, "times": times}
        cursor.execute(FAILURE.format(**values))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DROP TRIGGER fail ON {table}; DROP FUNCTION fail(); DROP SEQUENCE failures;"
            )
