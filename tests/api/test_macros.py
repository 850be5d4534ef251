"""Macros over REST: the same rules as on the pages."""

import pytest

from accounts.actor import Actor
from tests.factories import MONDAY, TeamFactory, UserFactory, file_ticket
from tickets import actions

pytestmark = pytest.mark.django_db
THANKS = {
    "name": "Thanks", "kind": "reply", "body": "Hello {{ requester.name }}, thank you.",
    "steps": [{"do": "priority", "to": "low"}, {"do": "status", "to": "pending"}],
}  # fmt: skip


def test_a_macro_is_made_changed_seen_and_used(as_admin, as_agent, agent):
    made = as_admin("POST", "/macros/", THANKS)
    assert made.status_code == 201
    assert {**THANKS, "team": None, "used": 0}.items() <= made.body.items()
    path = f"/macros/{made.body['id']}/"
    assert as_agent("GET", path).body == made.body
    assert as_agent("PATCH", path, {"is_active": False}).status_code == 403
    assert as_admin("PATCH", path, {"position": 3}).body["position"] == 3

    ticket = file_ticket(UserFactory(name="Ana"))
    would = as_agent("GET", f"{path}preview/?ticket={ticket.number}").body
    assert would["body"] == "Hello Ana, thank you."
    assert would["changes"][0] == {
        "do": "priority", "name": "Priority", "before": "Normal", "after": "Low"
    }  # fmt: skip
    used = as_agent("POST", f"/tickets/{ticket.number}/macros/{made.body['id']}/apply/", {})
    assert used.status_code == 200
    assert (used.body["priority"], used.body["status"]) == ("low", "pending")
    stale = as_agent(
        "POST", f"/tickets/{ticket.number}/macros/{made.body['id']}/apply/", {}, If_Match='"1"'
    )
    assert stale.status_code == 412
    assert as_agent("GET", "/macros/").body["data"][0]["used"] == 1
    assert as_agent("GET", f"{path}preview/?ticket=x").status_code == 400


def test_the_same_call_twice_writes_once(as_admin, as_agent):
    pk = as_admin("POST", "/macros/", THANKS).body["id"]
    ticket = file_ticket(UserFactory(name="Ana"))
    address = f"/tickets/{ticket.number}/macros/{pk}/apply/"
    for replayed in (None, "true"):
        answer = as_agent("POST", address, {}, Idempotency_Key="once")
        assert answer.headers.get("Idempotency-Replayed") == replayed
    assert ticket.messages.count() == 2


def test_refusals_name_their_place(as_admin, as_agent):
    for body, pointer in (
        ({**THANKS, "body": "{{ nobody }}"}, "/body"),
        ({**THANKS, "steps": [{"do": "priority", "to": "x"}]}, "/steps/0/to"),
        ({**THANKS, "team": 999}, "/team"),
        ({**THANKS, "colour": "red"}, "/colour"),
    ):
        answer = as_admin("POST", "/macros/", body)
        assert answer.status_code == 400
        assert answer.body["errors"][0]["pointer"] == pointer
    gaps = as_admin("POST", "/macros/", {**THANKS, "body": "{{ organisation.name }}"}).body["id"]
    ticket = file_ticket()
    answer = as_agent("POST", f"/tickets/{ticket.number}/macros/{gaps}/apply/", {})
    assert (answer.status_code, answer.body["code"]) == (409, "missing_values")


def test_customers_and_strangers_to_the_team_find_none(
    as_admin, as_agent, as_customer, as_integration, customer, agent
):
    team = TeamFactory(is_private=True)
    pk = as_admin("POST", "/macros/", {**THANKS, "team": team.pk}).body["id"]
    ticket = file_ticket(customer)
    for caller in (as_agent, as_customer):
        assert caller("GET", f"/macros/{pk}/").status_code in {403, 404}
        address = f"/tickets/{ticket.number}/macros/{pk}/apply/"
        assert caller("POST", address, {}).status_code == 404
    assert as_customer("GET", "/macros/").status_code == 403
    assert as_agent("GET", "/macros/").body["data"] == []
    team.members.add(agent)
    assert as_agent("GET", f"/macros/{pk}/").status_code == 200
    hidden = file_ticket()
    actions.hand_over(hidden.number, TeamFactory(is_private=True), actor=Actor.system(), at=MONDAY)
    assert as_agent("GET", f"/macros/{pk}/preview/?ticket={hidden.number}").status_code == 404
