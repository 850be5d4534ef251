"""A checklist in a real browser: filled and worked off by keyboard alone, at each width."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import AgentFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands
from tickets import actions

pytestmark = pytest.mark.browser


def settled(page: Page) -> None:
    """Wait until what was just drawn anew is in use, as a person does without knowing."""
    expect(page.locator(".htmx-added, .htmx-settling")).to_have_count(0)


def test_a_list_is_filled_and_worked_off_by_keyboard_and_readable(desk: Desk, browser: Browser):
    ticket = file_ticket(subject="Move the export", at=desk.clock.now)
    url = f"{desk.url}/agent/tickets/{ticket.number}/"
    person = AgentFactory()
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    desk.sign_in(page, person)
    page.goto(url)
    rows = page.locator(".checklist li")
    page.locator("#field-item").focus()
    for count, text in enumerate(("Ask the supplier", "Test"), 1):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        expect(rows).to_have_count(count)
        settled(page)
        expect(page.locator("#field-item")).to_be_focused()
        expect(page.locator("#field-item")).to_have_value("")
    ask, test = (item.pk for item in actions.checklist_of(ticket))
    page.locator(f"#tick-{ask}").focus()
    page.keyboard.press("Space")
    expect(page.locator("#side")).to_contain_text("1 of 2")
    settled(page)
    expect(page.locator(f"#tick-{ask}")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.type("Ask Ana")
    page.keyboard.press("Tab")
    expect(page.locator("#timeline")).to_contain_text("Ask the supplier → Ask Ana")
    settled(page)
    page.locator(f"#move-{test}").focus()
    page.keyboard.press("Enter")
    expect(rows.first.locator(".says .input")).to_have_value("Test")
    expect(page.locator(f"#move-{test}")).to_be_focused()
    settled(page)
    page.get_by_role("button", name="Remove: Ask Ana").focus()
    page.keyboard.press("Enter")
    expect(rows).to_have_count(1)
    expect(page.locator("#side summary", has_text="Checklist")).to_be_focused()
    context.close()
    actions.add_item(ticket.number, "W" * 250, actor=as_agent(person), at=desk.clock.now)
    wrong: list[str] = []
    for width, theme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
        )
        page = context.new_page()
        desk.sign_in(page, person)
        page.goto(url)
        page.locator(f"#move-{test}").evaluate("each => each.focus({ preventScroll: true })")
        wrong += as_it_stands(page, f"checklist-{width}-{theme}")
        context.close()
    assert wrong == []
