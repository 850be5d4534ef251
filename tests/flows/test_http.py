"""An integration over real HTTP with nothing but the standard library."""

import json
import threading
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.models import SCOPES, Token
from tests.api.conftest import EXAMPLE
from tests.factories import MONDAY, OrganisationFactory, ProductFactory, ReleaseFactory
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.django_db(transaction=True)
TWENTY = 20


class Answer:
    """Status, headers and JSON of one call."""

    def __init__(self, status: int, headers: Any, body: bytes) -> None:
        self.status, self.headers = status, headers
        self.body = json.loads(body) if body else None


@pytest.fixture
def call(live_server: Any, transactional_db: None) -> Any:
    """Call the desk as an integration does."""
    product = ProductFactory(key="ledger", name="Ledger")
    ReleaseFactory(product=product, version="2.4.1")
    OrganisationFactory(name="Acme", domain="acme.example")
    FieldDefinition.objects.create(
        key="environment", label="Environment", type="choice", choices=["production", "test"]
    )
    token = create_token("sentry", sorted(SCOPES), actor=Actor.system(), at=MONDAY)[1]

    def send(method: str, path: str, body: Any = None, **headers: str) -> Answer:
        request = urllib.request.Request(
            f"{live_server.url}/api/v1{path}",
            method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": "application/json",
                **{name.replace("_", "-"): value for name, value in headers.items()},
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read())

    return send


def test_the_documented_example_from_first_post_to_the_clocks(call):
    first = call("POST", "/tickets/", EXAMPLE, Idempotency_Key="6f1c")
    assert (first.status, first.headers["ETag"]) == (201, '"1"')
    number = first.body["number"]
    again = call("POST", "/tickets/", EXAMPLE, Idempotency_Key="6f1c")
    assert (again.status, again.body["number"]) == (201, number)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = call("POST", "/tickets/", {**EXAMPLE, "subject": "Other"}, Idempotency_Key="6f1c")
    assert other.status == 422

    read = call("GET", f"/tickets/{number}/")
    assert read.body == first.body
    assert call("GET", "/tickets/?status=new&tag=export&product=ledger").body["data"] == [
        read.body
    ]
    assert call("GET", "/tickets/?status=pending").body["data"] == []

    changed = call("PATCH", f"/tickets/{number}/", {"priority": "urgent"}, If_Match='"1"')
    assert (changed.status, changed.body["priority"]) == (200, "urgent")
    stale = call("PATCH", f"/tickets/{number}/", {"priority": "low"}, If_Match='"1"')
    assert (stale.status, stale.body["code"]) == (412, "stale_version")

    answered = call(
        "POST", f"/tickets/{number}/messages/",
        {"kind": "reply", "body": "It is back.", "author": {"email": "ana@acme.example"}},
    )  # fmt: skip
    assert (answered.status, answered.body["by"]) == (201, "customer")
    events = call("GET", f"/tickets/{number}/events/").body["data"]
    assert [event["kind"] for event in events] == [
        "ticket.opened", "ticket.priority_set", "message.added",
    ]  # fmt: skip
    assert [event["sequence"] for event in events] == [1, 2, 3]
    feed = call("GET", "/events/").body
    assert [event["sequence"] for event in feed["data"]] == [1, 2, 3]
    assert call("GET", f"/events/?after={feed['next_cursor']}").body["data"] == []
    clocks = call("GET", f"/tickets/{number}/sla/").body["clocks"]
    assert {clock["metric"] for clock in clocks} == {"first_response", "resolution"}


def test_twenty_threads_with_one_key_make_one_ticket(call):
    start = threading.Barrier(TWENTY)

    def post(_: int) -> list[int]:
        start.wait()
        statuses: list[int] = []
        while not statuses or statuses[-1] == 409:
            answer = call("POST", "/tickets/", EXAMPLE, Idempotency_Key="storm")
            statuses.append(answer.status)
            if answer.status == 409:
                assert answer.body["code"] == "in_progress"
        return statuses

    with ThreadPoolExecutor(TWENTY) as pool:
        answers = list(pool.map(post, range(TWENTY)))
    assert {statuses[-1] for statuses in answers} == {201}
    assert {status for statuses in answers for status in statuses} <= {201, 409}
    assert Ticket.objects.count() == 1


def test_while_the_first_call_runs_a_repetition_is_told_to_come_back(call):
    token = Token.objects.get()
    name = f"token:{token.pk}\nPOST\n/api/v1/tickets/\nheld"
    first_call = connection.copy()
    try:
        with first_call.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 24))", [name])
            answer = call("POST", "/tickets/", EXAMPLE, Idempotency_Key="held")
        assert (answer.status, answer.body["code"]) == (409, "in_progress")
        assert answer.headers["Retry-After"] == "1"
    finally:
        first_call.close()
    assert call("POST", "/tickets/", EXAMPLE, Idempotency_Key="held").status == 201


def test_pages_go_to_the_end_by_their_links(call):
    for number in range(7):
        call("POST", "/tickets/", {
            "subject": f"Ticket {number}", "body": "x", "requester": {"email": "a@b.example"},
        })  # fmt: skip
    seen, path = [], "/tickets/?limit=3&sort=-created_at"
    while path:
        page = call("GET", path)
        seen += [row["subject"] for row in page.body["data"]]
        link = page.headers["Link"]
        path = link[1 : link.index(">")].partition("/api/v1")[2] if link else ""
    assert seen == [f"Ticket {number}" for number in reversed(range(7))]
