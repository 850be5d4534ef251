"""Which tags are offered: those of tickets one sees, the most used of late first."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    MONDAY,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions
from tickets.tagging import offered

pytestmark = pytest.mark.django_db


@pytest.fixture
def _used() -> None:
    insider = AgentFactory()
    secret = file_ticket(team=TeamFactory(is_private=True, members=[insider]), actor=as_agent())
    actions.set_tags(secret.number, ["breakin"], actor=as_agent(insider), at=MONDAY)
    for tags in (["export", "bank"], ["export", "export-pdf"], ["export-pdf"], ["export-pdf"]):
        actions.set_tags(file_ticket().number, tags, actor=as_agent(), at=MONDAY)


@pytest.mark.usefixtures("_used")
def test_the_most_used_come_first_and_what_is_typed_whole_before_them():
    agent = as_agent()
    assert offered("", agent) == ["export-pdf", "export", "bank"]
    assert offered(" EX", agent) == ["export-pdf", "export"]
    assert offered("export", agent) == ["export", "export-pdf"]
    assert offered("pdf", agent) == ["export-pdf"]
    assert offered("%", agent) == offered("break", agent) == []
    assert offered("", as_customer(UserFactory())) == []


@pytest.mark.usefixtures("_used")
def test_the_page_offers_them_in_two_queries_of_its_own():
    client = Client()
    client.force_login(AgentFactory())
    client.get("/agent/tags/")
    with CaptureQueriesContext(connection) as queries:
        answer = client.get("/agent/tags/", {"begun": "ex"})
    assert answer.json() == {"tags": ["export-pdf", "export"]}
    assert not any("COUNT(" in query["sql"] for query in queries)
    assert len(queries) <= 5  # session, person, their zone, uses, tags


def test_a_tag_gained_in_the_queue_is_added_at_once_and_can_be_undone():
    client = Client()
    client.force_login(AgentFactory())
    ticket = file_ticket()
    actions.set_tags(ticket.number, ["bank"], actor=as_agent(), at=MONDAY)
    page = client.post(
        "/agent/change/", {"number": [ticket.number], "tags": "export"}, follow=True
    ).content.decode()
    assert "Undo" in page
    assert set(ticket.tags.values_list("name", flat=True)) == {"bank", "export"}
