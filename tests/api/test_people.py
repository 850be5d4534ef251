"""People, organisations and teams over REST: what each role may change, and that it changes."""

import pytest

from accounts.models import User
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    file_ticket,
)
from tests.factories import as_agent as agent_actor
from tickets import actions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", User.Role.values)
def test_an_admin_closes_and_reopens_anybodys_account(as_admin, role):
    person = UserFactory(role=role)
    path = f"/people/{person.pk}/"
    closed = as_admin("PATCH", path, {"is_active": False})
    assert (closed.status_code, closed.body["is_active"]) == (200, False)
    assert as_admin("GET", path).body["is_active"] is False
    opened = as_admin("PATCH", path, {"is_active": True})
    assert (opened.status_code, opened.body["is_active"]) == (200, True)


@pytest.mark.parametrize("is_active", [True, False])
def test_an_agent_is_refused_to_close_or_reopen_an_account(as_agent, is_active):
    for person in (UserFactory(is_active=not is_active), AgentFactory(is_active=not is_active)):
        answer = as_agent("PATCH", f"/people/{person.pk}/", {"is_active": is_active})
        assert answer.status_code == 403
        person.refresh_from_db()
        assert person.is_active is not is_active


def test_a_merged_account_stays_closed(as_admin):
    source, target = UserFactory(), UserFactory()
    actions.merge_people(source, target, actor=agent_actor(AdminFactory()), at=MONDAY)
    answer = as_admin("PATCH", f"/people/{source.pk}/", {"is_active": True})
    assert answer.status_code == 400
    assert answer.body["errors"][0]["pointer"] == "/is_active"


def test_an_admin_merges_two_accounts_and_an_agent_may_not(as_admin, as_agent):
    source, target = UserFactory(), UserFactory()
    ticket = file_ticket(source)
    path, body = f"/people/{source.pk}/merge/", {"into": target.pk}
    assert as_agent("POST", path, body).status_code == 403
    merged = as_admin("POST", path, body)
    assert (merged.status_code, merged.body["id"]) == (200, target.pk)
    ticket.refresh_from_db()
    assert ticket.requester == target
    for into in (target.pk, source.pk, 99999):
        refused = as_admin("POST", path, {"into": into})
        assert (refused.status_code, refused.body["errors"][0]["pointer"]) == (400, "/into")


def test_an_admin_makes_and_changes_a_team(as_admin, as_agent, agent):
    body = {"name": "Night", "is_private": True, "members": [agent.pk], "signature": "Good night"}
    body["sharing"] = "round_robin"
    made = as_admin("POST", "/teams/", body)
    assert made.status_code == 201
    assert {**body, "members": [{"id": agent.pk, "name": agent.name}]}.items() <= made.body.items()
    path = f"/teams/{made.body['id']}/"
    renamed = as_admin("PATCH", path, {"name": "Late"})
    assert (renamed.body["name"], renamed.body["members"]) == ("Late", made.body["members"])
    assert as_agent("GET", path).body["name"] == "Late"
    odd = as_admin("PATCH", path, {"sharing": "by mood"})
    assert (odd.status_code, odd.body["errors"][0]["pointer"]) == (400, "/sharing")
    assert as_admin("PATCH", path, {"sharing": "load"}).body["sharing"] == "load"
    assert as_admin("PATCH", path, {"members": []}).body["members"] == []
    assert as_agent("GET", path).status_code == 404
    assert as_agent("PATCH", path, {"name": "Mine"}).status_code == 403
    assert as_agent("POST", "/teams/", {"name": "Mine"}).status_code == 403


def test_a_team_takes_only_agents_and_a_name_of_its_own(as_admin, customer):
    TeamFactory(name="Night")
    stranger = as_admin("POST", "/teams/", {"name": "Day", "members": [customer.pk]})
    assert (stranger.status_code, stranger.body["errors"][0]["pointer"]) == (400, "/members")
    twin = as_admin("POST", "/teams/", {"name": "night"})
    assert (twin.status_code, twin.body["code"]) == (409, "name_taken")
