"""The nightly audit: once a night, in chunks, gone on with after a crash, never two at once."""

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connection, transaction

from accounts.errors import NotAllowed
from accounts.models import AuditEntry, DeskSettings
from sla import auditing, tasks
from sla.models import AuditRun, Clock, Drift
from tests.dying import dying_at, in_threads
from tests.factories import MONDAY, AdminFactory, as_agent, file_ticket
from tests.sla.promises import make_default, save_policy
from tickets.models import Ticket

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


@pytest.fixture
def policy(db):
    return make_default(save_policy())


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(auditing, "CHUNK", 2)


def damage(ticket):
    """What no action ever does: change a stored clock by hand."""
    Clock.objects.filter(ticket=ticket, metric="resolution").update(target=5)


def somebody_waits_for_a_lock():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return cursor.fetchone()[0] > 0


def wait_until(condition, seconds=10):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until


def finish(at):
    while auditing.go_on(at):
        pass
    return AuditRun.objects.latest("began_at")


def test_it_finds_what_was_changed_by_hand_and_nothing_else(policy, small_chunks):
    tickets = [file_ticket() for _ in range(5)]
    damage(tickets[2])
    run = finish(MONDAY + MINUTE)
    assert (run.looked_at, run.differences, run.ended_at) == (5, 1, MONDAY + MINUTE)
    assert run.found == [
        [tickets[2].pk, Drift.CHANGED,
         f"#{tickets[2].pk} resolution 1: stored running, now running"],
    ]  # fmt: skip


def test_only_the_first_hundred_differences_are_kept_but_all_are_counted(policy, monkeypatch):
    monkeypatch.setattr(auditing, "MOST_FOUND", 2)
    for _ in range(3):
        damage(file_ticket())
    run = finish(MONDAY + MINUTE)
    assert (run.differences, len(run.found)) == (3, 2)


def test_a_history_that_cannot_be_read_hides_no_other(policy):
    broken, damaged = file_ticket(), file_ticket()
    broken.events.filter(kind="ticket.opened").update(after={})
    damage(damaged)
    run = finish(MONDAY + MINUTE)
    assert [(number, way) for number, way, _said in run.found] == [
        (broken.pk, Drift.UNREADABLE), (damaged.pk, Drift.CHANGED),
    ]  # fmt: skip


def test_it_begins_once_a_night_at_three_in_the_desks_zone(db):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Vienna"})
    night = datetime(2026, 1, 6, 2, tzinfo=UTC)  # three o'clock in Vienna
    assert auditing.last_night(night) == night
    assert auditing.last_night(night - MINUTE) == night - DAY
    assert auditing.next_night(night) == night + DAY
    assert auditing.next_night(night - MINUTE) == night
    for at in (night, night + MINUTE, night + DAY - MINUTE, night + DAY, night + DAY + MINUTE):
        finish(at)
    began = AuditRun.objects.order_by("began_at").values_list("began_at", flat=True)
    assert list(began) == [night, night + DAY]


def test_a_night_that_was_missed_is_made_up_for_once(db):
    finish(MONDAY)
    finish(MONDAY + 5 * DAY)
    finish(MONDAY + 5 * DAY + MINUTE)
    assert AuditRun.objects.count() == 2


def test_the_last_thirty_are_kept(db):
    for night in range(33):
        finish(MONDAY + night * DAY)
    assert AuditRun.objects.count() == 30
    assert AuditRun.objects.earliest("began_at").began_at == MONDAY + 3 * DAY


def test_an_admin_begins_one_without_waiting_for_the_night(policy):
    finish(MONDAY)
    admin = as_agent(AdminFactory(name="Robin"))
    first = auditing.begin(actor=admin, at=MONDAY + MINUTE)
    assert auditing.begin(actor=admin, at=MONDAY + 2 * MINUTE) == first
    run = finish(MONDAY + 3 * MINUTE)
    assert (run, run.began_by) == (first, "Robin")
    assert AuditEntry.objects.filter(what="sla.audit_begun").count() == 1
    with pytest.raises(NotAllowed):
        auditing.begin(actor=as_agent(), at=MONDAY)


def test_the_task_goes_on_by_itself(policy):
    tasks.audit()
    tasks.audit()
    assert AuditRun.objects.get().ended_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_crash_loses_one_chunk_at_most(transactional_db, small_chunks):
    make_default(save_policy())
    tickets = [file_ticket() for _ in range(6)]
    damage(tickets[0])
    third = f"NEW.last_number = {tickets[5].pk}"
    with dying_at("sla_auditrun", third), pytest.raises(OperationalError, match="terminat"):
        in_threads(1, lambda: auditing.go_on(MONDAY + MINUTE))
    assert AuditRun.objects.get().looked_at == 4
    assert auditing.go_on(MONDAY + 2 * MINUTE) == 2
    run = AuditRun.objects.get()
    assert (run.looked_at, run.differences) == (6, 1)
    assert run.ended_at is not None


@pytest.mark.django_db(transaction=True)
def test_a_second_worker_leaves_the_audit_to_the_first(transactional_db):
    make_default(save_policy())
    damaged = file_ticket()
    damage(damaged)
    first = threading.Thread(target=lambda: in_threads(1, lambda: auditing.go_on(MONDAY)))
    with transaction.atomic():  # the first one waits for this ticket, with the audit in hand
        Ticket.objects.select_for_update().get(pk=damaged.pk)
        first.start()
        wait_until(somebody_waits_for_a_lock)
        assert in_threads(1, lambda: auditing.go_on(MONDAY)) == [0]
    first.join()
    run = AuditRun.objects.get()
    assert (run.looked_at, run.differences) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_it_waits_for_nobody_who_works_on_a_ticket(transactional_db):
    make_default(save_policy())
    busy = file_ticket()
    locked, release = threading.Event(), threading.Event()

    def work():
        with transaction.atomic():
            Ticket.objects.select_for_update().get(pk=busy.pk)
            locked.set()
            release.wait(10)

    worker = threading.Thread(target=lambda: in_threads(1, work))
    worker.start()
    assert locked.wait(10)
    assert auditing.go_on(MONDAY + MINUTE) == 1
    assert not release.is_set()
    release.set()
    worker.join()
