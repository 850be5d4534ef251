"""Why a ticket is due when it is, in a sentence that a customer would accept."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.utils import timezone, translation

from accounts.models import DeskSettings
from sla.actions import set_due
from sla.explain import explain
from sla.rollout import follow_changes
from sla.sweep import sweep
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import (
    ALWAYS,
    WEEKDAYS,
    agree,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def in_berlin():
    with timezone.override(BERLIN), translation.override("en"):
        yield


@pytest.fixture
def calendar():
    return save_calendar(document={**WEEKDAYS, "timezone": "Europe/Berlin"})


def resolution(calendar, amount="4h", **more):
    return make_default(
        save_policy(calendar=calendar, targets={"resolution": amounts(amount)}, **more)
    )


def berlin(day, hour, minute=0):
    """An instant in the week of Monday 5 January 2026."""
    return datetime(2026, 1, 4 + day, hour, minute, tzinfo=BERLIN)


def said(ticket, at):
    (clock,) = explain(ticket, at=at)["clocks"]
    return clock["sentence"]


def test_a_pause_over_the_weekend_in_one_sentence(calendar):
    resolution(calendar)
    ticket = file_ticket(at=berlin(5, 14, 50))
    agent = as_agent()
    actions.pend(ticket.number, actor=agent, at=berlin(5, 16, 10))
    assert said(ticket, berlin(5, 16, 30)) == (
        "4 h of business time, resting since Friday 16:10 with 2 h 40 min left (Europe/Berlin)."
    )
    actions.start(ticket.number, actor=agent, at=berlin(6, 12))
    assert said(ticket, berlin(6, 12)) == (
        "4 h of business time, 1 h 20 min used before the pause on Friday 16:10,"
        " so due Monday 11:40 (Europe/Berlin)."
    )


def test_around_the_clock_is_said_so():
    resolution(save_calendar(document=ALWAYS))
    ticket = file_ticket(at=berlin(1, 9))
    assert said(ticket, berlin(1, 9)) == (
        "4 h, counted around the clock, so due Monday 13:00 (Europe/Berlin)."
    )


def test_what_was_kept_and_what_was_not_is_said_so(calendar):
    resolution(calendar)
    kept, late, waiting = (file_ticket(at=berlin(1, 9), category="support") for _ in range(3))
    actions.resolve(kept.number, actor=as_agent(), at=berlin(1, 10, 30))
    actions.resolve(late.number, actor=as_agent(), at=berlin(1, 13, 30))
    sweep(berlin(1, 15))
    assert "done in time Monday 10:30 after 1 h 30 min" in said(kept, berlin(2, 9))
    assert "due Monday 13:00, done Monday 13:30, 30 min of business time late" in said(
        late, berlin(2, 9)
    )
    assert "so due Monday 13:00, which is over by 2 h of business time" in said(
        waiting, berlin(1, 15)
    )


def test_a_far_day_is_said_with_its_date(calendar):
    resolution(calendar, "80h")
    ticket = file_ticket(at=berlin(1, 9))
    assert "so due Friday 16 January, 17:00" in said(ticket, berlin(1, 9))


def test_t7_a_time_set_by_hand_is_said_so(calendar):
    resolution(calendar)
    ticket = file_ticket(at=berlin(1, 9))
    set_due(ticket.number, "resolution", berlin(3, 12), actor=as_agent(), at=berlin(1, 10))
    assert said(ticket, berlin(1, 10)) == (
        "The time was set by hand, so due Wednesday 12:00 (Europe/Berlin)."
    )


def test_p5_a_pause_says_who_caused_it_and_for_what(calendar):
    resolution(calendar)
    ticket = file_ticket(at=berlin(1, 9))
    mia = AgentFactory(name="Mia")
    actions.hold(
        ticket.number, actor=as_agent(mia), at=berlin(1, 10), reason="the bank's new interface"
    )
    (clock,) = explain(ticket, at=berlin(1, 12))["clocks"]
    pause = clock["segments"][-1]
    assert (pause["state"], pause["status"]) == ("paused", "on_hold")
    assert (pause["by"], pause["because"]) == ("Mia", "the bank's new interface")


def test_nights_weekends_and_holidays_on_the_way_are_listed(calendar):
    document = {
        **WEEKDAYS, "timezone": "Europe/Berlin", "holidays": ["2026-01-06"],
        "holiday_names": {"2026-01-06": "Epiphany"},
    }  # fmt: skip
    resolution(save_calendar(document=document), "32h")
    ticket = file_ticket(at=berlin(1, 9))
    skipped = explain(ticket, at=berlin(1, 9))["clocks"][0]["skipped"]
    days = [(str(day["on"]), day["is_special"], day["name"]) for day in skipped["days"]]
    assert days == [("2026-01-06", True, "Epiphany")]
    assert skipped["nights"] == 3
    resolution(save_calendar(document=document), "40h")
    ticket = file_ticket(at=berlin(1, 9))
    skipped = explain(ticket, at=berlin(1, 9))["clocks"][0]["skipped"]
    assert [str(day["on"]) for day in skipped["days"]] == [
        "2026-01-06", "2026-01-10", "2026-01-11",
    ]  # fmt: skip


def test_the_night_before_the_first_opening_is_counted_as_well(calendar):
    resolution(save_calendar(document={**WEEKDAYS, "timezone": "Europe/Berlin"}), "4h")
    ticket = file_ticket(at=berlin(1, 21))
    assert explain(ticket, at=berlin(1, 22))["clocks"][0]["skipped"]["nights"] == 1


def test_t1_a_change_of_target_is_listed(calendar):
    hours = {"low": "8h", "normal": "4h", "high": "2h", "urgent": "1h"}
    make_default(save_policy(calendar=calendar, targets={"resolution": {"": hours}}))
    ticket = file_ticket(at=berlin(1, 9))
    actions.set_priority(ticket.number, "low", actor=as_agent(), at=berlin(1, 10))
    (clock,) = explain(ticket, at=berlin(1, 10))["clocks"]
    (change,) = clock["target_changes"]
    assert (change["at"], change["from_seconds"], change["to_seconds"]) == (
        berlin(1, 10), 4 * 3600, 8 * 3600,
    )  # fmt: skip


def test_t7_why_the_policies_before_did_not_match_is_said(calendar):
    vip = save_policy(calendar=calendar, document={"match": {"tag": "vip", "priority": "urgent"}})
    policy = resolution(calendar)
    ticket = file_ticket(at=berlin(1, 9))
    (clock,) = explain(ticket, at=berlin(1, 9))["clocks"]
    assert clock["policy"]["name"] == policy.name
    assert clock["policy"]["reasons"][0] == (
        f"“{vip.name}” comes before it, but is for tickets of another priority and tag."
    )


def test_t10_why_an_agreement_does_not_cover_is_said(calendar):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Berlin"})
    acme, ledger = OrganisationFactory(), ProductFactory()
    resolution(calendar)
    ana, bob = UserFactory(organisation=acme), UserFactory(organisation=acme)
    agree(
        acme, save_policy(is_plan=True), products=[ledger], contacts=[ana],
        valid_from=berlin(1, 0), valid_until=berlin(5, 0),
    )  # fmt: skip

    def reasons(at, **values):
        requester = values.pop("requester", ana)
        (clock,) = explain(file_ticket(requester, at=at, **values), at=at)["clocks"]
        return " ".join(clock["policy"]["reasons"])

    assert "not for this product" in reasons(berlin(1, 9))
    assert "not a named contact" in reasons(berlin(1, 9), requester=bob, product=ledger)
    assert "ended on 8 Jan 2026" in reasons(berlin(5, 9), product=ledger)
    assert "begins on 5 Jan 2026" in reasons(berlin(0, 9), product=ledger)


def test_t6_a_forgotten_holiday_changes_the_sentence(calendar):
    resolution(calendar, "12h")
    ticket = file_ticket(at=berlin(1, 9))
    assert "so due Tuesday 13:00" in said(ticket, berlin(2, 9))
    save_calendar(
        calendar, at=berlin(2, 9), counted_from=MONDAY - DAY,
        document={**WEEKDAYS, "timezone": "Europe/Berlin", "holidays": ["2026-01-05"]},
    )  # fmt: skip
    follow_changes(berlin(2, 9))
    assert "so due Wednesday 13:00" in said(ticket, berlin(2, 9))


def test_the_command_says_the_sentence(calendar, capsys):
    resolution(calendar)
    ticket = file_ticket(at=berlin(1, 9))
    call_command("sla_explain", str(ticket.number))
    assert "4 h of business time" in capsys.readouterr().out


def test_german_says_it_in_german(calendar):
    resolution(calendar)
    ticket = file_ticket(at=berlin(1, 9))
    with translation.override("de"):
        assert said(ticket, berlin(1, 9)) == (
            "4 Std. Geschäftszeit, also fällig Montag 13:00 (Europe/Berlin)."
        )
