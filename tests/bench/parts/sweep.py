"""How long an idle sweep takes, and how fast 20,000 due clocks are recorded and told."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.bench.parts import begin, line, median_ms

if __name__ == "__main__":
    begin("sweep")

from django.db import connection, models, transaction
from django.db.models import Max
from django.utils import timezone

from accounts.database_time import database_time
from channels.models import Outgoing
from sla.audit import drift_of_some
from sla.models import Clock, Record
from sla.sweep import sweep
from tests.stack import PROJECT
from tickets import publishing
from tickets.models import Event, Ticket

Workers = dict[int, subprocess.Popen[str]]  # by the process of their connection at the server
DUE = 20_000
AUDITED = 5_000
# A worker that has started, as Celery's have, and waits for the word.
WORKER = """
import sys, datetime
from django.db import connection
from django.utils import timezone
from sla.sweep import sweep
from tickets import publishing
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    print(cursor.fetchone()[0], flush=True)
at = datetime.datetime.fromisoformat(sys.stdin.readline().strip())
sweep(at)
now = timezone.now()
publishing.publish_pending(now)
publishing.deliver_pending(now)
"""


def main() -> None:
    """Catch up with the present, then measure idle, one worker and four."""
    sweep(max(database_time(), _last_record()))
    _tell()
    _audit()
    _idle()
    due = min(DUE, Clock.objects.filter(next_fire_at__isnull=False).count() // 4)
    _due(1, due)
    _due(4, due)
    _due(4, due, meanwhile=_kill_in_mid_transaction)


def _audit() -> None:
    some = list(Ticket.objects.order_by("?").values_list("pk", flat=True)[:AUDITED])
    began = time.perf_counter()
    found = sum(1 for _ in drift_of_some(some, _last_record()))
    line(f"differences found by an audit of {len(some)} tickets", str(found), "0")
    line("  tickets a second", f"{len(some) / (time.perf_counter() - began):.0f}")


def _idle() -> None:
    at = _last_record()
    line("idle sweep", f"{median_ms(lambda: sweep(at)):.2f} ms", "≤ 5 ms")
    statements: list[tuple[str, object]] = []

    def listen(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(listen):
        sweep(at)
    spent = buffers = 0.0
    for sql, params in statements:
        if sql.startswith("SELECT") and "clock_timestamp" not in sql:
            plan = _explain(sql, params)
            spent += plan["Execution Time"] + plan["Planning Time"]
            buffers += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    line("  of it in the database", f"{spent:.2f} ms", "≤ 5 ms")
    line("  buffers read", f"{buffers:.0f}", "≤ 100")


def _explain(sql: str, params: object) -> dict[str, dict[str, float]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        return cursor.fetchone()[0][0]


def _due(
    workers: int,
    due: int,
    meanwhile: Callable[[Workers], int | None] | None = None,
) -> None:
    fires = Clock.objects.filter(next_fire_at__isnull=False).order_by("next_fire_at")
    at = fires.values_list("next_fire_at", flat=True)[due - 1]
    clocks = fires.filter(next_fire_at__lte=at).count()
    baseline = _baseline(at)
    record, event, mail = (_last(model) for model in (Record, Event, Outgoing))
    processes = dict(_worker() for _ in range(workers))
    began = time.perf_counter()
    for process in processes.values():
        process.stdin.write(f"{at.isoformat()}\n")
        process.stdin.flush()
    killed = meanwhile(processes) if meanwhile else None
    for backend, process in processes.items():
        assert process.wait() == (-signal.SIGKILL if backend == killed else 0)
    sweep(at)  # as beat does again, for what a killed worker had locked
    _tell()
    spent = time.perf_counter() - began
    count = Record.objects.filter(pk__gt=record).count()
    assert not fires.filter(next_fire_at__lte=at).exists()
    line(f"{clocks} due clocks, {workers} worker(s): {count} records", f"{spent:.1f} s")
    line("  with their events", f"{Event.objects.filter(pk__gt=event).count()}")
    line("  with their mails", f"{Outgoing.objects.filter(pk__gt=mail).count()}")
    line("  told twice, or not at all", f"{_told_wrongly(record, event)}", "0")
    if meanwhile:
        line("  one worker killed in mid-transaction", "yes" if killed else "too fast")
    line("  records a second", f"{count / spent:.0f}", "≥ 1500")
    line("  baseline: the same clocks by one UPDATE, a second", f"{clocks / baseline:.0f}")


def _last(model: type[models.Model]) -> int:
    return model.objects.aggregate(last=Max("pk"))["last"] or 0


def _worker() -> tuple[int, subprocess.Popen[str]]:
    """Start a worker and wait until it waits for the word."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "--command", WORKER],
        cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    return int(process.stdout.readline()), process


def _kill_in_mid_transaction(processes: Workers) -> int | None:
    """Kill a worker that has written something and not yet committed it, if one can be caught."""
    while any(process.poll() is None for process in processes.values()):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pid FROM pg_stat_activity WHERE pid = ANY(%s) AND backend_xid IS NOT NULL"
                " AND query LIKE 'INSERT INTO \"sla_record%%'",
                [list(processes)],
            )
            found = cursor.fetchone()
        if found:
            os.kill(processes[found[0]].pid, signal.SIGKILL)
            return int(found[0])
    return None


def _told_wrongly(record: int, event: int) -> int:
    """Count what is recorded after `record` and not told by exactly one event after `event`."""
    made = Record.objects.filter(pk__gt=record, is_skipped=False).exclude(kind="superseded")
    recorded = Counter(made.values_list(
        "clock__ticket", "clock__metric", "clock__seq", "kind", "step", "generation"
    ))  # fmt: skip
    events = Event.objects.filter(pk__gt=event, kind__startswith="sla.")
    told = Counter(
        (ticket, *map(after.get, ("metric", "seq", "what", "step", "generation")))
        for ticket, after in events.values_list("ticket", "after")
    )
    return sum(((recorded - told) + (told - recorded)).values())


def _baseline(at: datetime) -> float:
    with transaction.atomic(), connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute(
            "UPDATE sla_clock SET state = 'breached', breached_at = due_at, next_fire_at = NULL"
            " WHERE next_fire_at <= %s",
            [at],
        )
        spent = time.perf_counter() - began
        transaction.set_rollback(True)
    return spent


def _tell() -> None:
    publishing.publish_pending(timezone.now())
    publishing.deliver_pending(timezone.now())


def _last_record() -> datetime:
    last = Record.objects.order_by("-recorded_at").values_list("recorded_at", flat=True).first()
    return last or database_time() - timedelta(days=1)


if __name__ == "__main__":
    main()
