"""The queue's filter bar: typed or picked, in the address, in chips, completed, explained."""

from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    as_agent,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions, filters
from tickets.models import FieldDefinition

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = "/agent/"
SUGGEST = "/agent/filters/suggest/"


def shown(client: Client, text: str, **more: str) -> list[int]:
    answer = client.get(QUEUE, {"view": "all", "filter": text, **more})
    return [row.ticket.number for row in answer.context["rows"]]


def offered(client: Client, text: str, caret: int | None = None) -> list[str]:
    asked = {"text": text, **({"caret": str(caret)} if caret is not None else {})}
    return [offer["text"] for offer in client.get(SUGGEST, asked).json()["offers"]]


def test_what_is_typed_narrows_the_view_and_stays_in_the_bar(desk: Client, agent: User):
    mine, other = file_ticket(subject="Ledger export"), file_ticket(subject="Ledger import")
    actions.assign(mine.number, agent, actor=as_agent(agent), at=MONDAY)
    assert shown(desk, "ledger -export") == [other.number]
    assert shown(desk, "assignee:me") == [mine.number]
    assert shown(desk, "status:new or assignee:me") == [other.number, mine.number]
    page = text_of(desk.get(QUEUE, {"view": "all", "filter": 'status:new "ledger import"'}))
    assert 'value="status:new &quot;ledger import&quot;"' in page
    assert "Status: New" in page


def test_each_part_is_a_chip_with_the_address_without_it(desk: Client):
    asked = {"view": "all", "sort": "number", "category": "support",
             "filter": "-status:closed export (priority:urgent or tag:x)"}  # fmt: skip
    chips = desk.get(QUEUE, asked).context["chips"]
    assert [chip.word for chip in chips] == [
        "Category: Support", "not Status: Closed", "Words: export", "priority:urgent or tag:x",
    ]  # fmt: skip
    without = parse_qs(urlsplit(chips[1].href).query)
    assert without == {
        "view": ["all"], "sort": ["number"],
        "filter": ["category:support export (priority:urgent or tag:x)"],
    }  # fmt: skip


def test_the_menu_shows_what_it_offers_and_carries_the_rest(desk: Client):
    bar = desk.get(
        QUEUE, {"filter": "status:open priority:high,low assignee:me team:Ops export", "tag": "x"}
    ).context["bar"]
    assert bar.picked == {"tag": "x", "status": "open", "assignee": "me"}
    assert bar.rest == "priority:high,low team:Ops export"


@pytest.mark.parametrize(
    ("text", "said"),
    [("status:opne", "“opne” is not one of"), ("(a", "A closing bracket is missing."),
     ("assignee:Miaa", "There is no “Miaa” here."), ("wrong:1", "There is no filter “wrong”.")],
)  # fmt: skip
def test_what_is_wrong_is_explained_at_the_bar_and_kept(desk: Client, text: str, said: str):
    answer = desk.get(QUEUE, {"view": "all", "filter": text, "tag": "x"})
    page = unescape(text_of(answer))
    assert answer.status_code == 422
    assert said in page.split('id="filter-error"')[1][:400]
    assert f'value="tag:x {text}"' in page
    assert 'aria-invalid="true"' in page


def test_names_come_first_then_their_values(desk: Client, agent: User):
    FieldDefinition.objects.create(
        key="env", label="Environment", type="choice", choices=["live", "test"]
    )
    ProductFactory(key="ledger", name="Ledger")
    OrganisationFactory(name="Acme Ltd")
    actions.set_tags(file_ticket().number, ["export"], actor=as_agent(agent), at=MONDAY)
    assert offered(desk, "sta") == ["status:"]
    assert offered(desk, "open (pri") == ["priority:"]
    assert offered(desk, "-ta") == ["tag:"]
    assert offered(desk, "status:o") == ["open", "on_hold"]
    assert offered(desk, "status:open,p") == ["pending"]
    assert offered(desk, "assignee:berg") == ['"Mia Berger"']
    assert offered(desk, 'organisation:"acm') == ['"Acme Ltd"']
    assert offered(desk, "product:led") == ["ledger"]
    assert offered(desk, "tag:ex") == ["export"]
    assert offered(desk, "fields.e") == ["fields.env:"]
    assert offered(desk, "fields.env:l") == ["live"]
    assert offered(desk, "created:<7") == ["<7d"]
    assert offered(desk, "sta tag:ex", 3) == ["status:"]
    assert offered(desk, '"sta') == []
    assert desk.get(SUGGEST, {"text": "a status:o", "caret": "x"}).json()["begin"] == 9


def test_what_is_offered_can_be_used(desk: Client):
    AgentFactory(name='Ana Lima "Ltd", (x)')
    (text,) = offered(desk, "assignee:lim")
    assert shown(desk, f"assignee:{text}") == []
    assert desk.get(QUEUE, {"filter": f"assignee:{text}"}).status_code == 200


def test_a_private_teams_name_and_tags_are_not_offered_to_others(desk: Client):
    insider = AgentFactory()
    team = TeamFactory(name="Security", is_private=True, members=[insider])
    ticket = file_ticket()
    actions.set_tags(ticket.number, ["breakin"], actor=as_agent(insider), at=MONDAY)
    actions.hand_over(ticket.number, team, actor=as_agent(insider), at=MONDAY)
    assert offered(desk, "team:sec") == offered(desk, "tag:bre") == []
    assert offered(signed_in(insider), "team:sec") == ["Security"]
    assert offered(signed_in(insider), "tag:bre") == ["breakin"]


def test_completion_costs_few_queries_and_survives_any_text(desk: Client):
    desk.get(SUGGEST, {"text": "a"})
    for text in ("assignee:a", "tag:x", "f", "fields.x:", '"""', "((((", "a:b:c:,,", "é:"):
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(SUGGEST, {"text": text}).status_code == 200
        assert len(queries) <= 5, text


def test_every_name_is_explained_on_a_page_and_in_the_panel(desk: Client):
    address = reverse("workspace:filter_names")
    page, panel = text_of(desk.get(address)), text_of(desk.get(address, HTTP_HX_REQUEST="true"))
    for name, condition in filters.known_filters().items():
        assert condition.example in unescape(page), name
        assert condition.example in unescape(panel), name
    assert "<nav" in page
    assert "<nav" not in panel


def test_what_stands_behind_hours_and_answers_is_said_in_words(desk: Client, agent: User):
    asked = {
        "view": "all", "worked_by": "me", "answered": "<7d",
        "effort": f"2026-03-01,2026-03-31,agent:{agent.pk},category:support,billable:true",
    }  # fmt: skip
    chips = desk.get(QUEUE, asked).context["chips"]
    assert {chip.word for chip in chips} == {
        "Worked by: Me", "First response: In the last 7 days",
        "Hours worked: 2026-03-01, 2026-03-31, Mia Berger, Support, Billable",
    }  # fmt: skip
