"""Time entries over REST."""

import pytest

from tests.factories import UserFactory, file_ticket

pytestmark = pytest.mark.django_db


def test_time_is_logged_listed_corrected_and_deleted(as_agent, clock):
    ticket = file_ticket(at=clock.now)
    path = f"/tickets/{ticket.number}/time/"
    made = as_agent("POST", path, {"minutes": 90, "words": "Call"})
    assert made.status_code == 201
    assert made.body["worked_on"] == clock.now.date().isoformat()
    assert (made.body["category"], made.body["is_billable"]) == (None, True)
    assert as_agent("GET", path).body["data"] == [made.body]
    one = f"{path}{made.body['id']}/"
    changed = as_agent("PATCH", one, {"minutes": 30, "category": "adaptive"})
    assert changed.body == made.body | {"minutes": 30, "category": "adaptive"}
    assert as_agent("DELETE", one).status_code == 204
    assert as_agent("PATCH", one, {"minutes": 3}).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/minutes"),
        ({"minutes": 0}, "/minutes"),
        ({"minutes": 5, "worked_on": "2099-01-01"}, "/worked_on"),
        ({"minutes": 5, "category": "idle"}, "/category"),
        ({"minutes": 5, "author": 1}, "/author"),
    ],
)
def test_what_cannot_be_logged_is_refused_at_its_place(as_agent, clock, body, pointer):
    refused = as_agent("POST", f"/tickets/{file_ticket(at=clock.now).number}/time/", body)
    assert refused.status_code == 400
    assert pointer in str(refused.body)


def test_customers_find_it_locked_and_others_entries_stay_theirs(
    as_agent, as_customer, as_integration, customer, clock
):
    ticket = file_ticket(customer, at=clock.now)
    path = f"/tickets/{ticket.number}/time/"
    one = f"{path}{as_agent('POST', path, {'minutes': 5}).body['id']}/"
    assert as_customer("GET", path).status_code == 403
    assert as_customer("POST", path, {"minutes": 5}).status_code == 403
    assert as_customer("PATCH", one, {"minutes": 6}).status_code == 403
    assert as_customer("DELETE", one).status_code == 403
    hidden = file_ticket(UserFactory()).number
    assert as_customer("GET", f"/tickets/{hidden}/time/").status_code == 404
    own = as_integration("POST", path, {"minutes": 7}).body
    assert (own["author"], own["author_name"]) == (None, "test")
    assert as_agent("DELETE", f"{path}{own['id']}/").status_code == 403
