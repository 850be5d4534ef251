"""What lists may ask about promises, and how a due time is explained."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from sla.explain import explain
from sla.models import Clock
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import (
    WEEKDAYS,
    agree,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions
from tickets.errors import BadFilter
from tickets.filters import conditions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def listed(at, actor=None, **given):
    found = conditions(given.items(), actor=actor or as_agent(), at=at)
    return set(Ticket.objects.filter(found))


@pytest.fixture
def desk():
    """Four tickets: nobody answers, answered late, waits for the customer, answered in time."""
    make_default(save_policy())
    agent = as_agent()
    silent, late, waiting, kept = (file_ticket(category="support") for _ in range(4))
    for ticket, at in ((late, 2 * HOUR), (waiting, MINUTE), (kept, MINUTE)):
        actions.reply(ticket.number, "Hello", actor=agent, at=MONDAY + at)
    actions.pend(waiting.number, actor=agent, at=MONDAY + 2 * MINUTE)
    actions.resolve(kept.number, actor=agent, at=MONDAY + 2 * MINUTE)
    return silent, late, waiting, kept


def test_overdue_is_a_live_breach_and_breached_is_any(desk):
    silent, late, waiting, kept = desk
    at = MONDAY + 3 * HOUR
    assert listed(at, overdue="true") == {silent}
    assert listed(at, breached="true") == {silent, late}
    assert listed(at, breached="false") == {waiting, kept}


def test_a_breach_that_no_sweep_has_seen_yet_counts(desk):
    silent = desk[0]
    assert not Clock.objects.filter(ticket=silent, breached_at__isnull=False).exists()
    assert silent in listed(MONDAY + 3 * HOUR, overdue="true")


def test_spam_breaches_nothing(desk):
    silent = desk[0]
    actions.mark_spam(silent.number, actor=as_agent(), at=MONDAY + 3 * HOUR)
    assert silent not in listed(MONDAY + 3 * HOUR, breached="true")


def test_due_paused_and_metric(desk):
    silent, late, waiting, kept = desk
    at = MONDAY + 3 * HOUR
    assert listed(at, paused="true") == {waiting}
    assert listed(at, metric="first_response") == {silent}
    assert listed(at, metric="first_response,update") == {silent, late, waiting}
    assert listed(at, due="none") == {waiting, kept}
    assert listed(at, due="any") == {silent, late}
    soon = (MONDAY + 2 * HOUR).isoformat()
    assert listed(at, due_before=soon) == {silent}
    assert listed(at, due_after=soon) == {late}


def test_agreement_lists_the_tickets_of_its_organisation():
    acme, other = OrganisationFactory(), OrganisationFactory()
    agreement = agree(acme, save_policy(is_plan=True))
    ours = file_ticket(UserFactory(organisation=acme))
    theirs = file_ticket(UserFactory(organisation=other))
    assert listed(MONDAY, agreement=str(agreement.pk)) == {ours}
    assert listed(MONDAY, agreement="none") == {theirs}


@pytest.mark.parametrize(
    ("name", "value"),
    [("overdue", "maybe"), ("metric", "speed"), ("due", "soon"), ("due_before", "x"),
     ("agreement", "x")],
)  # fmt: skip
def test_values_that_make_no_sense_are_refused(name, value):
    with pytest.raises(BadFilter) as refusal:
        listed(MONDAY, **{name: value})
    assert refusal.value.pointer == name


def test_a_customer_does_not_know_of_agreements():
    with pytest.raises(BadFilter):
        listed(MONDAY, actor=as_customer(UserFactory()), agreement="1")


def test_an_explanation_names_the_policy_the_stretches_and_the_closed_days():
    calendar = save_calendar(document={**WEEKDAYS, "holidays": ["2026-01-06"]})
    acme = OrganisationFactory(time_zone="UTC")
    plan = save_policy(
        is_plan=True,
        calendar=calendar,
        targets={"resolution": {**amounts("2d"), "support": {"high": "10h"}}},
    )
    agree(acme, plan)
    ticket = file_ticket(UserFactory(organisation=acme), category="support")
    agent = as_agent(AgentFactory())
    actions.pend(ticket.number, actor=agent, at=MONDAY + HOUR)
    actions.start(ticket.number, actor=agent, at=MONDAY + 3 * HOUR)
    found = explain(ticket, at=MONDAY + 4 * HOUR)
    (clock,) = found["clocks"]
    assert found["due_at"] == clock["due_at"] == MONDAY + 3 * DAY + 2 * HOUR
    assert clock["elapsed_seconds"] == 2 * 3600
    assert [(part["state"], part["status"]) for part in clock["segments"]] == [
        ("running", "new"),
        ("paused", "pending"),
        ("running", "open"),
    ]
    assert {part["calendar"] for part in clock["segments"]} == {f"{calendar.name} (UTC)"}
    assert [str(day["on"]) for day in clock["skipped"]["days"]] == ["2026-01-06"]
    assert clock["policy"]["name"] == plan.name
    assert "agreement" in clock["policy"]["reasons"][0]
    assert "any category" in clock["policy"]["reasons"][1]
    actions.set_priority(ticket.number, "high", actor=agent, at=MONDAY + 4 * HOUR)
    (clock,) = explain(ticket, at=MONDAY + 4 * HOUR)["clocks"]
    assert "Support" in clock["policy"]["reasons"][1]


def test_k9_late_is_told_in_business_time_and_in_wall_time():
    make_default(
        save_policy(
            calendar=save_calendar(document={**WEEKDAYS, "timezone": "UTC"}),
            targets={"resolution": amounts("8h")},
        )
    )
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + DAY + HOUR)
    (clock,) = explain(ticket, at=MONDAY + 9 * DAY)["clocks"]
    assert clock["late_business_seconds"] == 3600
    assert clock["late_wall_seconds"] == 17 * 3600


def test_c6_what_lies_past_the_horizon_is_shown_as_an_error():
    ticket = file_ticket()
    found = explain(ticket, at=MONDAY + 30 * 366 * DAY)
    assert (found["clocks"], found["due_at"]) == ([], None)
    assert "25 years" in found["error"]


def test_the_command_explains_a_ticket(capsys):
    ticket = file_ticket(category="support")
    with translation.override("en"):
        call_command("sla_explain", str(ticket.number))
    said = capsys.readouterr().out
    assert f"#{ticket.number} is due" in said
    assert "default policy" in said
    with pytest.raises(CommandError, match="There is no ticket"):
        call_command("sla_explain", "999999")
