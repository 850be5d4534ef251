"""A warning and a breach are recorded on time and once, whatever happens to the processes."""

import os
import signal
from pathlib import Path

import pytest

from helpdesk.supervisor import COMMANDS
from tests.stack import Beside, Stack, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]

FILE = """
from django.utils import timezone
from accounts.actor import Actor
from accounts.models import User
from sla import actions as sla
from sla.models import Policy
from tickets import actions
now = timezone.now()
desk = Actor.system()
hours = sla.save_calendar(None, actor=desk, at=now, name="Always",
    document={"timezone": "UTC", "always_open": True, "hours_per_day": 24})
targets = dict.fromkeys(["urgent", "high", "normal", "low"], 12)
sla.save_policy(Policy.objects.get(is_default=True), actor=desk, at=now, name="Short",
    calendar=hours.calendar, targets={"first_response": {"": targets}},
    document={"steps": {"first_response": [{"name": "half", "percent": 50}]}})
User.objects.create(email="ana@desk.example", role="agent", password="!", created_at=now)
kim = User.objects.create(email="kim@acme.example", password="!", created_at=now)
filing = actions.Filing(subject="Nobody answers", body="Hello?", requester=kim)
print(actions.open_ticket(filing, actor=Actor.of(kim, door="web"), at=timezone.now()).number)
"""
SWEEP = """
import sys
from sla.sweep import sweep
for line in sys.stdin:
    sweep()
    print("swept", flush=True)
"""


def swept(sweeps: list[Beside]) -> list[int]:
    """Ask each for one more sweep and say how many it has done."""
    for each in sweeps:
        each.ring()
    return [each.said("swept") for each in sweeps]


def test_exactly_once_with_two_beats_four_sweeps_and_a_killed_worker(
    stack: Stack, home: Path, beside: list[Beside]
) -> None:
    stack.start("--empty", HELPDESK_SWEEP_SECONDS="1")
    until(stack.is_ready, 40)
    sweep = ["manage.py", "shell", "--command", SWEEP]
    sweeps = [Beside(stack, home / f"sweep-{number}", sweep) for number in range(4)]
    beat = Beside(stack, home / "beat", [*COMMANDS["beat"]])
    beside += [beat, *sweeps]
    until(lambda: all(swept(sweeps)), 60)
    until(lambda: beat.said("beat: Starting") > 0, 60)
    stack.manage("shell", "--command", FILE)
    records = (
        "SELECT record.kind, count(*), max(record.recorded_at - record.occurred_at) < '5 s',"
        " bool_and(record.kind <> 'breached' OR record.occurred_at = record.due_at)"
        " FROM sla_record record JOIN sla_clock clock ON clock.id = record.clock_id"
        " WHERE clock.metric = 'first_response' GROUP BY record.kind ORDER BY record.kind"
    )
    until(lambda: bool(swept(sweeps)) and len(stack.sql(records)) == 1, 30)
    for pid, line in stack.pids().items():  # the worker and its pool, in the middle
        if "-A helpdesk worker" in line:
            os.kill(pid, signal.SIGKILL)
    until(lambda: bool(swept(sweeps)) and len(stack.sql(records)) == 2, 30)
    after = [each.said("swept") + 20 for each in sweeps]  # time enough for a second record
    until(lambda: all(map(int.__ge__, swept(sweeps), after)), 60)

    assert stack.sql(records) == [("breached", 1, True, True), ("warned", 1, True, True)]
    kinds = "SELECT kind, count(*) FROM tickets_event WHERE kind LIKE 'sla.%' GROUP BY kind"
    assert sorted(stack.sql(kinds)) == [("sla.breached", 1), ("sla.warned", 1)]
    mails = "SELECT kind, count(*) FROM channels_outgoing GROUP BY kind ORDER BY kind"
    expected = [("breach", 1), ("confirmation", 1), ("new_ticket", 1), ("warning", 1)]
    until(lambda: stack.sql(mails) == expected, 60)
    assert "no drift" in stack.manage("sla_audit").lower()
