"""The page of an organisation's month: what it shows, where it leads, and what it never tells."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from channels.service_reports import tell
from tests.factories import OrganisationFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.sla.promises import agree, amounts, save_policy
from tests.workspace.conftest import text_of
from tickets import actions

pytestmark = pytest.mark.usefixtures("clock")  # Monday 2 March 2026, 10:00 UTC
FEBRUARY = datetime(2026, 2, 9, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def acme(agent: User):
    agent.phone = "+43 1 234"
    agent.save()
    acme = OrganisationFactory(name="Acme")
    plan = save_policy(targets={"resolution": amounts("4h")}, at=FEBRUARY)
    agree(acme, plan, at=FEBRUARY, account_manager=agent, hours_a_month=10, notes="Rebate inside")
    return acme


def at(organisation, month):
    return reverse("workspace:service_report", args=[organisation.pk, month])


def late_ticket(acme, **values):
    ticket = file_ticket(
        UserFactory(organisation=acme), at=FEBRUARY, category="support", **values
    )  # fmt: skip
    actions.resolve(ticket.pk, actor=as_agent(), at=FEBRUARY + 5 * HOUR + timedelta(minutes=30))
    return ticket


def test_it_shows_agreement_tickets_promises_and_what_was_missed(desk: Client, acme):
    late_ticket(acme, subject="Export fails")
    shown = text_of(desk.get(at(acme, "2026-02")))
    for words in (
        "February 2026", "Policy 1", "10 hours a month", "Mia Berger, agent", "+43 1 234",
        "Support", "I have a question", "Export fails", "Mon 9 Feb, 13:00", "1 h 30 m",
    ):  # fmt: skip
        assert words in shown, words


def test_times_are_those_of_the_organisation(desk: Client, acme):
    late_ticket(acme)
    acme.time_zone = "Asia/Tokyo"
    acme.save()
    shown = text_of(desk.get(at(acme, "2026-02")))
    assert "Mon 9 Feb, 22:00" in shown
    assert "All times in Asia/Tokyo." in shown


def test_it_can_be_sent_for_nothing_internal_stands_in_it(desk: Client, acme, admin):
    team = TeamFactory(name="Escalations")
    ticket = late_ticket(acme)
    actions.note(ticket.pk, "They never pay", actor=as_agent(admin), at=FEBRUARY + 6 * HOUR)
    actions.set_tags(ticket.pk, ["difficult"], actor=as_agent(admin), at=FEBRUARY + 6 * HOUR)
    actions.hand_over(ticket.pk, team, actor=as_agent(admin), at=FEBRUARY + 6 * HOUR)
    acme.notes = "Beware of them"
    acme.save()
    page = text_of(desk.get(at(acme, "2026-02")))
    paper = page[page.index("<article") : page.index("</article>")]
    for secret in ("never pay", "difficult", "Escalations", "Beware", "Rebate", "/agent/"):
        assert secret not in paper, secret


def test_it_never_tells_what_another_organisation_wrote(desk: Client, acme):
    moved = late_ticket(acme, subject="Payroll of the other one")
    other = OrganisationFactory(name="Other")
    actions.set_organisation(moved.pk, other, actor=as_agent(), at=FEBRUARY + 6 * HOUR)
    shown = text_of(desk.get(at(acme, "2026-02")))
    assert "Payroll" not in shown
    assert "1 missed target is counted, but not listed" in shown


def test_a_month_without_anything_says_so(desk: Client, acme):
    assert "Nothing happened in this month" in text_of(desk.get(at(acme, "2025-11")))
    assert "No agreement was valid in this month." in text_of(desk.get(at(acme, "2025-11")))


def test_a_month_that_is_not_over_says_so(desk: Client, acme):
    assert "This month is not over" in text_of(desk.get(at(acme, "2026-03")))
    assert "This month is not over" not in text_of(desk.get(at(acme, "2026-02")))


def test_one_goes_from_month_to_month_but_not_into_the_future(desk: Client, acme):
    answer = desk.get(at(acme, "2026-02"))
    assert answer.context["previous"].href == at(acme, "2026-01")
    assert answer.context["following"].href == at(acme, "2026-03")
    assert desk.get(at(acme, "2026-03")).context["following"] is None
    chosen = reverse("workspace:latest_service_report", args=[acme.pk])
    assert desk.get(chosen).headers["Location"] == at(acme, "2026-02")
    assert desk.get(chosen, {"month": "2025-12"}).headers["Location"] == at(acme, "2025-12")
    old = desk.get(at(acme, "2019-07")).context["months"]
    assert f"{old[-1].first:%Y-%m}" == "2019-07"


@pytest.mark.parametrize(
    "month",
    [
        "2026-04", "2027-12", "9999-12", "0000-01", "2026-13", "2026-1", "x", "٢٠٢٦-01", "1969-12",
    ],
)  # fmt: skip
def test_other_months_are_none_and_the_list_leads_to_the_last_one(desk: Client, acme, month):
    assert desk.get(at(acme, month)).status_code == 404
    chosen = reverse("workspace:latest_service_report", args=[acme.pk])
    assert desk.get(chosen, {"month": month}).headers["Location"] == at(acme, "2026-02")


def test_nothing_leads_before_the_first_month(desk: Client, acme):
    assert desk.get(at(acme, "1970-01")).context["previous"] is None
    assert desk.get(at(acme, "1970-02")).context["previous"].href == at(acme, "1970-01")


def test_it_is_found_from_the_organisation_the_accounts_and_the_outbox(
    desk: Client, admins_desk: Client, acme, clock
):
    link = reverse("workspace:latest_service_report", args=[acme.pk])
    for page in (
        reverse("workspace:organisation", args=[acme.pk]), reverse("workspace:accounts"),
    ):  # fmt: skip
        assert link in text_of(desk.get(page))
    tell(clock.now)
    assert at(acme, "2026-02") in text_of(admins_desk.get(reverse("workspace:outgoing_mail")))


def test_it_shows_the_hours_used_and_when_they_changed_after_the_month(
    desk: Client, acme, agent, clock
):
    ticket, worked_on = late_ticket(acme), FEBRUARY.date()
    during = FEBRUARY + 6 * HOUR
    actions.log_time(ticket.pk, 90, worked_on, actor=as_agent(agent), at=during)
    shown = text_of(desk.get(at(acme, "2026-02")))
    assert "1 h 30 m" in shown
    assert "(15 %)" in shown
    assert "last logged, corrected or deleted" not in shown
    actions.log_time(ticket.pk, 30, worked_on, actor=as_agent(agent), at=clock.now)
    shown = text_of(desk.get(at(acme, "2026-02")))
    assert "(20 %)" in shown
    assert "last logged, corrected or deleted on 2 Mar 2026" in shown


def test_a_long_report_costs_the_same_queries(desk: Client, acme):
    counts = []
    for size in (2, 8):
        for _ in range(size):
            ticket = late_ticket(acme)
            actions.log_time(ticket.pk, 5, FEBRUARY.date(), actor=as_agent(), at=FEBRUARY)
        desk.get(at(acme, "2026-02"))
        with CaptureQueriesContext(connection) as queries:
            desk.get(at(acme, "2026-02"))
        counts.append(len(queries))
    assert counts[0] == counts[1]
