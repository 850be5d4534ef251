"""Reports over REST: the same numbers as on the page, for whom may see them."""

from typing import Any

import pytest

from tests.api.conftest import Caller
from tests.factories import AgentFactory, ProductFactory, TeamFactory, file_ticket
from tests.factories import as_agent as acting
from tickets import actions, publishing, tallies

pytestmark = pytest.mark.django_db
MARCH = "first=2026-03-01&last=2026-03-31"


@pytest.fixture
def worked(clock: Any) -> None:
    ledger, mia = ProductFactory(key="ledger", name="Ledger"), AgentFactory(name="Mia")
    actor = acting(mia)
    first = file_ticket(category="corrective", product=ledger, at=clock.now)
    hidden = file_ticket(category="support", at=clock.now)
    for ticket, minutes in ((first, 90), (hidden, 30)):
        actions.log_time(ticket.number, minutes, clock.now.date(), actor=actor, at=clock.now)
    actions.reply(first.number, "Yes.", actor=actor, at=clock.now)
    actions.resolve(first.number, actor=actor, at=clock.now)
    actions.hand_over(hidden.number, TeamFactory(is_private=True), actor=actor, at=clock.now)
    publishing.publish_pending(clock.now)
    while tallies.follow(clock.now).is_behind:
        pass


def rows(caller: Any, by: str) -> dict[str, tuple[int, int, int]]:
    answer = caller("GET", f"/reports/?{MARCH}&by={by}")
    assert answer.status_code == 200, answer.body
    return {
        row["key"]: (row["filed"], row["resolved"], row["effort_seconds"])
        for row in answer.body["rows"]
    }


def test_it_gives_each_breakdown_as_far_as_the_caller_sees(
    as_agent, as_admin, as_integration, worked: None
):
    assert rows(as_agent, "all") == {"": (1, 1, 5_400)}
    assert rows(as_admin, "all") == rows(as_integration, "all") == {"": (2, 1, 7_200)}
    assert rows(as_admin, "category") == {"corrective": (1, 1, 5_400), "none": (1, 0, 1_800)}
    assert rows(as_admin, "product") == {"ledger": (1, 1, 5_400), "none": (1, 0, 1_800)}
    assert rows(as_admin, "category_product") == {
        "corrective/ledger": (1, 1, 5_400), "none/none": (1, 0, 1_800),
    }  # fmt: skip
    assert rows(as_agent, "team") == {"none": (1, 1, 5_400)}
    assert sum(row[2] for row in rows(as_agent, "agent").values()) == 5_400
    assert rows(as_agent, "day")["2026-03-02"] == (1, 1, 5_400)
    assert len(rows(as_agent, "day")) == 31
    body = as_agent("GET", f"/reports/?{MARCH}&by=product").body
    assert (body["zone"], body["is_counting"]) == ("UTC", False)
    assert body["counted_at"] == "2026-03-02T10:00:00Z"
    assert body["rows"][0]["name"] == "Ledger"
    assert body["rows"][0]["answered"] == 1
    unfinished = as_admin("GET", f"/reports/?{MARCH}&by=product").body["rows"][1]
    for times in ("first_response_seconds", "resolution_seconds"):
        assert body["rows"][0][times] == {"mean": 0, "median": 38, "p90": 38}
        assert unfinished[times] == {"mean": None, "median": None, "p90": None}


@pytest.mark.parametrize(
    ("query", "pointers"),
    [
        ("", ["/first"]), ("first=2026-03-01", ["/last"]),
        ("first=x&last=2026-03-01", ["/first"]), ("first=2026-03-02&last=2026-03-01", ["/last"]),
        ("first=1970-01-01&last=2026-01-01", ["/last"]),
        ("first=0001-01-01&last=2026-03-01", ["/first"]), (f"{MARCH}&by=hour", ["/by"]),
        (f"{MARCH}&by=team,agent", ["/by"]), (f"{MARCH}&by=", ["/by"]),
        (f"{MARCH}&table=x", ["/table"]),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(as_agent, query: str, pointers: list[str]):
    answer = as_agent("GET", f"/reports/?{query}")
    assert answer.status_code == 400
    assert answer.body["code"] == "bad_filter"
    assert [error["pointer"] for error in answer.body.get("errors", [])] == pointers


def test_it_takes_the_scope_and_is_not_for_customers(as_customer, token_for, agent):
    assert as_customer("GET", f"/reports/?{MARCH}").status_code == 403
    lacking = Caller(token_for(agent, ["tickets:read"]))
    assert lacking("GET", f"/reports/?{MARCH}").status_code == 403
