"""What is measured of the promises, each part in a process of its own; how they print."""

import math
import os
import statistics
import time
from collections.abc import Callable, Sequence

import django
from django.db import connection

SIZE = os.environ.get("BENCH", "")


def begin(title: str) -> None:
    """Set Django up and say what is measured."""
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM sla_clock WHERE ended_at IS NULL")
        print(f"\n{title} · {SIZE} · {cursor.fetchone()[0]} live clocks")


def line(what: str, figure: str, allowed: str = "") -> None:
    """Print one figure, and what is allowed."""
    print(f"  {what:<62}{figure:>16}{allowed:>14}", flush=True)


def median_ms(call: Callable[[], object], rounds: int = 21) -> float:
    """Give the median of some calls in milliseconds."""
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        call()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def p95(values: Sequence[float]) -> float:
    """Give the value that 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]
