"""How long live clocks take to follow a calendar's edit, and what filing and reading feel of it.

A real web server and a real worker run on the database; the edit rings for the worker itself.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from tests.bench.client import Client
from tests.bench.parts import begin, line, p95

if __name__ == "__main__":
    begin("recompute")

from django.db import connection, transaction
from django.utils import timezone

from helpdesk.supervisor import COMMANDS
from sla.models import Calendar, Clock, Rollout
from sla.rollout import open_tickets_on, renew
from tests.stack import PROJECT, free_port, until

CLOCKS = 100_000
IDLE_ROUNDS = 150
FILING = json.dumps({
    "subject": "Export fails with a 500", "body": "Since 2.4.1 …",
    "requester": {"email": "ana@acme.example"}, "category": "corrective", "product": "ledger",
})  # fmt: skip


def main() -> None:
    """Measure a desk at rest, then edit the calendar of most tickets and measure meanwhile."""
    Rollout.objects.filter(done_at__isnull=True).update(done_at=timezone.now())
    calendar, tickets, clocks = _busiest()
    baseline = _baseline()
    port = free_port()
    with _running("web", "--bind", f"127.0.0.1:{port}"), _running("worker"):
        desk = _Desk(port)
        idle = desk.measure(iter(range(IDLE_ROUNDS)))
        began = time.perf_counter()
        rollout = _forget_a_holiday(calendar)
        meanwhile = desk.measure(_until_followed(rollout, tickets))
        spent = time.perf_counter() - began
        Rollout.objects.filter(pk=rollout.pk).update(done_at=timezone.now())
    line(f"{clocks} live clocks of {tickets} tickets follow an edit", f"{spent:.1f} s")
    line(f"  that is, for {CLOCKS} clocks", f"{spent * CLOCKS / clocks:.0f} s", "≤ 180 s")
    line("  baseline: the same clocks by one UPDATE", f"{baseline * clocks:.1f} s")
    for name, values in idle.items():
        line(f"  p95 of {name}, idle", f"{p95(values):.1f} ms")
        during = meanwhile[name]
        line(
            f"  p95 of {name}, meanwhile ({len(during)} calls)",
            f"{p95(during):.1f} ms = {p95(during) / p95(values):.1f} ×", "< 3 ×",
        )  # fmt: skip


class _Desk:
    """Somebody who files and reads, one call after the other."""

    def __init__(self, port: int) -> None:
        keys = json.loads(subprocess.check_output(
            [sys.executable, "manage.py", "demo", "--json"], cwd=PROJECT
        ))  # fmt: skip
        self.page = Client(port)
        until(self._answers, 60)
        self.page.sign_in(keys["agent"]["sign_in_url"])
        self.api = Client(port, keys["tokens"]["integration"])
        open_ones = self.api.call("GET", "/api/v1/tickets/?limit=1&status=open")[1]
        self.number = json.loads(open_ones)["data"][0]["number"]

    def measure(self, rounds: Iterator[object]) -> dict[str, list[float]]:
        """Give the milliseconds of each call of each round."""
        calls = {
            "filing": lambda: self.api.call(
                "POST", "/api/v1/tickets/", FILING, Content_Type="application/json"
            ),
            "reading": lambda: self.page.call("GET", f"/agent/tickets/{self.number}/"),
        }
        taken: dict[str, list[float]] = {name: [] for name in calls}
        for _ in rounds:
            for name, call in calls.items():
                began = time.perf_counter()
                status, body = call()
                taken[name].append((time.perf_counter() - began) * 1000)
                assert status in {200, 201}, f"{name}: {status} {body[:500]}"
        return taken

    def _answers(self) -> bool:
        try:
            return self.page.call("GET", "/healthz")[0] == 200
        except OSError:
            return False


@contextmanager
def _running(part: str, *options: str) -> Iterator[None]:
    process = subprocess.Popen(
        [sys.executable, *COMMANDS[part], *options], cwd=PROJECT, env=os.environ,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        process.wait(120)  # a worker ends its task first


def _busiest() -> tuple[Calendar, int, int]:
    """The calendar of most tickets, and how many tickets and clocks of it are looked at."""
    per_calendar = {calendar: open_tickets_on(calendar.pk) for calendar in Calendar.objects.all()}
    calendar = max(
        (each for each in per_calendar if not each.current.document.get("always_open")),
        key=lambda each: per_calendar[each].count(),
    )
    tickets = per_calendar[calendar].count()
    clocks = Clock.objects.filter(ended_at__isnull=True, ticket__in=per_calendar[calendar]).count()
    share = min(1.0, CLOCKS / clocks)
    return calendar, int(tickets * share), int(clocks * share)


def _forget_a_holiday(calendar: Calendar) -> Rollout:
    document: dict[str, Any] = dict(calendar.current.document)
    taken = document.get("holidays", [])
    days = (timezone.now().date() + timedelta(days=ahead) for ahead in range(1, 400))
    free = next(day for day in days if day.weekday() < 5 and day.isoformat() not in taken)
    document["holidays"] = [*taken, free.isoformat()]
    renew(calendar.pk, at=timezone.now(), document=document)
    return Rollout.objects.latest("pk")


def _until_followed(rollout: Rollout, tickets: int) -> Iterator[object]:
    while not rollout.done_at and rollout.looked_at < tickets:
        yield rollout.looked_at
        rollout.refresh_from_db()


def _baseline() -> float:
    """Seconds that one plain UPDATE takes for one of these clocks."""
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(
            "UPDATE sla_clock SET due_at = due_at + interval '1 day', generation = generation + 1"
            " WHERE id IN (SELECT id FROM sla_clock WHERE ended_at IS NULL LIMIT 20000)"
        )
        spent = (time.perf_counter() - began) / cursor.rowcount
        transaction.set_rollback(True)
    return spent


if __name__ == "__main__":
    main()
