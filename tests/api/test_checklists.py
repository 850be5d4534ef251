"""The checklist of a ticket over REST."""

import pytest

from tests.factories import file_ticket
from tickets.models import Event

pytestmark = pytest.mark.django_db


def test_items_are_listed_added_changed_at_once_and_removed(as_agent, clock):
    path = f"/tickets/{file_ticket(at=clock.now).number}/checklist/"
    made = as_agent("POST", path, {"text": "Ask"}, Idempotency_Key="a")
    assert made.status_code == 201
    assert as_agent("POST", path, {"text": "Ask"}, Idempotency_Key="a").body == made.body
    second = as_agent("POST", path, {"text": "Test"}).body
    assert (second["place"], second["is_done"], second["done_by"]) == (2, False, None)
    one = f"{path}{second['id']}/"
    changed = as_agent("PATCH", one, {"text": "Try", "is_done": True, "place": 1}).body
    assert (changed["text"], changed["place"], changed["is_done"]) == ("Try", 1, True)
    assert changed["done_at"].endswith("Z")
    assert changed["done_by"]["name"]
    assert [row["text"] for row in as_agent("GET", path).body["data"]] == ["Try", "Ask"]
    events = Event.objects.filter(kind="ticket.checklist_changed")
    assert events.count() == 3
    assert as_agent("PATCH", one, {"is_done": True}).body == changed
    assert events.count() == 3
    assert as_agent("DELETE", one).status_code == 204
    assert as_agent("DELETE", one).status_code == 404
    assert [row["place"] for row in as_agent("GET", path).body["data"]] == [1]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({}, "/text"), ({"text": ""}, "/text"), ({"text": "x" * 251}, "/text"),
     ({"text": "x", "place": 1}, "/place")],
)  # fmt: skip
def test_what_is_no_item_is_refused_at_its_place(as_agent, body, pointer):
    refused = as_agent("POST", f"/tickets/{file_ticket().number}/checklist/", body)
    assert refused.status_code == 400
    assert [each["pointer"] for each in refused.body["errors"]] == [pointer]


def test_a_customer_is_refused(as_agent, as_customer, customer):
    path = f"/tickets/{file_ticket(customer).number}/checklist/"
    one = f"{path}{as_agent('POST', path, {'text': 'Ask'}).body['id']}/"
    assert as_agent("PATCH", one, {"place": 2}).body["errors"][0]["pointer"] == "/place"
    assert as_customer("GET", path).status_code == 403
    assert as_customer("POST", path, {"text": "x"}).status_code == 403
    assert as_customer("PATCH", one, {"is_done": True}).status_code == 403
    assert as_customer("DELETE", one).status_code == 403
