"""Two agents at the same ticket's fields: other fields merge, the same one asks the second."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, as_agent, file_ticket
from tests.workspace.conftest import text_of
from tickets import actions
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def tom(db: None) -> User:
    return AgentFactory(name="Tom Okafor")


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(category="support", at=clock.now)


def change(client: Client, ticket: Ticket, what: str, **form):
    answer = client.post(reverse("workspace:change", args=[ticket.number, what]), form)
    ticket.refresh_from_db()
    return answer


def test_the_same_field_asks_and_shows_both_values(desk: Client, tom: User, ticket: Ticket, clock):
    seen = ticket.version
    actions.set_priority(ticket.number, "high", actor=as_agent(tom), at=clock.now)
    asked = change(desk, ticket, "priority", to="urgent", since=seen)
    assert asked.status_code == 422
    page = text_of(asked)
    assert "<b>Tom Okafor</b> set the priority: <b>Normal → High</b>" in page
    assert "You were about to set:</b>" not in page
    assert "<b>Urgent</b>" in page
    assert ticket.priority == "high"
    change(desk, ticket, "priority", **dict(asked.context["clash"].sent), nevertheless="1")
    assert ticket.priority == "urgent"


def test_other_fields_the_same_value_and_ones_own_changes_merge(
    desk: Client, agent: User, tom: User, ticket: Ticket, clock
):
    seen, toms = ticket.version, as_agent(tom)
    actions.set_priority(ticket.number, "high", actor=toms, at=clock.now)
    actions.assign(ticket.number, tom, actor=toms, at=clock.now)
    actions.set_tags(ticket.number, ["b", "a"], actor=toms, at=clock.now)
    for what, to in (
        ("subject", "Another"),
        ("priority", "high"),
        ("assignee", tom.pk),
        ("tags", "a, b"),
    ):
        assert change(desk, ticket, what, to=to, since=seen).status_code == 302
    assert (ticket.subject, ticket.priority, ticket.assignee) == ("Another", "high", tom)
    actions.set_subject(ticket.number, "Mine", actor=as_agent(agent), at=clock.now)
    assert change(desk, ticket, "subject", to="Mine again", since=seen).status_code == 302


def test_rows_and_fields_of_ones_own_are_said_by_name(
    desk: Client, tom: User, ticket: Ticket, clock
):
    for key in ("colour", "size"):
        FieldDefinition.objects.create(key=key, label=key, type="text")
    lea, seen, toms = AgentFactory(name="Lea Novak"), ticket.version, as_agent(tom)
    actions.assign(ticket.number, tom, actor=toms, at=clock.now)
    actions.set_fields(ticket.number, {"colour": "red"}, actor=toms, at=clock.now)
    asked = change(desk, ticket, "assignee", to=lea.pk, since=seen)
    assert (asked.context["clash"].theirs.detail, asked.context["clash"].yours) == (
        "Tom Okafor", "Lea Novak",
    )  # fmt: skip
    assert change(desk, ticket, "field", key="size", to="L", since=seen).status_code == 302
    assert change(desk, ticket, "field", key="colour", to="blue", since=seen).status_code == 422


def test_nothing_is_told_of_a_ticket_out_of_sight(desk: Client, tom: User, ticket: Ticket, clock):
    toms, seen = as_agent(tom), ticket.version
    team = TeamFactory(is_private=True, members=[tom])
    actions.hand_over(ticket.number, team, actor=toms, at=clock.now)
    actions.set_priority(ticket.number, "high", actor=toms, at=clock.now)
    assert change(desk, ticket, "priority", to="low", since=seen).status_code == 404
