"""How promises were kept: what counts where, and that it counts the same for ever."""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.actor import Actor
from sla.attainment import Period, report, total
from sla.audit import drift
from sla.models import Policy
from sla.rollout import follow_changes
from sla.sweep import sweep
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import amounts, make_default, save_policy
from tickets import actions

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYTHING = Actor.system()
UTC, AUCKLAND = ZoneInfo("UTC"), ZoneInfo("Pacific/Auckland")


def period(first=0, last=6, zone=UTC):
    """Days after Monday 5 January 2026."""
    return Period(date(2026, 1, 5 + first), date(2026, 1, 5 + last), zone)


@pytest.fixture(autouse=True)
def policy():
    return make_default(save_policy(targets={"resolution": amounts("4h")}, at=MONDAY - DAY))


def resolved(after, at=MONDAY, **values):
    requester = values.pop("requester", None)
    ticket = file_ticket(requester, at=at, category=values.pop("category", "support"), **values)
    actions.resolve(ticket.number, actor=as_agent(), at=at + after)
    return ticket


def only(lines):
    (line,) = lines
    return line


def test_a1_met_of_met_and_breached_by_metric():
    resolved(HOUR)
    resolved(2 * HOUR)
    resolved(5 * HOUR)
    line = only(report(EVERYTHING, period(), by="metric"))
    assert (line.key, line.met, line.breached) == ("resolution", 2, 1)
    assert line.attainment == pytest.approx(2 / 3)
    assert line.took_business[0] == 2 * 3600
    assert line.late_business == (3600, 3600)
    assert line.late_wall == (3600, 3600)


def test_a1_the_day_is_that_of_the_end_in_the_reports_zone():
    resolved(HOUR, at=MONDAY + 2 * HOUR)  # 12:00 UTC, already Tuesday in Auckland
    assert total(EVERYTHING, period(0, 0)).met == 1
    assert total(EVERYTHING, period(0, 0, AUCKLAND)).met == 0
    assert total(EVERYTHING, period(1, 1, AUCKLAND)).met == 1


def test_a1_live_breaches_and_what_ended_without_an_answer_stand_apart():
    make_default(save_policy(targets={"first_response": amounts("4h")}, at=MONDAY - DAY))
    unanswered = file_ticket(category="support")
    actions.resolve(unanswered.number, actor=as_agent(), at=MONDAY + HOUR)
    file_ticket()
    sweep(MONDAY + 5 * HOUR)
    line = total(EVERYTHING, period())
    assert (line.met, line.breached, line.no_answer, line.open_breaches) == (0, 0, 1, 1)
    assert line.attainment is None


def test_spam_does_not_count():
    ticket = file_ticket()
    actions.mark_spam(ticket.number, actor=as_agent(), at=MONDAY + 5 * HOUR)
    line = total(EVERYTHING, period())
    assert (line.judged, line.cancelled, line.open_breaches) == (0, 0, 0)


def test_a2_a_period_that_is_over_gives_the_same_numbers_for_ever():
    acme = OrganisationFactory()
    kim = UserFactory(organisation=acme)
    ticket = resolved(HOUR, requester=kim)
    before = report(EVERYTHING, period(0, 0), by="organisation")
    actions.reopen(ticket.number, actor=as_customer(kim), at=MONDAY + 2 * DAY)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 3 * DAY)
    other = OrganisationFactory()
    actions.set_organisation(ticket.number, other, actor=as_agent(), at=MONDAY + 3 * DAY)
    assert report(EVERYTHING, period(0, 0), by="organisation") == before
    again = only(report(EVERYTHING, period(3, 3), by="organisation"))
    assert (again.met, again.breached) == (0, 1)


def test_a2_what_is_taken_back_within_the_period_counts_once():
    kim = UserFactory()
    ticket = resolved(HOUR, requester=kim)
    actions.reopen(ticket.number, actor=as_customer(kim), at=MONDAY + 2 * HOUR)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 3 * HOUR)
    assert total(EVERYTHING, period()).met == 1


def test_r3_a_breach_that_another_promise_supersedes_counts_no_more():
    kim, promised = UserFactory(), Policy.objects.get(is_default=True)
    ticket = resolved(5 * HOUR, requester=kim)
    actions.reopen(ticket.number, actor=as_customer(kim), at=MONDAY + DAY)
    assert (total(EVERYTHING, period()).met, total(EVERYTHING, period()).breached) == (0, 1)
    save_policy(promised, at=MONDAY + 2 * DAY, targets={"resolution": amounts("200h")})
    follow_changes(MONDAY + 2 * DAY)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 3 * DAY)
    assert (total(EVERYTHING, period()).met, total(EVERYTHING, period()).breached) == (1, 0)
    assert total(EVERYTHING, period(0, 0)).breached == 1  # what is over stays as it was (A2)
    assert list(drift(MONDAY + 3 * DAY)) == []


def test_r4_a_breach_that_was_reopened_does_not_count_once_it_is_spam():
    kim = UserFactory()
    ticket = resolved(5 * HOUR, requester=kim)
    actions.reopen(ticket.number, actor=as_customer(kim), at=MONDAY + 6 * HOUR)
    actions.mark_spam(ticket.number, actor=as_agent(), at=MONDAY + 7 * HOUR)
    assert total(EVERYTHING, period()).judged == 0
    assert list(drift(MONDAY + 7 * HOUR)) == []


def test_a3_paused_time_is_in_wall_time_and_not_in_business_time():
    ticket = file_ticket(category="support")
    actions.pend(ticket.number, actor=as_agent(), at=MONDAY + HOUR)
    actions.start(ticket.number, actor=as_agent(), at=MONDAY + 4 * HOUR)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 5 * HOUR)
    line = total(EVERYTHING, period())
    assert (line.took_business[0], line.took_wall[0]) == (2 * 3600, 5 * 3600)
    assert line.paused_share == pytest.approx(3 / 5)


@pytest.mark.parametrize("by", ["metric", "policy", "organisation", "category", "team", "product"])
def test_every_breakdown_adds_up_to_the_total(by):
    acme = OrganisationFactory()
    resolved(HOUR, requester=UserFactory(organisation=acme))
    resolved(5 * HOUR, category="corrective")
    file_ticket(category="adaptive")
    sweep(MONDAY + 6 * HOUR)
    lines = report(EVERYTHING, period(), by=by)
    everything = total(EVERYTHING, period())
    for figure in ("met", "breached", "open_breaches"):
        assert sum(getattr(line, figure) for line in lines) == getattr(everything, figure)


def test_a_report_is_narrowed_by_any_breakdown():
    resolved(HOUR, category="support")
    resolved(5 * HOUR, category="corrective")
    line = total(EVERYTHING, period(), {"category": "corrective"})
    assert (line.met, line.breached) == (0, 1)
    assert total(EVERYTHING, period(), {"team": None}).judged == 2


def test_a_private_teams_tickets_are_in_nobody_elses_report():
    insider, outsider = AgentFactory(), AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    ticket = file_ticket(category="support")
    actions.hand_over(ticket.number, team, actor=as_agent(insider), at=MONDAY)
    actions.resolve(ticket.number, actor=as_agent(insider), at=MONDAY + HOUR)
    assert total(as_agent(insider), period()).met == 1
    assert total(as_agent(outsider), period()).met == 0
    assert report(as_agent(outsider), period(), by="team") == []
