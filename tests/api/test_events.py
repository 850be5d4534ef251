"""The feed of events, and the clocks of a ticket, over REST."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from tests.api.conftest import EXAMPLE
from tests.factories import (
    file_ticket,
)

pytestmark = pytest.mark.django_db


def test_a_customers_feed_never_passes_a_reply_that_shows_only_later(
    as_customer, as_agent, customer, clock
):
    ticket = file_ticket(customer, at=clock.now, category="support")
    path = f"/tickets/{ticket.number}/"
    first = as_customer("GET", "/events/").body
    as_agent("POST", f"{path}messages/", {"kind": "reply", "body": "Done"})
    as_agent("PATCH", path, {"status": "resolved"})
    cursor = first["next_cursor"]
    assert as_customer("GET", f"/events/?after={cursor}").body["data"] == []
    clock.forward(seconds=11)
    later = as_customer("GET", f"/events/?after={cursor}").body["data"]
    assert [event["kind"] for event in later] == [
        "message.added", "ticket.status_changed", "ticket.resolved",
    ]  # fmt: skip


def test_t7_a_due_time_is_set_by_hand_and_given_back_to_the_policy(as_agent, as_customer, ledger):
    made = as_agent("POST", "/tickets/", EXAMPLE).body
    path = f"/tickets/{made['number']}/sla/resolution/"
    due = (timezone.now() + timedelta(days=30)).replace(microsecond=0)
    by_hand = as_agent("PUT", path, {"due_at": due.isoformat()})
    assert by_hand.status_code == 200
    (clock,) = [row for row in by_hand.body["clocks"] if row["metric"] == "resolution"]
    assert (clock["is_manual"], parse_datetime(clock["due_at"])) == (True, due)
    given_back = as_agent("PUT", path, {"due_at": None})
    (clock,) = [row for row in given_back.body["clocks"] if row["metric"] == "resolution"]
    assert not clock["is_manual"]
    assert clock["due_at"] == next(
        row["due_at"] for row in made["sla"] if row["metric"] == "resolution"
    )
    for body in ({"due_at": "2020-01-01T00:00:00Z"}, {"due_at": "soon"}, {}, {"due": None}):
        refused = as_agent("PUT", path, body)
        assert refused.status_code == 400
        assert refused.body["errors"][0]["pointer"] in {"/due_at", "/due"}
    as_agent("PATCH", f"/tickets/{made['number']}/", {"priority": "high"})
    nothing = as_agent("PUT", f"/tickets/{made['number']}/sla/update/", {"due_at": None})
    assert nothing.body["errors"][0]["pointer"] == "/metric"
    assert as_customer("PUT", path, {"due_at": None}).status_code in {403, 404}
    stale = as_agent("PUT", path, {"due_at": None}, If_Match='"1"')
    assert stale.status_code == 412


def test_the_next_page_of_the_feed_goes_on_where_this_one_ended(as_agent, ledger):
    for key in ("a", "b", "c"):
        as_agent("POST", "/tickets/", {**EXAMPLE, "external_id": key})
    first = as_agent("GET", "/events/?limit=1").body
    seen, path = [], f"/events/?limit=1&after={first['next_cursor']}"
    for _ in range(2):
        page = as_agent("GET", path)
        seen.append(page.body["data"][0]["ticket"])
        path = page.headers["Link"].partition("/api/v1")[2].partition(">")[0]
    assert seen[0] != seen[1]
    assert as_agent("GET", f"{path}&cursor=zzz").status_code == 400
