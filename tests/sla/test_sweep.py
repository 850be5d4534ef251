"""The sweep records what silence brings, once, whoever else sweeps at the same time."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sla.audit import drift
from sla.models import Clock, Record
from sla.sweep import sweep
from sla.tasks import watch
from tests.dying import dying_at, in_threads
from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tests.sla.promises import amounts, make_default, save_policy
from tickets import actions
from tickets.models import Event, Ticket

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
STEPS = {"first_response": [{"name": "half", "percent": 50}, {"name": "soon", "percent": 90}]}


@pytest.fixture
def policy(db):
    return make_default(
        save_policy(targets={"first_response": amounts("1h")}, document={"steps": STEPS})
    )


def told(kind):
    return Event.objects.filter(kind=kind).count()


def test_w2_a_warning_and_a_breach_each_once(policy):
    ticket = file_ticket(at=timezone.now() - 35 * MINUTE)
    assert sweep() == 1
    assert sweep() == 0
    warning = Record.objects.get()
    assert (warning.kind, warning.step, warning.is_skipped) == ("warned", "half", False)
    assert list(ticket.events.values_list("kind", flat=True)) == ["ticket.opened", "sla.warned"]


def test_w2_after_a_long_silence_the_breach_is_told_and_old_warnings_are_skipped(policy):
    ticket = file_ticket(at=timezone.now() - 5 * HOUR)
    assert sweep() == 3
    assert told("sla.warned") == 0
    assert told("sla.breached") == 1
    assert Record.objects.filter(kind="warned", is_skipped=True).count() == 2
    breach = Record.objects.get(kind="breached")
    assert breach.occurred_at == breach.due_at
    clock = ticket.clocks.get()
    assert (clock.state, clock.next_fire_at) == ("breached", None)
    assert list(drift(timezone.now())) == []


def test_w2_of_several_warnings_only_the_latest_is_sent(policy):
    file_ticket(at=timezone.now() - 57 * MINUTE)
    assert sweep() == 2
    assert {(row.step, row.is_skipped) for row in Record.objects.all()} == {
        ("half", True),
        ("soon", False),
    }
    assert told("sla.warned") == 1


def test_w3_a_reply_leaves_nothing_to_sweep(policy):
    ticket = file_ticket(at=timezone.now() - 35 * MINUTE)
    agent = as_agent(AgentFactory())
    actions.reply(ticket.number, "Here", actor=agent, at=timezone.now() - 34 * MINUTE)
    assert sweep() == 0


def test_an_idle_sweep_asks_two_questions(policy):
    file_ticket(at=timezone.now())
    with CaptureQueriesContext(connection) as captured:
        sweep()
    questions = [query for query in captured if query["sql"].startswith("SELECT")]
    assert len(questions) <= 3


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_record_everything_once(transactional_db):
    make_default(save_policy(targets={"first_response": amounts("1h")}, document={"steps": STEPS}))
    person, old = UserFactory(), timezone.now() - 5 * HOUR
    for _ in range(30):
        file_ticket(person, at=old)
    in_threads(4, watch)
    sweep()
    assert Record.objects.count() == 90
    assert told("sla.breached") == 30
    for ticket in Ticket.objects.all():
        sequences = list(ticket.events.order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, ticket.version + 1))
    assert list(drift(timezone.now())) == []


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_somebody_works_on_is_left_to_the_next_sweep(transactional_db):
    make_default(save_policy(targets={"first_response": amounts("1h")}))
    busy = file_ticket(at=timezone.now() - 5 * HOUR)
    free = file_ticket(at=timezone.now() - 5 * HOUR)
    locked, release = threading.Event(), threading.Event()

    def work():
        with transaction.atomic():
            Ticket.objects.select_for_update(of=("self",), no_key=True).get(pk=busy.pk)
            locked.set()
            release.wait(10)

    worker = threading.Thread(target=lambda: in_threads(1, work))
    worker.start()
    assert locked.wait(10)
    sweep()
    release.set()
    worker.join()
    assert Clock.objects.get(ticket=free).state == "breached"
    assert Clock.objects.get(ticket=busy).state == "running"
    sweep()
    assert Clock.objects.get(ticket=busy).state == "breached"


@pytest.mark.django_db(transaction=True)
def test_who_only_points_at_a_ticket_keeps_nobody_from_it(transactional_db):
    make_default(save_policy(targets={"first_response": amounts("1h")}))
    ticket, agent = file_ticket(at=timezone.now() - 5 * HOUR), as_agent()

    def work():
        assert sweep() > 0
        actions.reply(ticket.number, "Late", actor=agent, at=timezone.now())

    with transaction.atomic(), connection.cursor() as cursor:  # as a row with a foreign key does
        cursor.execute("SELECT FROM tickets_ticket WHERE number = %s FOR KEY SHARE", [ticket.pk])
        in_threads(1, work)
    assert ticket.messages.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_reply_and_sweeps_at_once_agree_in_the_end(transactional_db):
    make_default(save_policy(targets={"first_response": amounts("1h")}))
    agent = as_agent()
    tickets = [file_ticket(at=timezone.now() - 2 * HOUR) for _ in range(8)]
    numbers = iter([ticket.number for ticket in tickets])

    def answer():
        actions.reply(next(numbers), "Late", actor=agent, at=timezone.now())

    in_threads(4, lambda: (answer(), watch(), answer()))
    sweep()
    assert Record.objects.filter(kind="breached").count() == 8
    assert told("sla.breached") == 8
    assert list(drift(timezone.now())) == []


@pytest.mark.django_db(transaction=True)
def test_a_crash_in_the_middle_loses_nothing(transactional_db):
    make_default(save_policy(targets={"first_response": amounts("1h")}))
    for _ in range(3):
        last = file_ticket(at=timezone.now() - 2 * HOUR)
    told_last = f"NEW.kind = 'sla.breached' AND NEW.ticket_id = {last.pk}"
    with dying_at("tickets_event", told_last), pytest.raises(OperationalError, match="terminat"):
        in_threads(1, sweep)
    assert not Record.objects.exists()
    sweep()
    assert told("sla.breached") == 3
    assert list(drift(timezone.now())) == []
