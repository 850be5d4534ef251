"""How long an idle sweep takes, and how fast 20,000 due clocks are recorded and told."""

import subprocess
import sys
import time
from datetime import datetime, timedelta

from tests.bench.parts import begin, line, median_ms

if __name__ == "__main__":
    begin("sweep")

from django.db import connection, transaction

from sla.models import Clock, Record
from sla.sweep import database_time, sweep
from tests.stack import PROJECT

WORKER = """
import sys, datetime
from django.utils import timezone
from sla.sweep import sweep
from tickets import publishing
sweep(datetime.datetime.fromisoformat(sys.argv[-1]))
now = timezone.now()
publishing.publish_pending(now)
publishing.deliver_pending(now)
"""


def main() -> None:
    """Catch up with the present, then measure idle, one worker and four."""
    sweep(max(database_time(), _last_record()))
    _tell()
    _idle()
    due = min(20_000, Clock.objects.filter(next_fire_at__isnull=False).count() // 4)
    for workers in (1, 4):
        _due(workers, due)


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


def _due(workers: int, due: int) -> None:
    fires = Clock.objects.filter(next_fire_at__isnull=False).order_by("next_fire_at")
    at = fires.values_list("next_fire_at", flat=True)[due - 1]
    clocks = fires.filter(next_fire_at__lte=at).count()
    baseline = _baseline(at)
    before, mails = Record.objects.count(), _count("channels_outgoing")
    events = _count("tickets_event")
    began = time.perf_counter()
    processes = [
        subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-v0", "--command",
             f"import sys; sys.argv.append({at.isoformat()!r})\n{WORKER}"], cwd=PROJECT,
        )
        for _ in range(workers)
    ]  # fmt: skip
    for process in processes:
        assert process.wait() == 0
    _tell()
    spent = time.perf_counter() - began
    made = Record.objects.count() - before
    assert not fires.filter(next_fire_at__lte=at).exists()
    line(f"{clocks} due clocks, {workers} worker(s): {made} records", f"{spent:.1f} s")
    line("  with their events and mails", f"{_count('tickets_event') - events} events")
    line("  mails owed", f"{_count('channels_outgoing') - mails}")
    line("  records a second", f"{made / spent:.0f}", "≥ 1500")
    line("  baseline: the same clocks by one UPDATE, a second", f"{clocks / baseline:.0f}")


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
    from django.utils import timezone

    from tickets import publishing

    publishing.publish_pending(timezone.now())
    publishing.deliver_pending(timezone.now())


def _last_record() -> datetime:
    last = Record.objects.order_by("-recorded_at").values_list("recorded_at", flat=True).first()
    return last or database_time() - timedelta(days=1)


def _count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


if __name__ == "__main__":
    main()
