"""Quoting a message: its words behind what was typed, and no note in a reply."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ticket(clock) -> Ticket:
    person = UserFactory(name="Ana *Duarte*", time_zone="Europe/Vienna")
    return file_ticket(person, body="It fails.\n\nSince *today*.", at=clock.now)


def quote(client: Client, ticket: Ticket, message: int, kind: str = "reply"):
    return client.get(f"/agent/tickets/{ticket.number}/quote/{message}/", {"kind": kind})


def test_a_message_is_quoted_in_the_readers_zone_and_language(
    desk: Client, agent: User, ticket: Ticket
):
    message = ticket.messages.get()
    said = "\n\n> It fails.\n>\n> Since *today*.\n\n"
    assert quote(desk, ticket, message.pk).json() == {
        "kind": "reply",
        "text": rf"Ana \*Duarte\* wrote on Mon 2 Mar 2026, 11:00 CET:{said}",
    }
    assert quote(desk, ticket, message.pk, "note").json() == {
        "kind": "note",
        "text": rf"Ana \*Duarte\* wrote on Mon 2 Mar 2026, 10:00 UTC:{said}",
    }
    User.objects.filter(pk=ticket.requester_id).update(language="de")
    german = quote(desk, ticket, message.pk).json()["text"]
    assert german.startswith(r"Ana \*Duarte\* schrieb am Mo 2. Mär 2026, 11:00 CET:")


def test_what_the_customer_does_not_read_is_quoted_in_a_note(desk: Client, ticket: Ticket, clock):
    note = actions.note(ticket.number, "Secret", actor=as_agent(), at=clock.now)
    assert quote(desk, ticket, note.message_id).json()["kind"] == "note"
    other = file_ticket(UserFactory(name="Ben"), at=clock.now)
    actions.merge(other.number, ticket.number, actor=as_agent(), at=clock.now)
    assert quote(desk, ticket, other.messages.get().pk).json()["kind"] == "note"
    late = actions.receive(other.number, "Me, too", actor=as_agent(other.requester), at=clock.now)
    assert late.ticket_id == ticket.number
    assert quote(desk, ticket, late.message_id).json()["kind"] == "note"
    assert quote(desk, other, other.messages.get().pk).json()["kind"] == "note"


def test_nothing_that_one_may_not_see_is_quoted(desk: Client, ticket: Ticket, clock):
    message = ticket.messages.get().pk
    foreign = file_ticket(at=clock.now)
    assert quote(desk, foreign, message).status_code == 404
    assert quote(desk, ticket, 2**62).status_code == 404
    actions.redact_message(ticket.number, message, actor=as_agent(), at=clock.now)
    assert quote(desk, ticket, message).status_code == 404
    insider = AgentFactory()
    hidden = file_ticket(
        team=TeamFactory(is_private=True, members=[insider]), actor=as_agent(insider), at=clock.now
    )
    assert quote(desk, hidden, hidden.messages.get().pk).status_code == 404
    assert quote(signed_in(insider), hidden, hidden.messages.get().pk).status_code == 200


def test_without_scripts_the_quote_stands_behind_what_was_typed(desk: Client, ticket: Ticket):
    sent = {"kind": "reply", "body": "Hello Ana,", "quote": ticket.messages.get().pk}
    page = text_of(desk.post(f"/agent/tickets/{ticket.number}/quote/", sent))
    assert "Hello Ana,\n\nAna" in page
    assert "&gt; It fails." in page
    assert desk.post(f"/agent/tickets/{ticket.number}/quote/", {"quote": "x"}).status_code == 404
