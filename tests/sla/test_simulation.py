"""The simulator: the same clocks as for a real ticket, and nothing stored."""

from datetime import UTC, datetime, timedelta

import pytest

from accounts.errors import Invalid
from sla import actions, drafts
from sla.business_time import BeyondHorizon
from sla.models import Policy, PolicyVersion, Rollout, Target
from sla.preview import of_policy
from sla.rollout import follow_changes
from sla.simulation import CannotHappen, Moment, simulate
from tests.factories import MONDAY, AgentFactory, UserFactory, as_agent, as_customer, file_ticket
from tests.sla.promises import (
    ALWAYS,
    SYSTEM,
    WEEKDAYS,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions as desk
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TARGETS = {
    "first_response": amounts("2h"), "next_response": amounts("2h"), "update": amounts("8h"),
    "resolution": amounts("2d"),
}  # fmt: skip


def draft(calendar=None, targets=TARGETS, **document):
    return drafts.read(calendar or save_calendar(document=WEEKDAYS), targets, document, MONDAY)


def seen(clocks):
    return [
        (clock.metric, clock.seq, clock.state, clock.due_at, clock.consumed) for clock in clocks
    ]


def test_a_simulated_ticket_has_the_clocks_that_a_real_one_gets():
    calendar = save_calendar(document=ALWAYS)
    make_default(save_policy(calendar=calendar, targets=TARGETS))
    customer, mia = UserFactory(), as_agent(AgentFactory())
    ticket = file_ticket(customer)
    desk.reply(ticket.number, "Hm?", actor=mia, at=MONDAY + HOUR)
    desk.set_status(ticket.number, "pending", actor=mia, at=MONDAY + 2 * HOUR)
    desk.reply(ticket.number, "It is.", actor=as_customer(customer), at=MONDAY + 9 * HOUR)
    moments = [
        Moment("reply", MONDAY + HOUR),
        Moment("pending", MONDAY + 2 * HOUR),
        Moment("customer", MONDAY + 9 * HOUR),
    ]
    terms = draft(calendar).terms(None, "normal", "UTC")
    simulated = simulate(terms, MONDAY, moments)
    stored = ticket.clocks.order_by("pk")
    assert sorted((each.metric, each.seq, each.state, each.due_at) for each in stored) == sorted(
        row[:4] for row in seen(simulated.clocks)
    )


def test_nothing_is_stored_by_a_simulation():
    ready = draft()
    before = [model.objects.count() for model in (Policy, PolicyVersion, Target, Rollout, Ticket)]
    simulate(ready.terms(None, "low", "UTC"), MONDAY, [Moment("wait", MONDAY + DAY)])
    after = [model.objects.count() for model in (Policy, PolicyVersion, Target, Rollout, Ticket)]
    assert before == after


def test_the_story_tells_what_was_and_what_will_be_if_nothing_else_happens():
    terms = draft(steps={"first_response": [{"name": "half", "percent": 50}]}).terms(
        None, "normal", "UTC"
    )
    told = [
        (line.what, line.metric, line.is_ahead)
        for line in simulate(terms, MONDAY, [Moment("wait", MONDAY + HOUR)]).story
    ]
    assert ("opened", "", False) in told
    assert ("warned", "first_response", False) in told
    assert ("due", "first_response", True) in told
    late = simulate(terms, MONDAY, [Moment("reply", MONDAY + 3 * HOUR)])
    first = next(clock for clock in late.clocks if clock.metric == "first_response")
    assert (first.state, first.breached_at) == ("breached", MONDAY + 2 * HOUR)


def test_the_closed_hours_are_those_of_the_organisations_zone():
    ready = draft()
    friday = datetime(2026, 1, 9, 16, 0, tzinfo=UTC)
    here = simulate(ready.terms(None, "normal", "UTC"), friday, [])
    there = simulate(ready.terms(None, "normal", "America/New_York"), friday, [])
    assert here.closed["resolution"][0][0] == friday + HOUR
    assert there.closed["resolution"][0][0] == friday + 6 * HOUR


def test_a_day_is_as_long_as_the_calendar_of_its_metric_says():
    round_the_clock = save_calendar(document=ALWAYS)
    ready = draft(calendars={"resolution": round_the_clock.pk})
    assert ready.terms(None, "low", "UTC").targets["resolution"] == 48 * 3600
    assert draft().terms(None, "low", "UTC").targets["resolution"] == 16 * 3600
    with pytest.raises(Invalid) as refusal:
        draft(calendars={"resolution": 99999999})
    assert refusal.value.pointer == "calendars.resolution"


def test_what_cannot_happen_is_refused_with_its_place():
    terms = draft().terms(None, "normal", "UTC")
    moments = [Moment("reply", MONDAY + HOUR), Moment("pending", MONDAY)]
    with pytest.raises(CannotHappen) as refusal:
        simulate(terms, MONDAY, moments)
    assert (refusal.value.place, refusal.value.why) == (1, "order")
    with pytest.raises(CannotHappen):
        simulate(terms, MONDAY, [Moment("wait", MONDAY + 1000 * DAY)])
    with pytest.raises(BeyondHorizon):
        simulate(terms, datetime(9999, 12, 31, tzinfo=UTC), [])


def test_t7_moving_a_policy_lets_live_clocks_follow_the_new_first_match():
    short = save_policy(
        targets={"resolution": amounts("1h")}, document={"match": {"priority": "urgent"}}
    )
    long = save_policy(
        targets={"resolution": amounts("9h")}, document={"match": {"priority": "urgent"}}
    )
    ticket = file_ticket(priority="urgent", actor=SYSTEM)
    assert ticket.due_at == MONDAY + HOUR
    actions.move_policy(long, actor=SYSTEM, at=MONDAY, to=1)
    follow_changes(MONDAY)
    ticket.refresh_from_db()
    assert ticket.due_at == MONDAY + 9 * HOUR
    made = Rollout.objects.count()
    actions.move_policy(long, actor=SYSTEM, at=MONDAY, to=1)
    assert Rollout.objects.count() == made
    order = Policy.objects.filter(is_default=False).order_by("position")
    assert list(order) == [long, short]


def test_the_default_policy_stays_the_last_for_all_tickets_and_active():
    default = make_default(save_policy())
    save_policy()
    for change in (
        lambda: actions.move_policy(default, actor=SYSTEM, at=MONDAY, to=1),
        lambda: save_policy(default, is_plan=False, is_active=False),
        lambda: save_policy(default, document={"match": {"priority": "low"}}),
    ):
        with pytest.raises(Invalid):
            change()


def test_t6_the_preview_says_what_the_saved_edit_does():
    policy = make_default(save_policy(targets={"resolution": amounts("4h")}))
    moved, resolved = file_ticket(), file_ticket()
    desk.set_category(resolved.number, "support", actor=SYSTEM, at=MONDAY)
    desk.resolve(resolved.number, actor=as_agent(), at=MONDAY + HOUR)
    calendar = policy.current.calendar
    ready = draft(calendar, {"resolution": amounts("6h")})
    looked = of_policy(policy, ready, actor=SYSTEM, at=MONDAY + HOUR)
    assert (looked.tickets, looked.looked_at) == (1, 1)
    assert [(move.ticket.number, move.before, move.after) for move in looked.moves] == [
        (moved.number, MONDAY + 4 * HOUR, MONDAY + 6 * HOUR)
    ]
    save_policy(policy, at=MONDAY + HOUR, calendar=calendar, targets={"resolution": amounts("6h")})
    follow_changes(MONDAY + HOUR)
    moved.refresh_from_db()
    assert moved.due_at == looked.moves[0].after
    same = of_policy(policy, ready, actor=SYSTEM, at=MONDAY + HOUR)
    assert same.moves == []


@pytest.mark.parametrize(
    ("targets", "pointer"),
    [
        ({}, "targets"),
        ({"resolution": {"any": dict.fromkeys(("low", "normal", "high", "urgent"), "4")}},
         "targets.resolution.any.low"),
        ({"resolution": {**amounts("4h"), "support": {"low": "0m"}}},
         "targets.resolution.support.low"),
        ({"resolution": amounts("9" * 30 + "h")}, "targets.resolution.any.low"),
    ],
)  # fmt: skip
def test_an_amount_without_a_unit_or_without_sense_is_refused_at_its_cell(targets, pointer):
    with pytest.raises(Invalid) as refusal:
        draft(targets=targets)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        ({"name": "late", "percent": 0}, "steps.resolution.late"),
        ({"name": "late", "offset": 90}, "steps.resolution.late"),
        ({"name": "late", "offset": 10**9}, "steps.resolution.late"),
        ({"name": "late", "percent": 50, "wall": True}, "steps.resolution.late"),
        ({"name": "late", "percent": 50, "actions": [{"do": "assign", "to": "1,2"}]},
         "steps.resolution.late"),
        ({"name": "late", "percent": 50, "actions": [{"do": "add_tags", "to": ["a,b"]}]},
         "steps.resolution.late"),
        ({"percent": 50}, "steps.resolution"),
    ],
)  # fmt: skip
def test_a_step_without_sense_is_refused_by_its_name(step, pointer):
    with pytest.raises(Invalid) as refusal:
        draft(steps={"resolution": [step]})
    assert refusal.value.pointer == pointer
