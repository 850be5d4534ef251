"""Search over REST: the best first, then page by page, and to each only what may be read."""

import pytest

from accounts.models import User
from tests.api.conftest import Caller
from tests.factories import MONDAY, TeamFactory, file_ticket
from tests.factories import as_agent as agent_actor
from tickets import actions, spelling, tasks

pytestmark = pytest.mark.django_db


def numbers(answer: object) -> list[int]:
    return [hit["ticket"]["number"] for hit in answer.body["data"]]  # type: ignore[attr-defined]


def test_hits_come_with_the_place_where_they_matched(as_agent: Caller):
    best = file_ticket(subject="Export export", body="The export stops.")
    other = file_ticket(subject="Something", body="An export.")
    answer = as_agent("GET", "/search/?q=export+status:live")
    assert answer.status_code == 200
    assert numbers(answer) == [best.number, other.number]
    assert {"text": "export", "is_match": True} in answer.body["data"][0]["snippet"]
    assert answer.body["has_more"] is False
    assert numbers(as_agent("GET", "/search/?q=export&limit=1")) == [best.number]


def test_all_hits_are_reached_page_by_page_from_the_newest(as_agent: Caller):
    filed = [file_ticket().number for _each in range(3)]
    first = as_agent("GET", "/search/?q=export&sort=newest&limit=2")
    rest = as_agent("GET", f"/search/?q=export&sort=newest&cursor={first.body['next_cursor']}")
    assert numbers(first) + numbers(rest) == filed[::-1]


def test_a_customer_finds_no_note_and_nobody_a_private_teams_ticket(
    as_customer: Caller, as_agent: Caller, customer: User
):
    ticket = file_ticket(customer)
    actions.note(ticket.number, "zebra export", actor=agent_actor(), at=MONDAY)
    assert numbers(as_customer("GET", "/search/?q=zebra")) == []
    answer = as_customer("GET", "/search/?q=export")
    assert numbers(answer) == [ticket.number]
    assert "zebra" not in answer.content.decode()
    assert numbers(as_agent("GET", "/search/?q=zebra")) == [ticket.number]
    team = TeamFactory(is_private=True)
    actions.hand_over(ticket.number, team, actor=agent_actor(), at=MONDAY)
    assert numbers(as_agent("GET", "/search/?q=zebra")) == []


def test_what_was_probably_meant_is_told_to_whom_it_finds_something(
    as_agent: Caller, as_customer: Caller, customer: User
):
    file_ticket(customer)
    ticket = file_ticket(subject="Rhinoceros")
    tasks.count_words()
    assert as_agent("GET", "/search/?q=exprot+status:new").body["did_you_mean"] == (
        "export status:new"
    )
    assert as_customer("GET", "/search/?q=exprot").body["did_you_mean"] == "export"
    assert as_agent("GET", "/search/?q=rhinocreos").body["did_you_mean"] == "rhinoceros"
    assert as_customer("GET", "/search/?q=rhinocreos").body["did_you_mean"] is None
    assert as_agent("GET", "/search/?q=export").body["did_you_mean"] is None
    actions.mark_spam(ticket.number, actor=agent_actor(), at=MONDAY)
    assert as_agent("GET", "/search/?q=rhinocreos").body["did_you_mean"] is None


def test_nobody_is_asked_what_was_meant_where_there_are_hits_enough(as_agent: Caller, monkeypatch):
    for _each in range(3):
        file_ticket(subject="Exprot")
    for _each in range(61):
        file_ticket(subject="Export")
    tasks.count_words()
    address = "/search/?q=exprot"
    assert as_agent("GET", address).body["did_you_mean"] is None
    assert as_agent("GET", f"{address}&limit=1").body["did_you_mean"] is None
    assert as_agent("GET", f"{address}&sort=newest&limit=2").body["did_you_mean"] is None
    monkeypatch.setattr(spelling, "ENOUGH", 4)
    assert as_agent("GET", address).body["did_you_mean"] == "export"


@pytest.mark.parametrize(
    "query",
    ["", "q=", "q=***", "q=" + "w+" * 21, "q=a&sort=odd", "q=a&cursor=x", "q=a&odd=1",
     "q=" + "x" * 1001, "q=a&limit=0", "q=a&sort=newest&cursor=x"],
)  # fmt: skip
def test_what_cannot_be_searched_is_refused(as_agent: Caller, query: str):
    assert as_agent("GET", f"/search/?{query}").status_code == 400


def test_a_search_costs_a_constant_number_of_queries(
    as_agent: Caller, django_assert_max_num_queries
):
    counts = []
    for _size in (3, 30):
        for _each in range(_size):
            file_ticket()
        as_agent("GET", "/me/")
        with django_assert_max_num_queries(15) as queries:
            as_agent("GET", "/search/?q=export")
        counts.append(len(queries))
    assert counts[0] == counts[1]
