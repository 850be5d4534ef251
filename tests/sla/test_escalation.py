"""Steps with actions: done once, under the lock, by the desk itself (docs/sla.md W1 to W5)."""

from datetime import timedelta

import pytest

from accounts.errors import Invalid
from sla.audit import drift
from sla.models import Escalation, Record
from sla.sweep import sweep
from tests.factories import (
    MONDAY,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import amounts, make_default, save_policy
from tickets import actions
from tickets.models import Event

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def at_breach():
    """A first response within an hour; at its breach everything happens that can."""
    boss = AgentFactory()
    steps = [
        {"name": "soon", "percent": 50, "actions": [{"do": "notify", "to": ["team", boss.pk]}]},
        {"name": "now", "offset": 0, "actions": [
            {"do": "raise_priority"}, {"do": "assign", "to": boss.pk},
            {"do": "add_tags", "to": ["Late"]}, {"do": "notify", "to": ["account_manager"]},
        ]},
        {"name": "later", "offset": 1800, "actions": [{"do": "raise_priority"}]},
    ]  # fmt: skip
    make_default(
        save_policy(
            targets={"first_response": amounts("1h")},
            document={"steps": {"first_response": steps}},
        )
    )
    return boss


def kinds(ticket):
    return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def test_w5_what_a_step_does_is_done_once_in_the_sweeps_transaction(at_breach):
    ticket = file_ticket()
    sweep(MONDAY + HOUR + MINUTE)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.assignee) == ("high", at_breach)
    assert list(ticket.tags.values_list("name", flat=True)) == ["late"]
    sweep(MONDAY + HOUR + 2 * MINUTE)
    assert kinds(ticket).count("ticket.priority_set") == 1
    assert not Escalation.objects.filter(done_at=None).exists()
    raised = ticket.events.get(kind="ticket.priority_set")
    assert raised.caused_by.kind == Event.Kind.SLA_ESCALATED
    assert raised.actor_user is None
    assert list(drift(MONDAY + HOUR + 2 * MINUTE)) == []


def test_w5_whom_a_step_tells_is_asked_for_by_an_event(at_breach):
    ticket = file_ticket()
    actions.hand_over(ticket.number, TeamFactory(), actor=as_agent(), at=MONDAY + MINUTE)
    sweep(MONDAY + 30 * MINUTE)
    asked = ticket.events.get(kind="notice.asked")
    assert asked.after["to"] == ["team", at_breach.pk]
    assert "soon" in asked.after["why"]
    assert ticket.events.get(kind="sla.warned").after["acts"] is True


def test_w2_a_warning_that_was_skipped_does_nothing(at_breach):
    ticket = file_ticket()
    sweep(MONDAY + HOUR + MINUTE)
    skipped = Record.objects.get(clock__ticket=ticket, kind="warned")
    assert skipped.is_skipped
    asked = ticket.events.filter(kind="notice.asked").values_list("after", flat=True)
    assert [after["to"] for after in asked] == [["account_manager"]]


def test_k8_a_step_at_the_breach_does_not_come_when_the_answer_is_exactly_in_time(at_breach):
    ticket = file_ticket()
    actions.reply(ticket.number, "Just so", actor=as_agent(), at=MONDAY + HOUR)
    sweep(MONDAY + 2 * HOUR)
    assert "sla.escalated" not in kinds(ticket)
    assert "sla.breached" not in kinds(ticket)


def test_w3_what_a_late_answer_reveals_is_recorded_but_no_longer_acted_on(at_breach):
    ticket = file_ticket()
    actions.reply(ticket.number, "Late", actor=as_agent(), at=MONDAY + HOUR + MINUTE)
    assert "sla.escalated" in kinds(ticket)
    assert Escalation.objects.filter(done_at=None).count() == 1
    sweep(MONDAY + HOUR + 2 * MINUTE)
    ticket.refresh_from_db()
    assert ticket.priority == "normal"
    assert not Escalation.objects.filter(done_at=None).exists()


def test_w5_a_step_found_due_by_somebody_elses_change_is_carried_out_by_the_next_sweep(at_breach):
    ticket = file_ticket()
    actions.set_category(ticket.number, "adaptive", actor=as_agent(), at=MONDAY + HOUR + MINUTE)
    ticket.refresh_from_db()
    assert ticket.priority == "normal"
    sweep(MONDAY + HOUR + 2 * MINUTE)
    ticket.refresh_from_db()
    assert ticket.priority == "high"


def test_w5_what_the_desk_refuses_is_not_tried_for_ever(at_breach):
    at_breach.is_active = False
    at_breach.save()
    ticket = file_ticket()
    sweep(MONDAY + HOUR + MINUTE)
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.assignee) == ("high", None)
    assert not Escalation.objects.filter(done_at=None).exists()


@pytest.mark.parametrize(
    "action",
    [
        {"do": "explode"}, {"do": "notify", "to": []}, {"do": "notify", "to": ["nobody"]},
        {"do": "notify", "to": [""]}, {"do": "notify", "to": ["7,8"]},
        {"do": "notify", "to": ["assignee", ""]},
        {"do": "notify", "to": [99999999]}, {"do": "assign", "to": 99999999}, {"do": "assign"},
        {"do": "add_tags", "to": []}, {"do": "add_tags", "to": "late"},
        {"do": "raise_priority", "to": "urgent"},
    ],
)  # fmt: skip
def test_an_action_that_makes_no_sense_is_refused(action):
    step = {"name": "now", "offset": 0, "actions": [action]}
    with pytest.raises(Invalid):
        save_policy(document={"steps": {"resolution": [step]}})


@pytest.mark.parametrize("does", ["assign", "notify"])
def test_a_step_names_colleagues_also_who_has_left_and_never_a_customer(does):
    def saved(person):
        action = {"do": does, "to": person.pk if does == "assign" else ["team", person.pk]}
        step = {"name": "now", "offset": 0, "actions": [action]}
        return save_policy(document={"steps": {"resolution": [step]}})

    assert saved(AgentFactory(is_active=False)).pk
    with pytest.raises(Invalid, match="not Kwame"):
        saved(UserFactory(name="Kwame"))
