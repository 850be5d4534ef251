"""Who else is on a ticket: seen within a round, gone when gone, never told to outsiders."""

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.urls import reverse

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in
from tickets import actions
from tickets.models import Ticket

ROWS = "/agent/presence/"


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(at=clock.now)


@pytest.fixture
def ana(db: None) -> User:
    return AgentFactory(name="Ana")


def told(client: Client, ticket: Ticket, mode: str) -> dict:
    return client.post(reverse("workspace:presence", args=[ticket.number]), {"mode": mode}).json()


def say(client: Client, ticket: Ticket, mode: str) -> dict:
    return told(client, ticket, mode).get("people", {})


def test_each_sees_the_other_and_not_oneself(desk: Client, ana: User, ticket: Ticket):
    anas = signed_in(ana)
    assert say(desk, ticket, "viewing") == {}
    seen = say(anas, ticket, "viewing")
    assert seen == {str(ticket.number): {"mode": "viewing", "words": "Mia Berger is looking"}}
    say(anas, ticket, "typing")
    heard = say(desk, ticket, "viewing")
    assert heard == {str(ticket.number): {"mode": "typing", "words": "Ana is replying"}}
    say(signed_in(AgentFactory(name="Tom")), ticket, "typing")
    assert say(desk, ticket, "viewing")[str(ticket.number)]["words"] == "Ana and Tom are replying"


def test_a_page_hears_at_which_version_its_ticket_is(desk: Client, ticket: Ticket, clock):
    before = told(desk, ticket, "viewing")["version"]
    actions.set_priority(ticket.number, "high", actor=as_agent(), at=clock.now)
    assert told(desk, ticket, "viewing")["version"] == before + 1


def test_the_queue_marks_the_rows(desk: Client, ana: User, ticket: Ticket, clock):
    other = file_ticket(at=clock.now)
    say(signed_in(ana), ticket, "typing")
    answer = desk.get(ROWS, {"numbers": f"{other.number},{ticket.number},nonsense,{'9' * 30}"})
    assert list(answer.json()) == [str(ticket.number)]
    assert desk.get(ROWS).json() == {}


def test_who_leaves_is_gone_at_once_and_who_vanishes_after_seconds(
    desk: Client, ana: User, ticket: Ticket, clock
):
    anas = signed_in(ana)
    say(anas, ticket, "viewing")
    say(anas, ticket, "gone")
    assert say(desk, ticket, "viewing") == {}
    say(anas, ticket, "viewing")
    clock.forward(seconds=11)
    assert say(desk, ticket, "viewing") == {}
    assert 0 < cache._cache.get_client().ttl(cache.make_key(f"presence:{ana.pk}")) <= 10


def test_two_screens_of_one_person_are_both_seen(desk: Client, ana: User, ticket: Ticket, clock):
    other = file_ticket(at=clock.now)
    anas = signed_in(ana)
    say(anas, ticket, "viewing")
    say(anas, other, "typing")
    heard = desk.get(ROWS, {"numbers": f"{ticket.number},{other.number}"}).json()
    assert {number: here["mode"] for number, here in heard.items()} == {
        str(ticket.number): "viewing", str(other.number): "typing",
    }  # fmt: skip


def test_a_private_teams_ticket_tells_outsiders_nothing(
    desk: Client, ana: User, ticket: Ticket, clock
):
    team = TeamFactory(is_private=True, members=[ana])
    actions.hand_over(ticket.number, team, actor=as_agent(ana), at=clock.now)
    anas = signed_in(ana)
    say(anas, ticket, "typing")
    assert told(desk, ticket, "typing") == {}
    assert desk.get(ROWS, {"numbers": str(ticket.number)}).json() == {}
    assert say(anas, ticket, "viewing") == {}  # nor does an outsider appear there


def test_who_left_the_desk_is_not_shown(desk: Client, ana: User, ticket: Ticket):
    say(signed_in(ana), ticket, "typing")
    User.objects.filter(pk=ana.pk).update(is_active=False)
    assert say(desk, ticket, "viewing") == {}


def test_without_valkey_nobody_is_seen_and_nothing_breaks(desk: Client, ticket: Ticket):
    away = {"default": {**settings.CACHES["default"], "LOCATION": "unix:///nowhere?db=1"}}
    with override_settings(CACHES=away):
        assert say(desk, ticket, "typing") == {}
        assert desk.get(ROWS, {"numbers": str(ticket.number)}).json() == {}
        assert desk.get(reverse("workspace:ticket", args=[ticket.number])).status_code == 200


def test_alone_costs_five_small_queries(desk: Client, ticket: Ticket):
    AgentFactory.create_batch(20)
    with CaptureQueriesContext(connection) as queries:
        say(desk, ticket, "viewing")
    assert len(queries) <= 5, [query["sql"][:120] for query in queries]


def test_customers_are_not_told(db: None, ticket: Ticket):
    address = reverse("workspace:presence", args=[ticket.number])
    assert signed_in(UserFactory()).post(address).status_code == 403
