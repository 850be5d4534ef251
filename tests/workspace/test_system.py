"""The system page: parts, queues, versions and the nightly audit, for admins alone."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.heartbeat import seen
from channels import post
from channels.models import Outgoing
from sla import auditing
from sla.models import AuditRun, Clock
from sla.rollout import follow_changes
from tests.factories import AgentFactory, file_ticket
from tests.sla.promises import make_default, save_policy
from tests.workspace.conftest import text_of
from tickets import publishing
from tickets.models import Event
from web.workspace.settings import waiting

pytestmark = pytest.mark.usefixtures("clock")
SYSTEM = reverse("workspace:system")


@pytest.fixture
def plan(db, clock):
    saved = make_default(save_policy())
    follow_changes(clock.now)
    return saved


def waits(answer):
    """The queues that are not empty: how many, and how the page marks them."""
    return {
        str(queue.name): (queue.count, "failed" if queue.has_failed else queue.is_late)
        for queue in answer.context["queues"]
        if queue.count
    }


def test_each_part_says_whether_it_is_well(admins_desk: Client, clock):
    seen("worker", clock.now)
    parts = {str(each.name): each.is_well for each in admins_desk.get(SYSTEM).context["parts"]}
    assert parts == {
        "Database": True, "Broker": True, "Worker": True, "Beat": False, "Outgoing mail": False,
    }  # fmt: skip


def test_the_versions_are_those_that_run(admins_desk: Client):
    names = dict(admins_desk.get(SYSTEM).context["versions"])
    assert set(names) == {"Helpdesk", "Python", "Django", "PostgreSQL", "Time zone rules"}
    assert all(version[0].isdigit() for version in names.values())


def test_what_waits_is_counted_and_what_waits_long_is_late(admins_desk: Client, plan, clock):
    file_ticket(at=clock.now)
    assert waits(admins_desk.get(SYSTEM)) == {"Events not yet in the feed": (1, False)}
    clock.forward(minutes=3)
    assert waits(admins_desk.get(SYSTEM)) == {"Events not yet in the feed": (1, True)}
    publishing.publish_pending(clock.now)
    assert waits(admins_desk.get(SYSTEM)) == {"Events nobody was told of yet": (1, True)}
    Event.objects.update(delivery_attempts=publishing.MOST_ATTEMPTS)
    assert waits(admins_desk.get(SYSTEM)) == {"Events nobody could be told of": (1, "failed")}
    clock.forward(hours=1)
    assert waits(admins_desk.get(SYSTEM))["Deadlines to look at"] == (1, True)


def test_mails_wait_or_were_given_up(admins_desk: Client, clock):
    post.queue_sign_in(AgentFactory(), at=clock.now)
    assert waits(admins_desk.get(SYSTEM)) == {"Mails to send": (1, False)}
    Outgoing.objects.update(dead_at=clock.now)
    assert waits(admins_desk.get(SYSTEM)) == {"Mails given up": (1, "failed")}


def test_no_more_are_counted_than_need_be(admins_desk: Client, plan, clock, monkeypatch):
    monkeypatch.setattr(waiting, "MOST_COUNTED", 2)
    for said in ("1", "2", "2+", "2+"):
        file_ticket(at=clock.now)
        (queue,) = [each for each in admins_desk.get(SYSTEM).context["queues"] if each.count]
        assert queue.words == said


def test_an_audit_is_begun_by_a_button_and_its_findings_lead_to_the_tickets(
    admins_desk: Client, plan, clock
):
    ticket = file_ticket(at=clock.now)
    Clock.objects.filter(ticket=ticket, metric="resolution").update(target=5)
    assert "There was none yet." in text_of(admins_desk.get(SYSTEM))
    answer = admins_desk.post(reverse("workspace:begin_audit"))
    assert answer.headers["Location"] == SYSTEM
    shown = text_of(admins_desk.get(SYSTEM))
    assert reverse("workspace:audit") in shown  # it asks again until it is over
    auditing.go_on(clock.now)
    shown = text_of(admins_desk.get(reverse("workspace:audit")))
    assert "The last audit found 1 difference." in shown
    assert "An SLA clock is stored otherwise than the history gives it." in shown
    assert reverse("workspace:clocks", args=[ticket.pk]) in shown
    assert 'hx-trigger="every 3s"' not in shown


def test_a_clean_audit_says_so_and_when_the_next_one_begins(admins_desk: Client, plan, clock):
    file_ticket(at=clock.now)
    auditing.go_on(clock.now)
    shown = text_of(admins_desk.get(SYSTEM))
    assert "No difference in 1 ticket." in shown
    assert "The next one begins on Tue 3 Mar 2026, 03:00 UTC." in shown


def test_agents_see_nothing_of_it(desk: Client):
    for name in ("system", "audit"):
        assert desk.get(reverse(f"workspace:{name}")).status_code == 403
    assert desk.post(reverse("workspace:begin_audit")).status_code == 403
    assert not AuditRun.objects.exists()


def test_the_page_costs_the_same_queries_whatever_waits(admins_desk: Client, plan, clock):
    counts = []
    for size in (1, 9):
        for _ in range(size):
            file_ticket(at=clock.now)
        auditing.go_on(clock.now)
        clock.forward(days=1)
        admins_desk.get(SYSTEM)
        with CaptureQueriesContext(connection) as queries:
            admins_desk.get(SYSTEM)
        counts.append(len(queries))
        assert timedelta(0) < auditing.next_night(clock.now) - clock.now
    assert counts[0] == counts[1]
