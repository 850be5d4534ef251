"""Views over REST: made, listed, changed and deleted as the role allows, and their tickets."""

import pytest

from accounts.models import User
from tests.api.conftest import Caller
from tests.factories import MONDAY, TeamFactory, file_ticket
from tests.factories import as_agent as agent_actor
from tickets import actions
from tickets.models import SavedView

pytestmark = pytest.mark.django_db


def test_a_view_lives_through_its_calls(as_agent: Caller, agent: User):
    wanted, other = file_ticket(category="support"), file_ticket()
    made = as_agent(
        "POST", "/views/", {"name": "Support", "filter": "category:support", "sort": "number"}
    )
    assert made.status_code == 201, made.body
    assert made.body == {
        "id": made.body["id"], "name": "Support", "team": None, "is_shared": False,
        "owner": {"id": agent.pk, "email": agent.email, "name": agent.name},
        "filter": "category:support", "sort": "number", "position": 1,
        "columns": [], "grouping": "",
    }  # fmt: skip
    path = f"/views/{made.body['id']}/"
    rows = as_agent("GET", f"{path}tickets/").body["data"]
    assert [row["number"] for row in rows] == [wanted.number]
    assert as_agent("GET", f"{path}tickets/?filter=-category:support").body["data"] == []
    changed = as_agent("PATCH", path, {"filter": "-category:support", "name": "Rest"})
    assert (changed.body["filter"], changed.body["name"]) == ("-category:support", "Rest")
    look = as_agent("PATCH", path, {"columns": ["number"], "grouping": "due"}).body
    assert (look["columns"], look["grouping"]) == (["number"], "due")
    rows = as_agent("GET", f"{path}tickets/?limit=1").body["data"]
    assert [row["number"] for row in rows] == [other.number]
    assert [row["id"] for row in as_agent("GET", "/views/").body["data"]] == [made.body["id"]]
    assert as_agent("DELETE", path).status_code == 204
    assert as_agent("GET", path).status_code == 404


def test_views_are_moved_and_pages_go_on(as_agent: Caller):
    for name in ("a", "b", "c"):
        as_agent("POST", "/views/", {"name": name, "filter": ""})
    last = SavedView.objects.get(name="c")
    assert as_agent("PATCH", f"/views/{last.pk}/", {"position": 1}).body["position"] == 1
    for _each in range(3):
        file_ticket()
    page = as_agent("GET", f"/views/{last.pk}/tickets/?limit=2").body
    rest = as_agent("GET", f"/views/{last.pk}/tickets/?limit=2&cursor={page['next_cursor']}").body
    assert (len(page["data"]), len(rest["data"]), rest["has_more"]) == (2, 1, False)


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": "x", "filter": "wrong:1"}, 400, "/filter"), ({"filter": ""}, 400, "/name"),
        ({"name": " ", "filter": ""}, 400, "/name"),
        ({"name": "x", "filter": "", "sort": "odd"}, 400, "/sort"),
        ({"name": "x", "filter": "", "team": 999}, 400, "/team"),
        ({"name": "x", "filter": "", "is_shared": True}, 403, "/is_shared"),
        ({"name": "x", "filter": "", "odd": 1}, 400, "/odd"),
        ({"name": "x", "filter": "", "columns": ["odd"]}, 400, "/columns/0"),
        ({"name": "x", "filter": "", "grouping": "odd"}, 400, "/grouping"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_with_its_place(as_agent: Caller, body, status, pointer):
    answer = as_agent("POST", "/views/", body)
    assert answer.status_code == status, answer.body
    assert answer.body["errors"][0]["pointer"] == pointer


def test_others_views_do_not_exist_and_shared_ones_stay(
    as_agent: Caller, as_admin: Caller, as_customer: Caller, as_integration: Caller, agent: User
):
    mine = as_agent("POST", "/views/", {"name": "Mine", "filter": ""}).body["id"]
    team = TeamFactory(members=[agent], is_private=True)
    ours = as_agent("POST", "/views/", {"name": "Ours", "filter": "", "team": team.pk}).body["id"]
    shared = as_admin("POST", "/views/", {"name": "All", "filter": "", "is_shared": True}).body
    assert {row["id"] for row in as_agent("GET", "/views/").body["data"]} == {
        mine, ours, shared["id"],
    }  # fmt: skip
    assert {row["id"] for row in as_admin("GET", "/views/").body["data"]} == {ours, shared["id"]}
    assert as_customer("GET", "/views/").body["data"] == []
    assert as_customer("POST", "/views/", {"name": "x", "filter": ""}).status_code == 403
    assert as_customer("GET", f"/views/{shared['id']}/tickets/").status_code == 404
    assert as_admin("GET", f"/views/{mine}/").status_code == 404
    for method, body in (("PATCH", {"name": "x"}), ("DELETE", None)):
        assert as_agent(method, f"/views/{shared['id']}/", body).status_code == 403
    made = as_integration("POST", "/views/", {"name": "Bots", "filter": "", "is_shared": True})
    assert made.status_code == 201
    assert as_integration("POST", "/views/", {"name": "x", "filter": ""}).status_code == 400


def test_a_views_tickets_are_those_that_the_caller_sees(
    as_agent: Caller, as_admin: Caller, django_assert_max_num_queries
):
    team = TeamFactory(is_private=True)
    ticket = file_ticket()
    actions.hand_over(ticket.number, team, actor=agent_actor(), at=MONDAY)
    seen = file_ticket()
    shared = as_admin("POST", "/views/", {"name": "All", "filter": "", "is_shared": True}).body
    path = f"/views/{shared['id']}/tickets/"
    assert [row["number"] for row in as_agent("GET", path).body["data"]] == [seen.number]
    assert len(as_admin("GET", path).body["data"]) == 2
    with django_assert_max_num_queries(9):
        as_agent("GET", path)
