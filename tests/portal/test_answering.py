"""Customers answer, say that it is solved, object, and read when to expect an answer."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from sla.answers import answer_due
from tests.factories import (
    as_agent,
    file_ticket,
)
from tests.sla import promises
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


def test_a_customer_answers_solves_and_objects(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    path = f"/ticket/{ticket.number}/"
    assert client.post(f"{path}answer/", {"body": "More"}).status_code == 302
    assert client.post(f"{path}answer/", {"body": ""}).status_code == 422
    client.post(f"{path}solve/")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert "It is not solved" in client.get(path).content.decode()
    client.post(f"{path}reopen/")
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_what_is_written_beside_this_solved_it_is_received_first(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    path = f"/ticket/{ticket.number}/solve/"
    file = SimpleUploadedFile("fix.txt", b"how")
    assert client.post(path, {"body": "A restart helped", "files": file}).status_code == 302
    ticket.refresh_from_db()
    last = ticket.messages.latest("id")
    assert (ticket.status, last.body) == ("resolved", "A restart helped")
    assert last.attachments.get().name == "fix.txt"


def test_a_refused_solved_keeps_what_was_written(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    sent = {"body": "A restart helped", "uploads": "7f3c1d5e-0000-4000-8000-000000000000"}
    answer = client.post(f"/ticket/{ticket.number}/solve/", sent)
    ticket.refresh_from_db()
    assert (answer.status_code, ticket.status) == (422, "new")
    assert "A restart helped" in answer.content.decode()
    assert ticket.messages.count() == 1


def test_the_objection_page_asks_and_only_the_button_reopens(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    path = f"/t/{secret}/object/"
    assert client.get(path).status_code == 200
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert client.post(path, {"body": "Still 500"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == ("open", 2)


def test_a_refused_objection_keeps_what_was_written(client):
    words = "It still fails" + "!" * 200_000
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    answer = client.post(f"/t/{secret}/object/", {"body": words})
    assert answer.status_code == 422
    assert words[:13] in answer.content.decode()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == ("resolved", 1)


def test_an_objection_to_a_closed_ticket_says_where_it_goes_on(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    actions.close(ticket.number, actor=as_agent(), at=timezone.now())
    answer = client.post(f"/t/{secret}/object/", {"body": "It still fails"}, follow=True)
    follow_up = Ticket.objects.get(follows_up=ticket)
    assert answer.redirect_chain[-1][0] == f"/ticket/{follow_up.number}/"
    assert f"opened ticket #{follow_up.number}" in answer.content.decode()


@pytest.mark.parametrize("door", ["answer", "object"])
def test_a_second_click_on_a_closed_ticket_opens_no_second_follow_up(client, door):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    actions.close(ticket.number, actor=as_agent(), at=timezone.now())
    client.get(f"/t/{secret}/")
    path = f"/ticket/{ticket.number}/answer/" if door == "answer" else f"/t/{secret}/object/"
    first, second = (client.post(path, {"body": "It still fails"}) for _ in range(2))
    assert first.url == second.url
    assert Ticket.objects.filter(follows_up=ticket).count() == 1
    client.post(path, {"body": "And another thing"})
    assert Ticket.objects.filter(follows_up=ticket).count() == 2


def test_a_late_objection_says_what_is_true(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    path = f"/t/{secret}/object/"
    assert "open again" in client.post(path, {"body": ""}, follow=True).content.decode()
    again = client.post(path, {"body": " "}, follow=True)
    assert again.status_code == 200
    assert "Only a resolved" not in again.content.decode()
    more = client.post(path, {"body": "Still"}, follow=True).content.decode()
    assert "We have your answer" in more


def promised(path: str, client: Client) -> tuple[bool, bool]:
    """Whether a page speaks of an answer, and of a solution."""
    page = client.get(path).content.decode()
    return "Next answer due" in page, "We aim to solve it by" in page


def test_after_the_first_answer_no_other_deadline_is_called_an_answer(client, clock):
    promises.make_default(
        promises.save_policy(targets={
            "first_response": promises.amounts("1h"), "next_response": promises.amounts("2h"),
            "resolution": promises.amounts("40h"),
        })
    )  # fmt: skip
    agent, ticket = as_agent(), file_ticket(at=clock.now)
    client.force_login(ticket.requester)
    pages = ("/my/", f"/ticket/{ticket.number}/")
    assert [promised(page, client) for page in pages] == [(True, False)] * 2
    assert answer_due(ticket) == clock.now + timedelta(hours=1)
    actions.reply(ticket.number, "We look", actor=agent, at=clock.now)
    clock.forward(minutes=1)
    assert [promised(page, client) for page in pages] == [(False, True)] * 2
    client.post(f"/ticket/{ticket.number}/answer/", {"body": "More"})
    assert answer_due(ticket) == clock.now + timedelta(hours=2)
    assert [promised(page, client) for page in pages] == [(True, False)] * 2
