"""Whatever happens to beats, workers, clocks and the broker: the records are those the events owe.

What is owed is worked out offline, from the history of each ticket alone (tests/sla/offline.py).
The lives lie in the past three hours, so nothing waits for a deadline.
"""

import json
import signal
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import redis

from helpdesk import embedded
from helpdesk.supervisor import COMMANDS
from tests.conftest import IS_DRILL
from tests.stack import Beside, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
WORKER, BEAT = "-A helpdesk worker", "-A helpdesk beat"
LIVES = 60 if IS_DRILL else 15
DUE = 20_000 if IS_DRILL else 400
SETUP = """
from datetime import timedelta
from random import Random
from django.utils import timezone
from accounts.actor import Actor
from accounts.models import User
from sla import actions as sla
from sla.models import Policy
from tickets import actions
now = timezone.now().replace(microsecond=0)
desk = Actor.system()
hours = sla.save_calendar(None, actor=desk, at=now, name="Always",
    document={"timezone": "UTC", "always_open": True, "hours_per_day": 24}).calendar
every = lambda minutes: {"": dict.fromkeys(["urgent", "high", "normal", "low"], minutes * 60)}
targets = {"first_response": every(20), "next_response": every(30), "update": every(40),
    "resolution": every(90)}
steps = [{"name": "half", "percent": 50}, {"name": "soon", "offset": -300},
    {"name": "now", "offset": 0, "actions": [{"do": "raise_priority"}]},
    {"name": "later", "offset": 600}]
sla.save_policy(Policy.objects.get(is_default=True), actor=desk, at=now, name="Short",
    calendar=hours, targets=targets, document={"steps": dict.fromkeys(targets, steps)})
"""
# Some are answered and asked again, some wait; all of them go on without a word for a while.
FILE = """
from datetime import timedelta
from random import Random
from django.utils import timezone
from accounts.actor import Actor
from accounts.models import User
from tickets import actions
now = timezone.now().replace(microsecond=0)
def person(email, role):
    fresh = {"role": role, "password": "!", "created_at": now}
    return User.objects.get_or_create(email=email, defaults=fresh)[0]
ana, kim = person("ana@desk.example", "agent"), person("kim@acme.example", "customer")
agent, customer = Actor.of(ana, door="agent"), Actor.of(kim, door="web")
dice = Random(SEED)
numbers = []
for _ in range(LIVES):
    at = now - timedelta(seconds=dice.randrange(4 * 3600 // 5, 3 * 3600))
    filing = actions.Filing(subject="Nobody answers", body="Hello?", requester=kim)
    number = actions.open_ticket(filing, actor=customer, at=at).number
    numbers.append(number)
    for _ in range(dice.randrange(4)):
        at += timedelta(seconds=dice.randrange(60, 2400))
        if at < now - timedelta(minutes=25):
            act = dice.choice(["answer", "ask", "pend", "start"])
            if act in {"answer", "ask"}:
                actions.reply(number, act, actor=agent if act == "answer" else customer, at=at)
            elif act == "pend":
                actions.pend(number, actor=agent, at=at)
            else:
                actions.start(number, actor=agent, at=at)
"""
COMPARE = "import json; from tests.sla import offline; print(json.dumps(offline.compared()))"
EDIT = """
from django.utils import timezone
from accounts.actor import Actor
from sla import actions as sla
from sla.models import Policy
policy = Policy.objects.get(is_default=True)
version = policy.current
targets = {}
for row in version.targets.all():
    rows = targets.setdefault(row.metric, {}).setdefault(row.category, {})
    rows[row.priority] = row.seconds + 60
sla.save_policy(policy, actor=Actor.system(), at=timezone.now(), name=policy.name,
    calendar=version.calendar, targets=targets, document=version.document)
"""
SWEEP = """
import sys
from sla.sweep import sweep
for line in sys.stdin:
    sweep()
    print("swept", flush=True)
"""


def run(stack: Stack, script: str, **words: int) -> str:
    """Run a script beside the stack, with numbers in place of some words."""
    for word, number in words.items():
        script = script.replace(word, str(number))
    return stack.manage("shell", "--verbosity", "0", "--command", script)


def compared(stack: Stack) -> dict[str, int]:
    """What stands in the records beside what is owed; never anything too early or for nothing."""
    found: dict[str, int] = json.loads(run(stack, COMPARE))
    assert found["surplus"] == found["ill_told"] == 0, found
    return found


def is_all_there(stack: Stack) -> bool:
    return compared(stack)["missing"] == 0


def file(stack: Stack, seed: int) -> None:
    """Let tickets live through the past three hours while nobody watches."""
    before = compared(stack)["missing"]
    run(stack, FILE, SEED=seed, LIVES=LIVES)
    assert compared(stack)["missing"] > before + LIVES


@pytest.fixture
def watched(stack: Stack) -> Stack:
    """A desk with short promises."""
    stack.start("--empty", HELPDESK_SWEEP_SECONDS="1")
    until(stack.is_ready, 60)
    run(stack, SETUP)
    return stack


def test_two_beats_after_a_beat_that_was_down_and_a_broker_that_was_emptied(
    watched: Stack, home: Path, beside: list[Beside]
) -> None:
    watched.end_for_good(BEAT)
    file(watched, seed=1)
    beside += [Beside(watched, home / f"beat-{n}", COMMANDS["beat"]) for n in range(2)]
    until(lambda: is_all_there(watched), 60)

    watched.end_for_good(WORKER)
    file(watched, seed=2)
    broker = redis.Redis(unix_socket_path=str(embedded.socket_dir(watched.data) / "valkey.sock"))
    until(lambda: int(broker.llen("celery")) > 0, 30)
    broker.flushall()
    beside.append(Beside(watched, home / "worker", COMMANDS["worker"]))
    until(lambda: is_all_there(watched), 90)
    broker.flushall()  # also in the middle of work
    run(watched, FILE, SEED=3, LIVES=LIVES)
    until(lambda: is_all_there(watched), 90)
    broker.close()
    assert "no drift" in watched.manage("sla_audit").lower()


@pytest.mark.parametrize("days", [1, -1])
def test_a_worker_whose_clock_is_a_day_off_is_neither_early_nor_late(
    watched: Stack, home: Path, beside: list[Beside], days: int
) -> None:
    watched.end_for_good(WORKER)
    file(watched, seed=4)
    beside.append(Beside(watched, home / "worker", COMMANDS["worker"], clock=f"{days:+d}d"))
    until(lambda: is_all_there(watched), 90)
    run(watched, EDIT)
    waiting = "SELECT count(*) FROM sla_rollout WHERE done_at IS NULL"
    until(lambda: watched.sql(waiting) == [(0,)], 90)
    until(lambda: is_all_there(watched), 90)
    off = "SELECT round(extract(epoch FROM at - now()) / 86400) FROM accounts_heartbeat"
    until(lambda: watched.sql(f"{off} WHERE name = 'worker'") == [(days,)], 30)
    future = "SELECT count(*) FROM sla_record WHERE recorded_at > clock_timestamp()"
    assert watched.sql(future) == [(0,)]
    assert "no drift" in watched.manage("sla_audit").lower()


# Many tickets out of few; what is due of them nobody has recorded yet.
COPY = """
from helpdesk.sample_desk import copying
copying.copy(numbers, WANTED, weeks=0, say=lambda text: None)
"""


def test_a_sweep_killed_in_the_middle_of_a_transaction_loses_and_doubles_nothing(
    watched: Stack, home: Path, beside: list[Beside]
) -> None:
    watched.end_for_good(WORKER, BEAT)
    run(watched, FILE + COPY, SEED=5, LIVES=40, WANTED=DUE * 5 // 4)
    due = "SELECT count(DISTINCT ticket_id) FROM sla_clock WHERE next_fire_at < now()"
    assert watched.sql(due) >= [(DUE,)]
    before = compared(watched)
    sweep = ["manage.py", "shell", "--command", SWEEP]
    names = [f"sweep-{number}" for number in range(4)]
    sweeps = {name: Beside(watched, home / name, sweep, name=name) for name in names}
    beside += sweeps.values()

    with Held(watched, "sla_record") as held:
        until(lambda: bool(held.waiting_after(sweeps)), 60)
        [victim] = held.waiting_after(sweeps)
        sweeps[victim].process.send_signal(signal.SIGKILL)
        assert sweeps[victim].process.wait(10) == -signal.SIGKILL
        assert held.waiting_after({}) == [victim]  # PostgreSQL has not noticed yet
    del sweeps[victim]
    until(lambda: sum(each.said("swept") for each in rung(sweeps)) > 0, 60)
    until(lambda: bool(rung(sweeps)) and watched.sql(due) == [(0,)], 600 if IS_DRILL else 60)

    until(lambda: bool(rung(sweeps)) and is_all_there(watched), 180)
    assert before["missing"] > DUE
    assert compared(watched)["recorded"] >= before["recorded"] + before["missing"]
    gaps = (
        "SELECT number FROM tickets_ticket JOIN tickets_event ON ticket_id = number"
        " GROUP BY number HAVING (min(sequence), max(sequence), count(*))"
        " IS DISTINCT FROM (1, version, version::bigint)"
    )
    assert watched.sql(gaps) == []
    assert "no drift" in watched.manage("sla_audit").lower()


def rung(sweeps: dict[str, Beside]) -> list[Beside]:
    """Ask each of them for one more sweep."""
    for each in sweeps.values():
        each.ring()
    return [*sweeps.values()]


class Held:
    """A table that nobody can write while it is held, so whoever sweeps stops half way."""

    def __init__(self, stack: Stack, table: str) -> None:
        self.stack = stack
        self.connection = psycopg2.connect(embedded.database_url(stack.data))
        with self.connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")

    def __enter__(self) -> "Held":
        return self

    def __exit__(self, *_: Any) -> None:
        self.connection.close()

    def waiting_after(self, sweeps: dict[str, Beside]) -> list[str]:
        """Ask for sweeps; give who waits for the table with something written already."""
        rung(sweeps)
        rows = self.stack.sql(
            "SELECT application_name FROM pg_stat_activity WHERE application_name LIKE 'sweep-%'"
            " AND wait_event_type = 'Lock' AND backend_xid IS NOT NULL"
        )
        return [str(name) for (name,) in rows]
