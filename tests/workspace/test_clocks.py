"""The page that says why: its sentence, its pauses, and the sentence in an answer."""

from datetime import timedelta

import pytest

from sla.sweep import sweep
from tests.factories import (
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import WEEKDAYS, amounts, make_default, save_calendar, save_policy
from tickets import actions
from tickets.models import Draft

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ticket(clock):
    """Filed on Monday 2 March 2026, 10:00 UTC, by somebody in Athens; eight hours a day there."""
    make_default(
        save_policy(
            calendar=save_calendar(document=WEEKDAYS, at=clock.now), at=clock.now,
            targets={"first_response": amounts("4h"), "resolution": amounts("16h")},
        )
    )  # fmt: skip
    athens = OrganisationFactory(time_zone="Europe/Athens")
    return file_ticket(UserFactory(organisation=athens, language="de"), at=clock.now)


@pytest.fixture
def mia(client):
    person = AgentFactory(name="Mia", time_zone="America/New_York")
    client.force_login(person)
    return person


def test_the_page_says_the_sentence_in_the_viewers_zone_and_who_paused_it(
    client, mia, ticket, clock
):
    actions.hold(ticket.number, actor=as_agent(mia), at=clock.now + HOUR, reason="the bank")
    clock.forward(hours=2)
    page = client.get(f"/agent/tickets/{ticket.number}/clocks/").content.decode()
    assert "4 h of business time, so due Monday 09:00 (America/New_York)." in page
    assert "resting since Monday 06:00 with 15 h left" in page
    assert "Mia: the bank" in page


def test_the_sentence_goes_into_the_draft_in_the_customers_zone_and_language(client, mia, ticket):
    Draft.objects.create(
        ticket=ticket, user=mia, kind="reply", body="Dear Kim,\n", saved_at=ticket.created_at
    )
    quote = f"/agent/tickets/{ticket.number}/clocks/first_response/1/quote/"
    answer = client.post(quote)
    assert answer.url == f"/agent/tickets/{ticket.number}/#reply"
    assert Draft.objects.get().body == (
        "Dear Kim,\n\n4 Std. Geschäftszeit, also fällig Montag 16:00 (Europe/Athens)."
    )
    page = client.get(f"/agent/tickets/{ticket.number}/").content.decode()
    assert "also fällig Montag 16:00" in page


def test_a_clock_that_is_not_there_is_not_quoted(client, mia, ticket):
    answer = client.post(f"/agent/tickets/{ticket.number}/clocks/update/1/quote/")
    assert answer.status_code == 404
    assert not Draft.objects.exists()


def test_explaining_costs_the_same_for_a_long_story(
    client, mia, ticket, clock, django_assert_max_num_queries
):
    for _ in range(12):
        clock.forward(minutes=5)
        actions.reply(ticket.number, "So?", actor=as_agent(mia), at=clock.now)
        actions.pend(ticket.number, actor=as_agent(mia), at=clock.now)
        actions.start(ticket.number, actor=as_agent(mia), at=clock.now + timedelta(minutes=1))
    with django_assert_max_num_queries(17):
        client.get(f"/agent/tickets/{ticket.number}/clocks/")


def test_t7_a_due_time_set_by_hand_is_shown_as_such_and_the_policy_can_say_it_again(
    client, mia, ticket, clock
):
    path = f"/agent/tickets/{ticket.number}/clocks/"
    page = client.get(path).content.decode()
    assert "Let the policy decide again" not in page
    client.post(f"{path}first_response/due/", {"due_at": "2026-03-04T11:30"})
    stored = ticket.clocks.get(metric="first_response")
    assert stored.is_manual
    assert stored.due_at.isoformat() == "2026-03-04T16:30:00+00:00"
    page = client.get(path).content.decode()
    assert "The time was set by hand, so due Wednesday 11:30 (America/New_York)." in page
    assert ">set by hand</span>" in client.get(f"/agent/tickets/{ticket.number}/").content.decode()
    client.post(f"{path}first_response/due/", {"clear": "1", "due_at": ""})
    assert "so due Monday 09:00 (America/New_York)" in client.get(path).content.decode()
    assert not ticket.clocks.get(metric="first_response").is_manual
    client.post(f"{path}first_response/due/", {"clear": "1"})
    assert ticket.events.filter(kind="sla.due_set").count() == 2  # an equal value makes none


def test_what_is_broken_only_an_admin_gives_more_time(client, mia, ticket, clock):
    path = f"/agent/tickets/{ticket.number}/clocks/first_response/due/"
    sweep(clock.forward(days=3))
    later = {"due_at": "2026-03-09T11:30"}
    page = client.post(path, later, follow=True).content.decode()
    assert "only admins give it more time" in page
    assert ticket.clocks.get(metric="first_response").state == "breached"
    client.force_login(AdminFactory())
    client.post(path, later)
    assert ticket.clocks.get(metric="first_response").state == "running"


@pytest.mark.parametrize("typed", ["2026-03-01T10:00", "2046-03-01T10:00", "tomorrow", ""])
def test_an_impossible_due_time_is_refused_at_its_field_and_kept(client, mia, ticket, typed):
    path = f"/agent/tickets/{ticket.number}/clocks/"
    before = ticket.clocks.get(metric="resolution").due_at
    answer = client.post(f"{path}resolution/due/", {"due_at": typed})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'name="due_at" value="{typed}"' in page or not typed
    assert 'id="resolution-due_at-error"' in page
    assert ticket.clocks.get(metric="resolution").due_at == before
    assert ticket.clocks.get(metric="first_response").due_at is not None


def test_a_clock_that_is_over_cannot_be_set(client, mia, ticket):
    path = f"/agent/tickets/{ticket.number}/clocks/"
    for form in ({"clear": "1"}, {"due_at": "2026-03-04T11:30"}, {"due_at": "soon"}):
        answer = client.post(f"{path}update/due/", form, follow=True)
        assert "No SLA clock of this kind counts at present." in answer.content.decode()
