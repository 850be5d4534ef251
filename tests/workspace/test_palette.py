"""The palette finds pages, views, tickets, people and organisations that one may see."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import OrganisationFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.workspace.conftest import text_of
from tickets import actions, tasks

pytestmark = pytest.mark.usefixtures("clock")
PALETTE = "/agent/palette/"


def names(client: Client, wanted: str) -> list[str]:
    groups = client.get(PALETTE, {"q": wanted}).context["groups"]
    return [str(hit.name) for _name, hits in groups for hit in hits]


def test_it_finds_each_kind_of_thing(desk: Client, clock):
    acme = OrganisationFactory(name="Acme Works")
    ana = UserFactory(name="Ana Acheson", email="ana@acme.example", organisation=acme)
    ticket = file_ticket(ana, subject="Export fails", at=clock.now)
    assert names(desk, "untri") == ["Untriaged"]
    assert names(desk, f"#{ticket.number}") == [f"#{ticket.number} Export fails"]
    assert names(desk, str(ticket.number)) == [f"#{ticket.number} Export fails"]
    assert names(desk, "export fa") == [f"#{ticket.number} Export fails"]
    assert names(desk, "ac") == [
        f"#{ticket.number} Export fails", "Accounts", "Acme Works", "Ana Acheson",
    ]  # fmt: skip
    assert "Home" in names(desk, "")


def test_it_leads_to_the_search_that_was_probably_meant(desk: Client, clock):
    ticket = file_ticket(subject="Ledger export", at=clock.now)
    tasks.count_words()
    groups = desk.get(PALETTE, {"q": "ledgre exp"}).context["groups"]
    assert [(str(hit.name), hit.href) for _name, hits in groups for hit in hits] == [
        ("Did you mean “ledger exp”?", "/agent/search/?q=ledger+exp")
    ]
    assert names(desk, "ledger exp") == [f"#{ticket.number} Ledger export"]
    assert names(desk, "giraffe") == []
    assert names(desk, "***") == []


def test_settings_are_offered_to_whom_may_open_them(desk: Client, admins_desk: Client):
    assert names(desk, "API tokens") == []
    assert names(admins_desk, "API tokens") == ["API tokens"]
    for client in (desk, admins_desk):
        groups = client.get(PALETTE).context["groups"]
        for hit in (hit for _name, hits in groups for hit in hits):
            assert client.get(hit.href).status_code == 200, hit.href


def test_a_private_team_s_tickets_are_found_by_its_members_alone(desk: Client, agent: User, clock):
    hidden = file_ticket(subject="Payroll", at=clock.now)
    private = TeamFactory(is_private=True)
    actions.hand_over(hidden.number, private, actor=as_agent(agent), at=clock.now)
    assert names(desk, f"#{hidden.number}") == names(desk, "payroll") == []
    private.members.add(agent)
    assert names(desk, "payroll") == [f"#{hidden.number} Payroll"]


@pytest.mark.parametrize("wanted", ["#", "'", "%", "9" * 90, "a " * 50, "-"])
def test_no_input_breaks_it(desk: Client, wanted: str):
    assert desk.get(PALETTE, {"q": wanted}).status_code == 200


def test_the_script_gets_the_lines_alone(desk: Client):
    answer = text_of(desk.get(PALETTE, headers={"HX-Request": "true"}))
    assert "<html" not in answer
    assert 'role="option"' in answer


def test_the_number_of_queries_does_not_grow(desk: Client, clock):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            desk.get(PALETTE, {"q": "export"})
        return len(caught)

    file_ticket(subject="Export fails", at=clock.now)
    queries()
    few = queries()
    for _ in range(10):
        file_ticket(subject="Export fails", at=clock.now)
    assert queries() == few
