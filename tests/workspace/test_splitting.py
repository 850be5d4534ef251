"""Splitting on the ticket page: by the message's menu, and then the message says where it went."""

import re

from django.test import Client

from tests.factories import UserFactory, as_agent, as_customer, file_ticket
from tests.workspace.conftest import text_of
from tickets import actions
from tickets.models import Ticket


def test_a_message_is_split_and_says_so_at_both_ends(desk: Client, clock):
    ana = UserFactory()
    ticket = file_ticket(ana, at=clock.now)
    asked = actions.receive(
        ticket.number, "And the scanner?", actor=as_customer(ana), at=clock.now
    )
    page = f"/agent/tickets/{ticket.number}/"
    assert text_of(desk.get(page)).count("Split into a ticket of its own") == 2
    answer = desk.post(f"{page}change/split/", {"message": asked.message.pk}, follow=True)
    made = Ticket.objects.latest("number")
    said = text_of(answer)
    assert f"split into #{made.number}" in said
    assert said.count("Split into a ticket of its own") == 1
    far = text_of(desk.get(f"/agent/tickets/{made.number}/"))
    assert "And the scanner?" in far
    assert re.search(rf"split from.*?#{ticket.number}\b", far, re.DOTALL)


def test_what_cannot_be_split_says_why(desk: Client, clock):
    ticket = file_ticket(at=clock.now)
    note = actions.note(ticket.number, "Hm.", actor=as_agent(), at=clock.now).message
    url = f"/agent/tickets/{ticket.number}/change/split/"
    answer = desk.post(url, {"message": note.pk})
    assert answer.status_code == 422
    assert "Only what a customer wrote can become a ticket." in text_of(answer)
    assert desk.post(url, {"message": "x"}).status_code in {404, 422}
