"""A macro by keyboard alone: / at the start of a line, see what it does, Enter, send."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.actor import Actor
from accounts.models import User
from automation.actions import save_macro
from automation.models import Macro
from tests.factories import AgentFactory, UserFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import as_it_stands
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(desk: Desk) -> User:
    return AgentFactory(name="Mia Berger", time_zone="UTC")


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    return file_ticket(UserFactory(name="Ana Duarte"), category="support", at=desk.clock.now)


@pytest.fixture
def macros(desk: Desk) -> list[Macro]:
    system = Actor.system()
    solved = [{"do": "status", "to": "resolved"}, {"do": "priority", "to": "low"}]
    return [
        save_macro(None, actor=system, at=desk.clock.now, name="Ask for the log", kind="reply",
                   body="Hello {{ requester.name }},\n\nplease send the log."),
        save_macro(None, actor=system, at=desk.clock.now, name="Hand to second line", kind="note",
                   body="Seen by {{ agent.name }}, {{ organisation.name }}."),
        save_macro(None, actor=system, at=desk.clock.now, name="Solved by an update",
                   kind="reply", body="Please install the update.", steps=solved),
    ]  # fmt: skip


def test_a_slash_opens_the_list_and_send_carries_the_changes(
    desk: Desk, page: Page, mia: User, ticket: Ticket, macros: list[Macro]
):
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    text = page.locator("[data-draft]")
    page.keyboard.press("r")
    page.keyboard.type("Good morning: 1/2 is done.\n")
    expect(page.locator("#macros")).to_be_hidden()  # a slash within a line is a slash
    page.keyboard.type("/")
    shown = page.locator("[data-macro-preview]")
    expect(shown).to_contain_text("please send the log")
    sign = page.locator("#macros [role=option] use").first
    expect(sign).to_have_attribute("href", re.compile(r"/icons(\.\w+)?\.svg#reply$"))
    page.keyboard.type("sol upd")
    expect(shown).to_contain_text("Resolved")
    expect(shown).to_contain_text("Normal")
    assert as_it_stands(page, "macros-open") == []
    page.keyboard.press("Enter")
    expect(text).to_have_value("Good morning: 1/2 is done.\nPlease install the update.")
    expect(page.locator("[data-carried]")).to_contain_text("Status: Resolved · Priority: Low")
    expect(text).to_be_focused()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline")).to_contain_text("Please install the update.")
    ticket.refresh_from_db()
    assert (ticket.status, ticket.priority) == ("resolved", "low")


def test_a_macros_note_is_written_as_a_note_and_escape_keeps_the_slash(
    desk: Desk, page: Page, mia: User, ticket: Ticket, macros: list[Macro]
):
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/#reply")
    text = page.locator("[data-draft]")
    expect(text).to_be_focused()
    page.keyboard.type("/")
    page.keyboard.press("Escape")
    expect(page.locator("#macros")).to_be_hidden()
    expect(text).to_have_value("/")
    page.keyboard.press("Backspace")
    page.keyboard.type("/hand")
    expect(page.locator("[data-macro-preview]")).to_contain_text("a gap")
    page.keyboard.press("Enter")
    expect(text).to_have_value("Seen by Mia Berger, ….")
    expect(page.get_by_role("radio", name="Internal note")).to_be_checked()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#timeline .entry.note")).to_contain_text("Seen by Mia Berger")


@pytest.mark.parametrize(("width", "scheme"), [(1440, "dark"), (360, "light"), (360, "dark")])
def test_the_list_fits_everywhere(
    desk: Desk, page: Page, mia: User, ticket: Ticket, macros: list[Macro], width: int, scheme
):
    Macro.objects.filter(pk=macros[0].pk).update(name="N" * 100, body="W" * 500)
    page.set_viewport_size({"width": width, "height": 800})
    page.emulate_media(color_scheme=scheme)
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    page.get_by_role("button", name=re.compile("^Macros")).click()
    page.keyboard.press("ArrowDown")
    expect(page.locator("[data-macro-preview]")).to_contain_text("WWW")
    assert as_it_stands(page, f"macros-{width}-{scheme}") == []
