"""The page that says why: its sentence, its pauses, and the sentence in an answer."""

from datetime import timedelta

import pytest

from tests.factories import AgentFactory, OrganisationFactory, UserFactory, as_agent, file_ticket
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
    with django_assert_max_num_queries(15):
        client.get(f"/agent/tickets/{ticket.number}/clocks/")
