"""One form files once, and another issue written into it is another ticket."""

import re

import pytest
from django.test import Client

from tests.conftest import Clock
from tests.workspace.conftest import text_of
from tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def form(client: Client, clock: Clock) -> dict[str, str]:
    """The form as a stranger has filled it in."""
    page = text_of(client.get("/new/"))
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    clock.forward(seconds=20)
    return {
        **hidden, "name": "Kim", "email": "kim@acme.example", "subject": "One", "body": "First.",
        "category": "support",
    }  # fmt: skip


def test_sending_the_same_twice_files_once(client, form):
    client.post("/new/", form)
    client.post("/new/", form)
    assert Ticket.objects.count() == 1


def test_going_back_and_writing_of_something_else_files_that_too(client, form):
    client.post("/new/", form)
    answer = client.post("/new/", {**form, "subject": "Two", "body": "Second."}, follow=True)
    assert set(Ticket.objects.values_list("subject", flat=True)) == {"One", "Two"}
    assert f"#{Ticket.objects.get(subject='Two').number}" in text_of(answer)


def test_somebody_elses_form_key_shows_nobody_their_ticket(client, form):
    client.post("/new/", form)
    other = Client()
    other.post("/new/", {**form, "email": "eve@evil.example", "body": "Let me see."})
    assert Ticket.objects.filter(requester__email="eve@evil.example").count() == 1
