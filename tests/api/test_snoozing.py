"""Snoozing over REST."""

from datetime import timedelta

import pytest

from tests.factories import file_ticket

pytestmark = pytest.mark.django_db


def test_a_ticket_is_snoozed_and_woken_and_customers_hear_nothing_of_it(
    as_agent, as_customer, customer, clock
):
    path = f"/tickets/{file_ticket(customer, at=clock.now).number}/"
    done = as_agent("POST", f"{path}snooze/", {"until": "2026-03-02T13:00:00+01:00"})
    assert done.status_code == 200
    assert done.body["snoozed_at"] == "2026-03-02T10:00:00Z"
    assert done.body["snoozed_until"] == "2026-03-02T12:00:00Z"
    own = as_customer("GET", path).body
    assert (own["snoozed_at"], own["snoozed_until"]) == (None, None)
    kinds = [row["kind"] for row in as_customer("GET", f"{path}events/").body["data"]]
    assert kinds == ["ticket.opened"]
    assert as_customer("POST", f"{path}snooze/", {}).status_code == 403
    assert as_customer("DELETE", f"{path}snooze/").status_code == 403
    assert as_agent("POST", f"{path}snooze/", {}).body["snoozed_until"] is None
    assert as_agent("DELETE", f"{path}snooze/").status_code == 204
    assert as_agent("GET", path).body["snoozed_at"] is None
    assert as_agent("DELETE", f"{path}snooze/").status_code == 204


@pytest.mark.parametrize("hours", [-1, 24 * 367])
def test_a_time_that_cannot_be_is_refused_at_its_place(as_agent, clock, hours):
    path = f"/tickets/{file_ticket(at=clock.now).number}/snooze/"
    until = (clock.now + timedelta(hours=hours)).isoformat()
    refused = as_agent("POST", path, {"until": until})
    assert refused.status_code == 400
    assert [each["pointer"] for each in refused.body["errors"]] == ["/until"]
    assert as_agent("POST", path, {"until": "soon"}).status_code == 400
    assert as_agent("POST", path, {"till": until}).status_code == 400
