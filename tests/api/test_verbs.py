"""What the ticket page does by a button, REST does by a POST, through the same actions."""

import re

import pytest

from tests.factories import UserFactory, file_ticket
from tests.factories import as_agent as agent_actor
from tickets import actions
from tickets.models import Message, Ticket
from web.api.v1.inputs import TicketPatch
from web.api.v1.urls import urlpatterns
from web.workspace.changes import CHANGES

pytestmark = pytest.mark.django_db
ELSEWHERE = {  # what a form of the page is called in the API
    "confirm": "category", "take": "assignee", "field": "fields", "undo": "withdraw",
    "redact_message": "redact", "redact_file": "redact", "not_spam": "not-spam",
    "link": "links", "unlink": "links", "wake": "snooze",
    "add_cc": "cc", "remove_cc": "cc", "log_time": "time",
    "add_item": "checklist", "rename_item": "checklist", "tick_item": "checklist",
    "move_item": "checklist", "remove_item": "checklist",
}  # fmt: skip


@pytest.fixture
def ticket(customer) -> Ticket:
    return file_ticket(customer)


def write(caller, ticket: Ticket, kind: str = "reply") -> str:
    path = f"/tickets/{ticket.number}/messages/"
    return f"{path}{caller('POST', path, {'kind': kind, 'body': 'zzwords'}).body['id']}/"


@pytest.mark.parametrize("what", CHANGES)
def test_whatever_a_form_of_the_ticket_page_does_has_a_call(what):
    posts = {
        match[1]
        for route in urlpatterns
        if (match := re.search(r"([\w-]+)/$", str(route.pattern)))
    }
    assert ELSEWHERE.get(what, what) in set(TicketPatch().fields) | posts


def test_spam_closes_the_ticket_and_can_block_its_sender(as_agent, ticket):
    path = f"/tickets/{ticket.number}/"
    marked = as_agent("POST", f"{path}spam/", {"block_sender": True}, Idempotency_Key="s")
    assert (marked.status_code, marked.body["is_spam"]) == (200, True)
    assert marked.body["status"] == "closed"
    assert marked.headers["ETag"] == as_agent("GET", path).headers["ETag"]
    ticket.requester.refresh_from_db()
    assert ticket.requester.is_blocked
    again = as_agent("POST", f"{path}spam/", {"block_sender": True}, Idempotency_Key="s")
    assert again.headers["Idempotency-Replayed"] == "true"
    back = as_agent("POST", f"{path}not-spam/")
    assert (back.status_code, back.body["is_spam"], back.body["status"]) == (200, False, "new")
    ticket.requester.refresh_from_db()
    assert not ticket.requester.is_blocked


def test_a_person_watches_and_an_integration_cannot(as_agent, as_integration, agent, ticket):
    path = f"/tickets/{ticket.number}/"
    assert as_agent("POST", f"{path}watch/").status_code == 200
    assert ticket.watches.get().user == agent
    assert as_agent("POST", f"{path}unwatch/", {}).status_code == 200
    assert not ticket.watches.exists()
    assert as_integration("POST", f"{path}watch/").status_code == 403


def test_an_author_takes_a_message_back_within_ten_seconds(as_agent, ticket, clock):
    path = write(as_agent, ticket)
    taken = as_agent("POST", f"{path}withdraw/")
    assert (taken.status_code, taken.body["body"]) == (200, "")
    assert taken.body["withdrawn_at"]
    late = write(as_agent, ticket, "note")
    clock.forward(seconds=10)
    refused = as_agent("POST", f"{late}withdraw/")
    assert (refused.status_code, refused.body["code"]) == (409, "too_late_to_undo")


def test_a_redacted_message_keeps_its_place_without_its_words(as_integration, ticket):
    path = write(as_integration, ticket)
    redacted = as_integration("POST", f"{path}redact/")
    assert (redacted.status_code, redacted.body["body"]) == (200, "")
    assert redacted.body["redacted_at"]
    assert (
        "zzwords"
        not in as_integration("GET", f"/tickets/{ticket.number}/messages/").content.decode()
    )
    assert as_integration("POST", f"{path}redact/").status_code == 404


def test_a_redacted_file_is_gone(as_agent, ticket):
    from django.core.files.uploadedfile import SimpleUploadedFile

    sent = as_agent._client.post(
        f"/api/v1/tickets/{ticket.number}/attachments/",
        {"kind": "note", "file": SimpleUploadedFile("zzkeys.txt", b"hello")},
        headers=as_agent._headers,
    ).json()
    (file,) = sent["attachments"]
    path = f"/tickets/{ticket.number}/attachments/{file['id']}/redact/"
    foreign = file_ticket()
    assert (
        as_agent("POST", path.replace(str(ticket.number), str(foreign.number))).status_code == 404
    )
    redacted = as_agent("POST", path)
    assert (redacted.status_code, redacted.body["name"]) == (200, "")
    assert redacted.body["redacted_at"]
    assert as_agent("GET", f"/attachments/{file['id']}/").status_code == 404


@pytest.mark.parametrize("verb", ["spam", "not-spam", "watch", "unwatch"])
def test_a_customer_may_do_none_of_it_and_a_stranger_sees_nothing(
    as_customer, token_for, ticket, verb
):
    foreign = file_ticket(UserFactory())
    assert as_customer("POST", f"/tickets/{ticket.number}/{verb}/").status_code == 403
    assert as_customer("POST", f"/tickets/{foreign.number}/{verb}/").status_code == 404


@pytest.mark.parametrize("verb", ["withdraw", "redact"])
def test_a_customer_can_neither_withdraw_nor_redact(as_customer, ticket, verb):
    event = actions.reply(ticket.number, "Words", actor=agent_actor(), at=ticket.created_at)
    path = f"/tickets/{ticket.number}/messages/{event.message_id}/"
    assert as_customer("POST", f"{path}{verb}/").status_code == 403
    assert Message.objects.get(pk=event.message_id).body == "Words"


@pytest.mark.parametrize("verb", ["not-spam", "watch", "unwatch"])
def test_a_call_without_values_refuses_any(as_agent, ticket, verb):
    answer = as_agent("POST", f"/tickets/{ticket.number}/{verb}/", {"number": 1})
    assert (answer.status_code, answer.body["errors"][0]["pointer"]) == (400, "/number")
