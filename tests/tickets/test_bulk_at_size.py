"""Ten thousand tickets changed by one request, some refused, all given back (few in make test)."""

import sys
import time

import pytest
from django.test import Client

from helpdesk.sample_desk import copying
from sla import audit, defaults, tasks
from tests.conftest import IS_DRILL
from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tickets import actions, bulk, publishing
from tickets.models import Event, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.drill]
TICKETS, REFUSED, ORIGINALS = (10_000, 37, 100) if IS_DRILL else (80, 37, 8)


def test_ten_thousand_tickets_are_changed_refused_by_name_and_given_back(clock, capsys):
    defaults.ensure()
    person, mia = UserFactory(), as_agent(AgentFactory())
    files = [file_ticket(person, at=clock.now, category="support") for _ in range(ORIGINALS)]
    for ticket in files[::2]:
        actions.assign(ticket.number, mia.user, actor=mia, at=clock.now)
    publishing.publish_pending(clock.now)
    numbers = [ticket.number for ticket in files]
    copying.copy(numbers, TICKETS - REFUSED, weeks=0, say=lambda _: None)
    good = Ticket.objects.count()
    bare = {file_ticket(person, at=clock.now).number for _ in range(REFUSED)}
    columns = ("number", "status", "priority", "assignee", "resolved_at", "waiting_since")
    before = list(Ticket.objects.order_by("number").values_list(*columns))
    page = Client()
    page.force_login(mia.user)

    steps = [{"do": "status", "to": "resolved"}, {"do": "priority", "to": "high"}]
    began = time.perf_counter()
    job = bulk.begin(
        steps, actor=mia, at=clock.now, matching=Ticket.objects.visible_to(mia).live()
    )
    asked = time.perf_counter() - began
    slowest = 0.0
    while bulk.go_on(lambda: clock.now):
        look = time.perf_counter()
        assert page.get("/agent/?view=all").status_code == 200  # the queue stays usable
        slowest = max(slowest, time.perf_counter() - look)
    worked = time.perf_counter() - began
    job.refresh_from_db()
    assert bulk.progress(job) == {
        "changed": good, "same": 0, "refused": REFUSED, "done": good + REFUSED
    }  # fmt: skip
    refused = job.lines.filter(outcome="refused")
    assert set(refused.values_list("number", flat=True)) == bare
    assert set(refused.values_list("code", flat=True)) == {"category_missing"}
    tasks.sweep()
    assert list(audit.drift()) == []

    clock.forward(minutes=5)
    began = time.perf_counter()
    undoing = bulk.undo(job, actor=mia, at=clock.now)
    while bulk.go_on(lambda: clock.now):
        pass
    undone = time.perf_counter() - began
    assert bulk.progress(undoing)["changed"] == good
    assert list(Ticket.objects.order_by("number").values_list(*columns)) == before
    tasks.sweep()
    assert list(audit.drift()) == []
    assert Event.objects.filter(kind="ticket.resolved").count() == good
    if IS_DRILL:
        with capsys.disabled():
            sys.stdout.write(
                f"\n{good} tickets: asked in {asked:.2f} s, changed in {worked:.0f} s, undone in"
                f" {undone:.0f} s, the slowest queue page took {slowest:.2f} s\n"
            )
