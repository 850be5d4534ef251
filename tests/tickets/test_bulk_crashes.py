"""A job whose worker is cut off, or that two workers hold at once, does each ticket just once."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from sla import audit, defaults, tasks
from tests.dying import dying_at, in_threads
from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tickets import bulk
from tickets.models import BulkJob, Message

WRITE = [{"do": "note", "body": "Once."}, {"do": "priority", "to": "high"}]


@pytest.fixture
def job(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> BulkJob:
    monkeypatch.setattr(bulk, "CHUNK", 4)
    defaults.ensure()
    person = UserFactory()
    numbers = [file_ticket(person, at=timezone.now()).number for _ in range(12)]
    mia = as_agent(AgentFactory())
    return bulk.begin(WRITE, actor=mia, at=timezone.now(), numbers=numbers)


def work() -> int:
    return bulk.go_on(timezone.now)


def check(job: BulkJob) -> None:
    job.refresh_from_db()
    assert bulk.progress(job) == {"changed": 12, "same": 0, "refused": 0, "done": 12}
    written = Message.objects.filter(body="Once.")
    assert sorted(written.values_list("ticket", flat=True)) == list(
        job.lines.order_by("number").values_list("number", flat=True)
    )
    tasks.sweep()
    assert list(audit.drift()) == []


def test_a_worker_that_is_cut_off_is_followed_at_the_ticket_it_was_at(job, monkeypatch):
    monkeypatch.setattr(bulk, "LEASE", timedelta(0))  # and nobody waits for it to run out
    sixth = job.lines.order_by("number")[5].number
    with (
        dying_at("tickets_bulkline", f"NEW.number = {sixth} AND NEW.outcome <> ''"),
        pytest.raises(OperationalError, match="terminat"),
    ):
        in_threads(1, work)
    assert bulk.progress(job)["done"] == 5
    assert Message.objects.filter(body="Once.").count() == 5  # the sixth is as it was
    in_threads(1, work)
    check(job)


def test_two_workers_that_both_hold_it_do_nothing_twice(job, monkeypatch):
    monkeypatch.setattr(bulk, "LEASE", timedelta(seconds=-1))  # which ran out at once
    in_threads(2, work)
    check(job)


def test_while_the_lease_holds_the_second_worker_has_nothing_to_do(job):
    assert sorted(in_threads(2, work)) == [0, 12]
    check(job)
