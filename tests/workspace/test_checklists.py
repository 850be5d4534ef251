"""The checklist of a ticket: on its page, over REST, in its story, and for nobody outside."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories import (
    AgentFactory,
    TeamFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.actions.checklists import MOST_ITEMS
from tickets.errors import Conflict, Invalid, NotAllowed, NotFound
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(at=clock.now, category="support")


def page_of(ticket: Ticket) -> str:
    return reverse("workspace:ticket", args=[ticket.number])


def change(client: Client, ticket: Ticket, what: str, **form):
    return client.post(reverse("workspace:change", args=[ticket.number, what]), form)


def items(ticket: Ticket) -> list[tuple[str, bool]]:
    return [(item.text, bool(item.done_at)) for item in actions.checklist_of(ticket)]


def texts(ticket: Ticket) -> list[str]:
    found = actions.checklist_of(ticket)
    assert [item.place for item in found] == list(range(1, len(found) + 1))
    return [item.text for item in found]


def filled(ticket: Ticket, agent: User, clock, *said: str) -> list[int]:
    actor = as_agent(agent)
    return [actions.add_item(ticket.number, text, actor=actor, at=clock.now).pk for text in said]


def test_an_item_is_added_ticked_said_otherwise_moved_and_removed_on_the_page(
    desk: Client, agent: User, ticket: Ticket
):
    for text in ("Ask  the supplier", "Test", "Tell <b>Ana</b>"):
        assert change(desk, ticket, "add_item", to=text).status_code == 302
    assert texts(ticket) == ["Ask the supplier", "Test", "Tell <b>Ana</b>"]
    ask, _test, tell = (item.pk for item in actions.checklist_of(ticket))
    change(desk, ticket, "tick_item", item=ask, to="on")
    change(desk, ticket, "tick_item", item=ask, to="on")  # a double click is one tick
    change(desk, ticket, "rename_item", item=tell, to="Tell Ana")
    change(desk, ticket, "move_item", item=tell, to=1)
    assert items(ticket) == [("Tell Ana", False), ("Ask the supplier", True), ("Test", False)]
    page = text_of(desk.get(page_of(ticket)))
    assert "1 of 3" in page
    assert f'title="{agent.display_name}, ' in page
    for said in ("Ask the supplier: done", "Tell &lt;b&gt;Ana&lt;/b&gt; → Tell Ana",
                 "Tell Ana: moved"):  # fmt: skip
        assert f"changed the checklist: <b>{said}</b>" in page
    change(desk, ticket, "tick_item", item=ask)
    change(desk, ticket, "remove_item", item=tell)
    assert items(ticket) == [("Ask the supplier", False), ("Test", False)]
    assert ticket.events.filter(kind="ticket.checklist_changed").count() == 8
    assert "0 of 2" in text_of(desk.get(page_of(ticket)))


def test_what_says_nothing_or_too_much_or_is_elsewhere_is_refused(
    desk: Client, agent: User, ticket: Ticket, clock
):
    (pk,) = filled(ticket, agent, clock, "Ask")
    other = file_ticket(at=clock.now)
    for text in (" ", "x" * 251):
        assert change(desk, ticket, "add_item", to=text).status_code == 422
        assert change(desk, ticket, "rename_item", item=pk, to=text).status_code == 422
    assert change(desk, ticket, "move_item", item=pk, to=2).status_code == 422
    for what in ("rename_item", "tick_item", "remove_item"):
        assert change(desk, other, what, item=pk, to="on").status_code == 404
        assert change(desk, ticket, what, item="x", to="on").status_code == 404
    assert items(ticket) == [("Ask", False)]
    with pytest.raises(Invalid):
        actions.change_item(ticket.number, pk, place=0, actor=as_agent(agent), at=clock.now)


def test_a_list_ends_at_a_hundred(agent: User, ticket: Ticket, clock):
    filled(ticket, agent, clock, *(f"Step {place}" for place in range(MOST_ITEMS)))
    with pytest.raises(Conflict):
        actions.add_item(ticket.number, "More", actor=as_agent(agent), at=clock.now)


def test_customers_and_outsiders_neither_read_nor_change_it(agent: User, ticket: Ticket, clock):
    (pk,) = filled(ticket, agent, clock, "Hushed step")
    customer = as_customer(ticket.requester)
    asked = {"actor": customer, "at": clock.now}
    for act in (
        lambda told: actions.add_item(ticket.number, "x", **told),
        lambda told: actions.change_item(ticket.number, pk, is_done=True, **told),
        lambda told: actions.remove_item(ticket.number, pk, **told),
    ):
        with pytest.raises(NotAllowed):
            act(asked)
    told = text_of(signed_in(ticket.requester).get(f"/tickets/{ticket.number}/"))
    assert "Hushed step" not in told
    assert ticket.events.get(kind="ticket.checklist_changed").public_sequence is None
    private = TeamFactory(is_private=True)
    actions.hand_over(ticket.number, private, actor=as_agent(agent), at=clock.now)
    outsider = AgentFactory()
    with pytest.raises(NotFound):
        actions.remove_item(ticket.number, pk, actor=as_agent(outsider), at=clock.now)
    assert signed_in(outsider).get(page_of(ticket)).status_code == 404


def test_a_merged_ticket_keeps_its_own(agent: User, ticket: Ticket, clock):
    home = file_ticket(at=clock.now)
    filled(ticket, agent, clock, "Ask")
    filled(home, agent, clock, "Test")
    actions.merge(ticket.number, home.number, actor=as_agent(agent), at=clock.now)
    assert (texts(ticket), texts(home)) == (["Ask"], ["Test"])
    actions.unmerge(ticket.number, actor=as_agent(agent), at=clock.now)
    assert (texts(ticket), texts(home)) == (["Ask"], ["Test"])


def test_the_page_costs_the_same_however_long_the_list(
    desk: Client, agent: User, ticket: Ticket, clock
):
    def cost() -> int:
        desk.get(page_of(ticket))
        with CaptureQueriesContext(connection) as queries:
            desk.get(page_of(ticket))
        return len(queries)

    none = cost()
    for pk in filled(ticket, agent, clock, *"abcdefgh"):
        actions.change_item(
            ticket.number, pk, is_done=True, actor=as_agent(agent), at=clock.now
        )  # fmt: skip
    assert cost() == none
