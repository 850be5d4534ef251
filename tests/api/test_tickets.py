"""Tickets over REST: the documented example, repetition, lists, conflicts, who may what."""

import pytest

from accounts.models import User
from tests.api.conftest import EXAMPLE, Caller
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    file_ticket,
)
from tests.factories import as_agent as agent_actor
from tests.sla import promises
from tickets import actions
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.django_db


def test_the_documented_example_creates_a_ticket(as_integration, ledger):
    answer = as_integration("POST", "/tickets/", EXAMPLE)
    assert answer.status_code == 201, answer.body
    assert answer.headers["ETag"] == '"1"'
    number = answer.body["number"]
    assert answer.headers["Location"].endswith(f"/api/v1/tickets/{number}/")
    shown = {name: answer.body[name] for name in EXAMPLE if name not in {"body", "requester"}}
    assert shown == {name: EXAMPLE[name] for name in shown}
    assert answer.body["organisation"]["name"] == "Acme"
    assert answer.body["status"] == "new"
    assert answer.body["category_confirmed"] is False
    assert {clock["metric"] for clock in answer.body["sla"]} == {"first_response", "resolution"}
    assert answer.body["due_at"].endswith("Z")


def test_a_repeated_post_is_answered_with_the_first_answer(as_agent, ledger):
    first = as_agent("POST", "/tickets/", EXAMPLE, Idempotency_Key="k1")
    again = as_agent("POST", "/tickets/", EXAMPLE, Idempotency_Key="k1")
    assert (again.status_code, again.body) == (201, first.body)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    other = as_agent("POST", "/tickets/", {**EXAMPLE, "subject": "x"}, Idempotency_Key="k1")
    assert (other.status_code, other.body["code"]) == (422, "idempotency_key_reused")
    assert Ticket.objects.count() == 1


def test_a_refused_post_is_not_stored(as_agent, ledger):
    bad = as_agent("POST", "/tickets/", {**EXAMPLE, "product": "x"}, Idempotency_Key="k2")
    assert bad.status_code == 400
    assert as_agent("POST", "/tickets/", EXAMPLE, Idempotency_Key="k2").status_code == 201


def test_a_taken_external_id_is_a_conflict_that_names_the_ticket(as_agent, ledger):
    first = as_agent("POST", "/tickets/", EXAMPLE)
    again = as_agent("POST", "/tickets/", EXAMPLE)
    assert (again.status_code, again.body["code"]) == (409, "external_id_taken")
    assert again.body["number"] == first.body["number"]


def test_put_by_external_id_makes_one_ticket_and_then_changes_it(as_integration, ledger):
    body = {name: value for name, value in EXAMPLE.items() if not name.startswith("external_")}
    path = "/tickets/by-external/sentry/42/"
    first = as_integration("PUT", path, body)
    assert first.status_code == 201, first.body
    again = as_integration("PUT", path, {**body, "subject": "Export still fails"})
    assert (again.status_code, again.body["number"]) == (200, first.body["number"])
    assert again.body["subject"] == "Export still fails"


def test_patching_with_a_stale_etag_changes_nothing(as_agent):
    ticket = file_ticket()
    path = f"/tickets/{ticket.number}/"
    etag = as_agent("GET", path).headers["ETag"]
    assert as_agent("GET", path, If_None_Match=etag).status_code == 304
    changed = as_agent("PATCH", path, {"priority": "high"}, If_Match=etag)
    assert (changed.status_code, changed.body["priority"]) == (200, "high")
    stale = as_agent("PATCH", path, {"priority": "low"}, If_Match=etag)
    assert (stale.status_code, stale.body["code"]) == (412, "stale_version")
    assert as_agent("GET", path).body["priority"] == "high"


@pytest.mark.parametrize(
    "change",
    [{"priority": "urgent"}, {"category": "support"}, {"fields": {"environment": "test"}}],
)
def test_a_customers_etag_follows_what_the_customer_is_shown(
    as_customer, as_agent, customer, ledger, change
):
    ticket = file_ticket(customer)
    path = f"/tickets/{ticket.number}/"
    before = as_customer("GET", path)
    etag = before.headers["ETag"]
    assert as_customer("GET", path, If_None_Match=etag).status_code == 304
    assert as_agent("PATCH", path, change).status_code == 200
    after = as_customer("GET", path, If_None_Match=etag)
    assert after.status_code == 200
    assert after.headers["ETag"] != etag
    assert after.body["version"] == before.body["version"]


def test_a_customers_if_match_asks_for_public_changes_alone(as_customer, as_agent, customer):
    ticket = file_ticket(customer, category="support")
    path = f"/tickets/{ticket.number}/"
    etag = as_customer("GET", path).headers["ETag"]
    as_agent("PATCH", path, {"priority": "urgent"})
    solved = as_customer("PATCH", path, {"status": "resolved"}, If_Match=etag)
    assert (solved.status_code, solved.body["status"]) == (200, "resolved")
    stale = as_customer("PATCH", path, {"status": "open"}, If_Match=etag)
    assert (stale.status_code, stale.body["code"]) == (412, "stale_version")
    again = as_customer("PATCH", path, {"status": "open"}, If_Match=solved.headers["ETag"])
    assert (again.status_code, again.body["status"]) == (200, "open")


def test_a_rule_of_the_desk_is_a_conflict_with_its_code(as_agent):
    ticket = file_ticket()
    answer = as_agent("PATCH", f"/tickets/{ticket.number}/", {"status": "resolved"})
    assert (answer.status_code, answer.body["code"]) == (409, "category_missing")
    answer = as_agent(
        "PATCH", f"/tickets/{ticket.number}/", {"status": "resolved", "category": "support"}
    )
    assert (answer.status_code, answer.body["status"]) == (200, "resolved")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"priority": "high"}, "/priority"),
        ({"tags": ["x"]}, "/tags"),
        ({"team": 999999}, "/team"),
        ({"external_source": "a", "external_id": "b"}, "/external_source"),
        ({"requester": {"email": "other@acme.example"}}, "/requester"),
    ],
)
def test_a_customers_token_may_not_set_what_agents_set(as_customer, body, pointer):
    answer = as_customer("POST", "/tickets/", {"subject": "s", "body": "b", **body})
    assert answer.status_code == 403
    assert answer.body["errors"][0]["pointer"] == pointer


def test_a_customer_files_as_itself_and_sees_only_its_own(as_customer, customer):
    foreign = file_ticket()
    answer = as_customer("POST", "/tickets/", {"subject": "s", "body": "b"})
    assert answer.status_code == 201
    assert answer.body["requester"]["email"] == customer.email
    listed = as_customer("GET", "/tickets/?with_count=true").body
    assert [row["number"] for row in listed["data"]] == [answer.body["number"]]
    assert listed["count"] == 1
    assert as_customer("GET", f"/tickets/{foreign.number}/").status_code == 404


def test_a_customer_reads_the_next_answer_as_due_and_an_agent_every_deadline(
    as_customer, as_agent, customer
):
    promise = {"first_response": promises.amounts("1h"), "resolution": promises.amounts("40h")}
    promises.make_default(promises.save_policy(targets=promise))
    ticket = file_ticket(customer)
    path = f"/tickets/{ticket.number}/"
    assert as_customer("GET", path).body["due_at"] == "2026-01-05T10:00:00Z"
    as_agent("POST", f"{path}messages/", {"kind": "reply", "body": "We look"})
    assert as_customer("GET", path).body["due_at"] is None
    assert as_agent("GET", path).body["due_at"] == "2026-01-07T01:00:00Z"


def test_notes_leave_no_trace_for_customers(as_customer, as_agent, customer):
    ticket = file_ticket(customer)
    before = as_customer("GET", f"/tickets/{ticket.number}/")
    path = f"/tickets/{ticket.number}/messages/"
    assert as_agent("POST", path, {"kind": "note", "body": "zzsecret"}).status_code == 201
    as_agent("PATCH", f"/tickets/{ticket.number}/", {"tags": ["zztag"]})
    after = as_customer("GET", f"/tickets/{ticket.number}/")
    assert after.content == before.content
    assert after.headers["ETag"] == before.headers["ETag"]
    for address in (path, f"/tickets/{ticket.number}/events/", "/events/", "/tickets/?q=zzsecret"):
        answer = as_customer("GET", address)
        assert answer.status_code == 200
        assert "zz" not in answer.content.decode().replace("q=zzsecret", "")
    assert as_customer("POST", path, {"kind": "note", "body": "x"}).status_code == 403


def test_a_customer_reads_only_the_fields_that_are_shown_to_customers(
    as_customer, as_agent, customer, ledger
):
    FieldDefinition.objects.create(
        key="margin", label="Margin", type="text", is_customer_visible=False
    )
    ticket = file_ticket(customer, fields={"environment": "production"})
    path = f"/tickets/{ticket.number}/"
    changed = as_agent("PATCH", path, {"fields": {"margin": "zzthin"}})
    assert changed.body["fields"] == {"environment": "production", "margin": "zzthin"}
    assert as_customer("GET", path).body["fields"] == {"environment": "production"}
    for address in ("/tickets/", f"{path}events/", "/events/", "/fields/"):
        assert "zzthin" not in as_customer("GET", address).content.decode()
    assert as_customer("GET", "/fields/margin/").status_code == 404


def test_a_customer_is_not_told_what_the_desk_takes_for_spam(as_customer, customer):
    ticket = file_ticket(customer)
    actions.mark_spam(ticket.number, actor=agent_actor(), at=ticket.created_at)
    assert as_customer("GET", f"/tickets/{ticket.number}/").body["is_spam"] is None


def test_private_teams_are_hidden_from_other_agents(as_agent, as_admin):
    team = TeamFactory(is_private=True, members=[AgentFactory()])
    ticket = file_ticket(actor=agent_actor(), team=team, tags=("hush",))
    assert as_agent("GET", f"/tickets/{ticket.number}/").status_code == 404
    assert as_agent("GET", "/tickets/?with_count=true").body["count"] == 0
    assert as_agent("GET", f"/tickets/{ticket.number}/events/").status_code == 404
    assert as_agent("GET", "/events/").body["data"] == []
    assert as_agent("GET", "/teams/").body["data"] == []
    assert as_admin("GET", f"/tickets/{ticket.number}/").status_code == 200


def test_the_giver_of_a_ticket_reads_it_a_last_time_as_it_was_left(as_agent):
    team = TeamFactory(is_private=True)
    ticket = file_ticket(category="support")
    path = f"/tickets/{ticket.number}/"
    answer = as_agent("PATCH", path, {"team": team.pk, "status": "resolved", "priority": "high"})
    assert answer.status_code == 200
    assert (answer.body["status"], answer.body["priority"]) == ("resolved", "high")
    assert answer.body["team"]["name"] == team.name
    assert as_agent("GET", path).status_code == 404
    assert as_agent("PATCH", path, {"priority": "low"}).status_code == 404

    body = {"subject": "s", "body": "b", "team": team.pk}
    for method, path in (("POST", "/tickets/"), ("PUT", "/tickets/by-external/sentry/1/")):
        opened = as_agent(method, path, body)
        assert (opened.status_code, opened.body["team"]["name"]) == (201, team.name)
    assert as_agent("PUT", "/tickets/by-external/sentry/1/", body).status_code == 404


def test_pages_go_on_to_the_end_without_repeats(as_agent):
    numbers = [file_ticket(subject=f"Ticket {n}").number for n in range(7)]
    for sort in ("", "-updated_at", "created_at", "due_at", "-due_at", "priority", "number"):
        seen, cursor = [], ""
        while cursor is not None:
            page = as_agent("GET", f"/tickets/?limit=3&sort={sort}&cursor={cursor}").body
            seen += [row["number"] for row in page["data"]]
            assert page["has_more"] is (page["next_cursor"] is not None)
            cursor = page["next_cursor"]
        assert sorted(seen) == numbers, sort


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status=new", True), ("status=open,pending", False), ("category=corrective", True),
        ("category=none", False), ("priority=normal,high", True), ("assignee=none", True),
        ("assignee=me", False), ("team=none", True), ("product=ledger", True),
        ("release=2.4.1", True), ("release=9", False), ("tag=export", True), ("source=web", True),
        ("created_after=2026-01-01", True), ("created_after=2027-01-01T00:00:00Z", False),
        ("updated_after=2026-01-05T08:00:00%2B00:00", True), ("due_before=2030-01-01", True),
        ("breached=true", True), ("breached=false", False), ("overdue=true", True),
        ("fields.environment=production", True), ("fields.environment=test", False),
        ("q=exp", True), ("q=nothing", False), ("requester=ana@acme.example", True),
        ("organisation=none", True), ("untriaged=true", True), ("waiting=true", True),
        ("filter=status:new+(tag:export+or+tag:x)", True), ("filter=-tag:export", False),
        ("filter=fields.environment:production&status=new", True),
        ("external_id=42", False), ("spam=false", True), ("emergency=true", False),
        ("snoozed=true", False), ("snoozed=false", True),
        ("unread=true", True), ("unread=false", False), ("filter=-unread:true", False),
        ("classed=none", True), ("classed=corrective", False),
        ("resolved_after=2026-01-01", False),
        ("filed_at=7-23", False),
    ],
)  # fmt: skip
def test_every_filter_narrows_the_list(as_agent, ledger, customer, query, found):
    ticket = file_ticket(
        customer, category="corrective", product=ledger, fields={"environment": "production"},
        affected_release=ledger.releases.get(version="2.4.1"),
    )  # fmt: skip
    actions.set_tags(ticket.number, ["export"], actor=agent_actor(), at=ticket.created_at)
    answer = as_agent("GET", f"/tickets/?{query}")
    assert answer.status_code == 200, answer.body
    assert bool(answer.body["data"]) is found


def test_an_integration_watches_nothing(as_integration, as_agent, agent):
    ticket = file_ticket()
    assert as_integration("GET", "/tickets/?watched=me").body["data"] == []
    assert as_agent("GET", "/tickets/?watched=me").body["data"] == []
    actions.watch(ticket.number, actor=agent_actor(agent), at=ticket.created_at)
    (row,) = as_agent("GET", "/tickets/?watched=me").body["data"]
    assert row["number"] == ticket.number


def test_the_author_of_a_message_decides_whether_it_answers(as_integration, as_agent, customer):
    ticket = file_ticket(customer)
    path = f"/tickets/{ticket.number}/messages/"
    robot = as_integration("POST", path, {"kind": "reply", "body": "Automatic"})
    assert robot.body["by"] == "bot"
    assert as_agent("GET", f"/tickets/{ticket.number}/").body["status"] == "new"
    spoken = as_integration(
        "POST", path, {"kind": "reply", "body": "More", "author": {"email": customer.email}}
    )
    assert spoken.body["by"] == "customer"
    answered = as_agent("POST", path, {"kind": "reply", "body": "We look"})
    assert answered.body["by"] == "agent"
    assert as_agent("GET", f"/tickets/{ticket.number}/").body["status"] == "open"


def test_only_an_admins_token_speaks_for_an_agent(as_integration, token_for, as_agent, agent):
    path = f"/tickets/{file_ticket().number}/messages/"
    spoken = {"kind": "reply", "body": "We look", "author": {"email": agent.email}}
    narrow = Caller(token_for(None, ["tickets:read", "tickets:write", "people:act_as"]))
    for caller in (narrow, Caller(token_for(AgentFactory()))):
        answer = caller("POST", path, spoken)
        assert (answer.status_code, answer.body["errors"][0]["pointer"]) == (403, "/author")
    assert as_integration("POST", path, spoken).body["by"] == "agent"
    assert as_agent("POST", path, spoken).body["by"] == "agent"


def test_a_reply_to_a_closed_ticket_gives_the_follow_up(as_agent):
    ticket = file_ticket(category="support")
    as_agent("PATCH", f"/tickets/{ticket.number}/", {"status": "closed"})
    path = f"/tickets/{ticket.number}/messages/"
    answer = as_agent("POST", path, {"kind": "reply", "body": "One more thing"})
    assert answer.status_code == 201
    assert answer.body["follows_up"] == ticket.number


def test_a_read_only_token_cannot_write(agent, token_for):
    caller = Caller(token_for(agent, ["tickets:read"]))
    assert caller("GET", "/tickets/").status_code == 200
    answer = caller("POST", "/tickets/", {"subject": "s", "body": "b"})
    assert (answer.status_code, answer.body["code"]) == (403, "permission_denied")


def test_an_organisation_manager_sees_the_organisations_tickets(token_for):
    acme = OrganisationFactory()
    boss = UserFactory(organisation=acme, sees_organisation=True)
    ticket = file_ticket(UserFactory(organisation=acme))
    assert Caller(token_for(boss))("GET", f"/tickets/{ticket.number}/").status_code == 200


def test_problems_are_told_in_english_whatever_the_caller_reads(as_agent):
    ticket = file_ticket()
    path = f"/tickets/{ticket.number}/"
    answer = as_agent("PATCH", path, {"status": "resolved"}, Accept_Language="de")
    assert answer.body["detail"] == "Say what kind of maintenance this is before resolving it."


def test_me_says_who_calls(as_agent, agent, as_integration):
    assert as_agent("GET", "/me/").body["person"]["email"] == agent.email
    assert as_integration("GET", "/me/").body["integration"] == "test"
    assert User.objects.count() == 1


def test_limits_are_told_and_kept(as_agent, settings):
    settings.READS_PER_MINUTE = 2
    answers = [as_agent("GET", "/me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["RateLimit"].startswith('"reads";r=1;t=')
    assert int(answers[2].headers["Retry-After"]) <= 60
    assert answers[2].body["code"] == "too_many_requests"


def test_a_note_says_whom_it_names_to_the_team_alone(as_integration, as_customer, customer):
    AgentFactory(name="Mia Berger", email="mia@desk.example")
    number = file_ticket(customer).number
    body = {"kind": "note", "body": "@Mia Berger, see the log"}
    answer = as_integration("POST", f"/tickets/{number}/messages/", body)
    assert [each["name"] for each in answer.body["mentions"]] == ["Mia Berger"]
    listed = as_integration("GET", f"/tickets/{number}/messages/").body["data"]
    assert [[each["name"] for each in row["mentions"]] for row in listed] == [[], ["Mia Berger"]]
    assert "Mia" not in str(as_customer("GET", f"/tickets/{number}/messages/").body)
