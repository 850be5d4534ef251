"""Who gets what on every route and method: nothing leaks by list, count, search or error text."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.models import SCOPES, User
from tests.architecture.test_house import FOREIGN_POLICIES, policy_of, routes
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tickets import actions, attachments
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.django_db
SECRET = "zzhushzz"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
PEOPLE = (
    "nobody", "customer", "colleague", "other_customer", "outsider", "insider", "admin",
    "deactivated",
)  # fmt: skip
FORM_KEYS = (  # where a form or a query names a row or a version
    "number", "product", "component", "affected_release", "team", "assignee", "organisation",
    "members", "teams", "products", "user", "message", "to", "since", "after", "before", "uploads",
    "macro", "use_macro", "every", "choose",
)  # fmt: skip
MAY_CHANGE = {  # a customer may solve and reopen the own ticket
    "status", "resolved_at", "version", "public_version", "updated_at", "due_at",
    "public_updated_at", "waiting_since",
}  # fmt: skip


@dataclass
class World:
    """A private team's ticket of one customer, and everybody who might look at it."""

    ticket: Ticket
    people: dict[str, User | None]
    arguments: dict[str, Any]
    tokens: dict[str, str]


@pytest.fixture
def world(settings: Any) -> World:
    settings.READS_PER_MINUTE = settings.WRITES_PER_MINUTE = 100_000
    acme = OrganisationFactory(name="Acme")
    insider = AgentFactory()
    team = TeamFactory(name=f"Team {SECRET}", is_private=True, members=[insider])
    people = {
        "nobody": None,
        "customer": UserFactory(organisation=acme),
        "colleague": UserFactory(organisation=acme),
        "other_customer": UserFactory(organisation=OrganisationFactory(), sees_organisation=True),
        "outsider": AgentFactory(),
        "insider": insider,
        "admin": AdminFactory(),
        "deactivated": AgentFactory(is_active=False),
    }
    ticket = file_ticket(people["customer"], subject=f"Subject {SECRET}", body=f"Body {SECRET}")
    inside = as_agent(insider)
    actions.hand_over(ticket.number, team, actor=as_agent(people["admin"]), at=MONDAY)
    note = actions.note(ticket.number, f"Note {SECRET}", actor=inside, at=MONDAY)
    actions.set_tags(ticket.number, [f"tag-{SECRET}"], actor=inside, at=MONDAY)
    product = ProductFactory(key="ledger")
    FieldDefinition.objects.create(key="environment", label="Environment", type="text")
    FieldDefinition.objects.create(
        key="hushed", label="Hushed", type="text", is_customer_visible=False
    )
    actions.set_fields(ticket.number, {"hushed": SECRET}, actor=inside, at=MONDAY)
    message = ticket.messages.earliest("id")
    file = _attach(message, inside)
    arguments = {
        "number": ticket.number, "key": file, "secret": "wrong", "source": "sentry",
        "external_id": "42", "pk": ticket.number, "message_id": note.message_id,
        "product": product.key, "name": "x", "kind": "note",
    }  # fmt: skip
    tokens = {
        name: create_token(
            name,
            ["tickets:read", "tickets:write"] if not person.is_staff_member else sorted(SCOPES),
            actor=Actor.system(), at=MONDAY, user=person,
        )[1]
        for name, person in people.items() if person is not None
    }  # fmt: skip
    return World(ticket, people, arguments, tokens)


def _attach(message: Any, actor: Actor) -> str:
    from django.core.files.uploadedfile import SimpleUploadedFile

    upload = attachments.take_in(
        SimpleUploadedFile(f"{SECRET}.txt", SECRET.encode()), actor=actor, at=MONDAY
    )
    attachments.bind([str(upload.pk)], message, actor=actor, at=MONDAY)
    return message.attachments.get().key


def address(path: str, arguments: dict[str, Any]) -> str:
    """Fill a route's parameters with those of the private ticket."""
    return re.sub(
        r"<(?:\w+:)?(\w+)>", lambda match: str(arguments.get(match[1], arguments["pk"])), path
    )


def visit(world: World, who: str) -> list[tuple[str, str, str, Any]]:
    """Call every route by every method as one person: by session for pages, by token for REST."""
    client = Client(raise_request_exception=False)
    person = world.people[who]
    if person is not None:
        client.force_login(person)
    answers = []
    for path, view in routes():
        policy = policy_of(view) or "public"
        if path.endswith("/out/"):
            continue
        url = address(path, world.arguments)
        headers = {}
        if path.startswith("/api/") and who in world.tokens:
            headers = {"Authorization": f"Bearer {world.tokens[who]}"}
        for method in METHODS:
            sent = {"data": b"{}", "content_type": "application/json"}
            if not path.startswith("/api/"):
                sent = {"data": b"", "content_type": "application/x-www-form-urlencoded"}
            answer = client.generic(method, url, headers=headers, **sent)
            answer.shown = text_of(answer)
            answers.append((policy, method, path, answer))
    return answers


def text_of(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return body.decode("utf-8", "replace")


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_gives_each_person_what_the_policy_says_and_no_more(world, who):
    before = Ticket.objects.values().get(pk=world.ticket.number)
    words = world.ticket.messages.count()
    for policy, method, path, answer in visit(world, who):
        where = f"{who} {method} {path} → {answer.status_code}"
        assert answer.status_code < 500, where
        if answer.status_code != 405:
            check_policy(world.people[who], policy, answer, where)
        if who not in {"insider", "admin"}:
            check_secret(who, path, answer.shown, where)
    if who not in {"insider", "admin"}:
        after = Ticket.objects.values().get(pk=world.ticket.number)
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= (MAY_CHANGE if who == "customer" else set())
        assert world.ticket.messages.count() == words


def check_policy(person: User | None, policy: str, answer: Any, where: str) -> None:
    signed_in = person is not None and person.is_active
    if policy == "api" and not signed_in:
        assert answer.status_code == 401, where
    if policy in {"agent", "admin", "person"} and not signed_in:
        assert answer.status_code == 302, where
        assert answer.headers["Location"].startswith("/signin/"), where
    if policy in {"agent", "admin"} and signed_in and not person.is_staff_member:
        assert answer.status_code == 403, where
    if policy == "admin" and signed_in and not person.is_desk_admin:
        assert answer.status_code == 403, where


def check_secret(who: str, path: str, shown: str, where: str) -> None:
    if who == "customer":  # sees the own ticket, but nothing that only the team knows
        if "attachments" in path or "files" in path:
            return
        for own in (f"Subject {SECRET}", f"Body {SECRET}", f"{SECRET}.txt"):
            shown = shown.replace(own, "")
    if who == "outsider" and not path.startswith("/api/"):
        shown = shown.replace(f"Team {SECRET}", "")  # its name stands where one hands over
    assert SECRET not in shown, where


@pytest.mark.parametrize("enormous", ["9" * 19, "9" * 4000, "9" * 5000])
def test_no_enormous_number_in_an_address_or_a_form_breaks_anything(world, enormous):
    client = Client()
    client.force_login(world.people["admin"])
    headers = {"Authorization": f"Bearer {world.tokens['admin']}"}
    form = dict.fromkeys(FORM_KEYS, enormous)
    for path, _view in routes():
        url = address(path, dict.fromkeys(world.arguments, enormous))
        client.get(url, form, headers=headers)
        if not path.startswith("/api/"):
            client.post(url, form)
            client.post(address(path, world.arguments), form)


@pytest.mark.parametrize("scope", sorted(SCOPES))
def test_a_token_reaches_no_further_than_its_scope(world, scope):
    token = create_token(
        "narrow", [scope], actor=Actor.system(), at=MONDAY, user=world.people["admin"]
    )[1]
    client = Client(raise_request_exception=False)
    for path, view in routes():
        if policy_of(view) != "api":
            continue
        door = view.view_class
        for method in METHODS:
            wanted = door.read_scope if method == "GET" else door.write_scope
            if not hasattr(door, method.lower()):
                continue
            answer = client.generic(
                method, address(path, world.arguments), data=b"{}",
                content_type="application/json", headers={"Authorization": f"Bearer {token}"},
            )  # fmt: skip
            where = f"{scope}: {method} {path} → {answer.status_code}"
            text_of(answer)
            assert answer.status_code < 500, where
            if wanted not in {scope, ""}:
                assert answer.status_code == 403, where


def test_the_walk_covers_pages_and_calls():
    known = {policy_of(view) for _path, view in routes()} - {None}
    assert known == {"public", "link", "person", "agent", "admin", "api"}
    assert len(list(routes())) > 60
    assert {"healthz", "readyz"} == FOREIGN_POLICIES
