"""Ten new tickets triaged by keyboard alone: how many presses it takes, and where the focus is."""

import re
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from automation.actions import save_macro
from tests.factories import AgentFactory, UserFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import as_it_stands
from tickets.models import Ticket

pytestmark = pytest.mark.browser
# What shows where the focus is: an outline of its own, or a line around what it is in.
IS_FOCUS_SEEN = """() => {
    const line = (element, pseudo) => {
        const style = getComputedStyle(element, pseudo);
        const outline = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return outline || (element.matches("form, .picker-box") && style.boxShadow !== "none");
    };
    let here = document.activeElement;
    if (here === document.body) return "nothing has the focus";
    if (here.closest(".picker")) return "";  // a list that opened has one field, with its caret
    if (line(here, null) || line(here, "::after")) return "";
    while ((here = here.parentElement)) if (line(here, null)) return "";
    return `no line around ${document.activeElement.outerHTML.slice(0, 200)}`;
}"""


@dataclass
class Hands:
    """A keyboard that counts its keys; letters written into a field are typed, not counted."""

    page: Page
    keys: list[str] = field(default_factory=list)

    def press(self, key: str) -> None:
        """Press one key, or one chord."""
        self.keys.append(key)
        self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        """Write into the field that has the focus."""
        assert self.page.evaluate("document.activeElement.matches('input, textarea')")
        self.page.keyboard.type(words)

    def done(self, at_most: int) -> None:
        """Say that a piece of work is done, within so many keys, with the focus to be seen."""
        assert len(self.keys) <= at_most, self.keys
        self.keys.clear()
        self.page.wait_for_load_state()
        assert self.page.evaluate(IS_FOCUS_SEEN) == ""


@pytest.fixture
def agents(desk: Desk) -> tuple[User, User]:
    mia = AgentFactory(name="Mia Berger", time_zone="UTC")
    return mia, AgentFactory(name="Ana Duarte", time_zone="UTC")


@pytest.fixture
def ten(desk: Desk) -> list[Ticket]:
    """Ten new tickets, as Untriaged shows them: the newest first."""
    person = UserFactory(name="Noor Haddad")
    words = ["help", "saves", "exports", "signs in", "prints", "sorts", "starts", "loads",
             "sends", "ends"]  # fmt: skip
    filed = [
        file_ticket(person, subject=f"Nothing {word}", at=desk.clock.forward(minutes=1))
        for word in words
    ]
    return filed[::-1]


def test_ten_tickets_are_triaged_by_keys_alone(
    desk: Desk, page: Page, agents: tuple[User, User], ten: list[Ticket]
):
    mia, ana = agents
    save_macro(
        None, actor=Actor.system(), at=desk.clock.now, name="Ask for the log", kind="reply",
        body="Please send the log.",
    )  # fmt: skip
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/")
    told = page.locator("[data-told]")
    hands = Hands(page)

    hands.press("g")
    hands.press("n")
    page.wait_for_url("**/agent/?view=untriaged")
    expect(page.locator("tr.current")).to_have_attribute("data-number", str(ten[0].number))
    hands.press("Enter")
    _on(page, ten[0])
    hands.done(at_most=3)
    assert as_it_stands(page, "ticket-by-keys") == []

    for place, ticket in enumerate(ten):
        _on(page, ticket)
        hands.press("c")
        hands.press("1")
        expect(told).to_have_text("Category: Corrective")
        hands.press("p")
        hands.press("3")
        expect(told).to_have_text("Priority: High")
        if place % 2:
            hands.press("m")
            expect(told).to_have_text("Status: Open, Assignee: Mia Berger")
            hands.press("j" if ticket != ten[-1] else "k")
        else:
            hands.press("a")
            hands.type("ana")
            hands.press("Shift+Enter")  # and on to the next
        _on(page, ten[place + 1] if ticket != ten[-1] else ten[-2])
        hands.done(at_most=6)

    _on(page, ten[8])
    hands.press("r")
    hands.type("/ask")
    expect(page.locator("[data-macro-preview]")).to_contain_text("Please send the log.")
    hands.press("Enter")
    hands.press("Control+Enter")
    expect(page.locator(".entry.agent")).to_contain_text("Please send the log.")
    hands.done(at_most=3)

    hands.press("h")
    expect(page.get_by_role("button", name="Later today")).to_be_focused()
    hands.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{ten[8].number} is snoozed until")
    _on(page, ten[8])
    hands.done(at_most=3)

    hands.press("k")
    _on(page, ten[7])
    hands.press("e")
    expect(told).to_have_text("Status: Resolved")
    hands.done(at_most=3)

    hands.press("k")
    _on(page, ten[6])
    hands.done(at_most=3)
    hands.press("Shift+M")
    expect(page.get_by_label("Which ticket goes on?")).to_be_focused()
    hands.type(f"#{ten[4].number}")
    hands.press("Enter")
    expect(page.get_by_role("button", name="Merge", exact=True)).to_be_focused()
    hands.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{ten[6].number} is merged into")
    _on(page, ten[4])
    hands.done(at_most=3)

    hands.press("u")
    page.wait_for_url("**/agent/?view=untriaged**")
    expect(page.get_by_role("heading", name="All is classed")).to_be_visible()

    for ticket in ten:
        ticket.refresh_from_db()
    assert {(each.category, each.priority) for each in ten} == {("corrective", "high")}
    assert all(each.category_confirmed_at for each in ten)
    assert [each.assignee for each in ten] == [ana, mia] * 5
    assert ten[8].snoozed_until > desk.clock.now + timedelta(minutes=30)
    assert (ten[7].status, ten[6].merged_into) == ("resolved", ten[4])
    assert ten[8].messages.get(author=mia).body == "Please send the log."


def test_the_cursor_of_the_queue_keeps_its_place_when_its_ticket_leaves(
    desk: Desk, page: Page, agents: tuple[User, User], ten: list[Ticket]
):
    desk.sign_in(page, agents[0])
    page.goto(f"{desk.url}/agent/?view=untriaged")
    hands = Hands(page)
    for _each in ten[:3]:
        hands.press("j")
    hands.done(at_most=3)
    hands.press("c")
    expect(page.locator("#picker-0")).to_be_visible()
    assert as_it_stands(page, "list-with-digits") == []
    hands.press("5")
    expect(page.locator("#toasts")).to_contain_text(f"#{ten[2].number} changed")
    expect(page.locator("tr.current")).to_have_attribute("data-number", str(ten[3].number))
    hands.done(at_most=2)
    hands.press("p")
    hands.type("urg")
    hands.press("Shift+Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{ten[3].number} changed")
    expect(page.locator("tr.current")).to_have_attribute("data-number", str(ten[4].number))
    hands.done(at_most=2)
    ten[2].refresh_from_db()
    ten[3].refresh_from_db()
    assert (ten[2].category, ten[3].priority, ten[3].category) == ("support", "urgent", None)


def test_what_must_be_read_or_said_first_is_not_left_behind(
    desk: Desk, page: Page, agents: tuple[User, User], ten: list[Ticket]
):
    desk.sign_in(page, agents[0])
    page.goto(f"{desk.url}/agent/?view=untriaged")
    hands = Hands(page)
    hands.press("Enter")
    _on(page, ten[0])
    hands.press("s")
    hands.type("resol")
    hands.press("Shift+Enter")
    expect(page.locator("#ticket-head [role=alert]")).to_contain_text("what kind of maintenance")
    hands.press("s")
    hands.type("hold")
    hands.press("Shift+Enter")
    expect(page.get_by_label("What does it wait for?")).to_be_focused()
    hands.type("the bank")
    hands.press("Enter")
    expect(page.locator("[data-told]")).to_have_text("Status: On hold")
    _on(page, ten[0])
    hands.done(at_most=6)


def _on(page: Page, ticket: Ticket) -> None:
    """Be on the ticket's page, scripts and all."""
    page.wait_for_url(re.compile(rf"/tickets/{ticket.number}/$"))
    page.wait_for_load_state()
    expect(page.get_by_label("Subject")).to_have_value(ticket.subject)
