"""Links between tickets over REST."""

import pytest

from tests.factories import TeamFactory, file_ticket
from tests.factories import as_agent as agent_actor
from tickets import actions

pytestmark = pytest.mark.django_db


def test_a_link_is_made_read_from_both_sides_and_removed(as_agent, clock):
    one, two = file_ticket(at=clock.now), file_ticket(subject="Slow", at=clock.now)
    path = f"/tickets/{one.number}/links/"
    made = as_agent("POST", path, {"relation": "blocked_by", "ticket": two.number})
    assert made.status_code == 201
    assert made.body["relation"] == "blocked_by"
    assert made.body["ticket"] == {"number": two.number, "subject": "Slow", "status": "new"}
    assert as_agent("GET", path).body["data"] == [made.body]
    far = as_agent("GET", f"/tickets/{two.number}/links/").body["data"]
    assert [(row["relation"], row["ticket"]["number"]) for row in far] == [("blocks", one.number)]
    gone = as_agent("DELETE", f"/tickets/{two.number}/links/{made.body['id']}/")
    assert gone.status_code == 204
    assert as_agent("GET", path).body["data"] == []
    assert as_agent("DELETE", f"{path}{made.body['id']}/").status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"relation": "loves", "ticket": 1}, "/relation"),
        ({"relation": "blocks"}, "/ticket"),
        ({"relation": "blocks", "ticket": 2**63}, "/ticket"),
        ({"relation": "blocks", "ticket": 10**9}, "/ticket"),
        ({"relation": "blocks", "ticket": 1, "note": "x"}, "/note"),
    ],
)
def test_what_cannot_be_linked_is_refused_at_its_place(as_agent, body, pointer):
    refused = as_agent("POST", f"/tickets/{file_ticket().number}/links/", body)
    assert refused.status_code == 400
    assert [each["pointer"] for each in refused.body["errors"]] == [pointer]


def test_hidden_and_missing_tickets_are_refused_alike_and_customers_see_no_links(
    as_agent, as_customer, customer
):
    own, hidden = file_ticket(customer), file_ticket()
    team = TeamFactory(is_private=True)
    actions.hand_over(hidden.number, team, actor=agent_actor(), at=hidden.created_at)
    path = f"/tickets/{own.number}/links/"
    answers = [
        as_agent("POST", path, {"relation": "blocks", "ticket": number}).body["errors"]
        for number in (hidden.number, 10**9)
    ]
    assert answers[0] == answers[1]
    assert as_customer("GET", path).status_code == 403
    other = {"relation": "blocks", "ticket": file_ticket(customer).number}
    assert as_customer("POST", path, other).status_code == 403
    assert as_customer("GET", f"/tickets/{hidden.number}/links/").status_code == 404


def test_merging_and_unmerging_answer_with_the_ticket(as_agent, as_customer, customer, clock):
    source, target = file_ticket(customer, at=clock.now), file_ticket(body="x", at=clock.now)
    path = f"/tickets/{source.number}/"
    merged = as_agent("POST", f"{path}merge/", {"into": target.number}, Idempotency_Key="m")
    assert (merged.status_code, merged.body["status"]) == (200, "closed")
    assert merged.body["merged_into"] == target.number
    told = as_agent("GET", f"/tickets/{target.number}/messages/").body["data"]
    assert [row["ticket"] for row in told] == [source.number, target.number]
    refused = as_agent("POST", f"{path}messages/", {"kind": "reply", "body": "x"})
    assert (refused.status_code, refused.body["code"]) == (409, "merged")
    assert as_agent("POST", f"{path}merge/", {"into": target.number}).body["code"] == "merged"
    own = as_customer("GET", path).body
    assert (own["merged_into"], own["status"]) == (None, "closed")
    wrote = as_customer("POST", f"{path}messages/", {"kind": "reply", "body": "Any news?"})
    assert (wrote.status_code, wrote.body["ticket"]) == (201, source.number)
    read = as_customer("GET", f"{path}messages/").body["data"]
    assert [row["body"] for row in read] == ["It says 500.", "Any news?"]
    kinds = [row["kind"] for row in as_customer("GET", f"{path}events/").body["data"]]
    assert kinds == ["ticket.opened", "ticket.merged"]
    assert str(target.number) not in str(as_customer("GET", f"{path}events/").body["data"][1])
    assert as_customer("POST", f"{path}unmerge/").status_code == 403
    back = as_agent("POST", f"{path}unmerge/")
    assert (back.status_code, back.body["status"], back.body["merged_into"]) == (200, "new", None)


def test_a_merge_into_what_is_hidden_or_missing_is_refused_alike(as_agent, customer):
    own, hidden = file_ticket(customer), file_ticket()
    actions.hand_over(
        hidden.number, TeamFactory(is_private=True), actor=agent_actor(), at=hidden.created_at
    )
    answers = [
        as_agent("POST", f"/tickets/{own.number}/merge/", {"into": number})
        for number in (hidden.number, 10**9)
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].body["errors"] == answers[1].body["errors"]
    assert answers[0].body["errors"][0]["pointer"] == "/into"


def test_a_message_is_split_off_over_rest(as_agent, as_customer, customer):
    ticket = file_ticket(customer)
    message = ticket.messages.get().pk
    path = f"/tickets/{ticket.number}/split/"
    assert as_customer("POST", path, {"message": message}).status_code == 403
    assert as_agent("POST", path, {"message": message + 1000}).status_code == 404
    assert as_agent("POST", path, {}).body["errors"][0]["pointer"] == "/message"
    made = as_agent("POST", path, {"message": message, "subject": "Apart"}, Idempotency_Key="s")
    assert (made.status_code, made.body["subject"]) == (201, "Apart")
    assert made.headers["Location"].endswith(f"/api/v1/tickets/{made.body['number']}/")
    again = as_agent("POST", path, {"message": message, "subject": "Apart"}, Idempotency_Key="s")
    assert again.body == made.body
    assert as_agent("POST", path, {"message": message}).status_code == 409
    far = as_agent("GET", f"/tickets/{made.body['number']}/links/").body["data"]
    assert [(row["relation"], row["ticket"]["number"]) for row in far] == [
        ("split_from", ticket.number)
    ]
