"""Snoozing in a real browser: by keys, from the queue and the ticket, at each width."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands, looked_at
from tickets import actions

pytestmark = pytest.mark.browser


def test_a_ticket_is_snoozed_by_keys_in_the_queue_and_on_its_page(desk: Desk, page: Page):
    first, second = (file_ticket(subject=word, at=desk.clock.now) for word in ("One", "Two"))
    desk.sign_in(page, AgentFactory(time_zone="UTC"))
    page.goto(f"{desk.url}/agent/")
    page.locator(f"#t{first.number} .subject a").focus()
    page.keyboard.press("h")
    page.wait_for_url(f"**/tickets/{first.number}/snooze/**")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("is snoozed until")
    expect(page.locator(f"#t{first.number}")).to_have_count(0)
    page.goto(f"{desk.url}/agent/tickets/{second.number}/")
    page.locator(".timeline").click()
    page.keyboard.press("h")
    page.get_by_role("button", name="Until the customer answers").click()
    expect(page.locator("#head")).to_contain_text("Snoozed until the customer answers")
    page.locator("#head").get_by_role("button", name="Wake").click()
    expect(page.locator("#head")).not_to_contain_text("Snoozed until")
    page.goto(f"{desk.url}/agent/")
    page.keyboard.press("g")
    page.keyboard.press("z")
    page.wait_for_url("**/agent/?view=snoozed")
    expect(page.locator("tr[data-number]")).to_have_count(1)


def test_snoozed_tickets_can_be_read_by_everybody(desk: Desk, browser: Browser):
    agent = as_agent()
    ticket = file_ticket(UserFactory(name="Ben Okafor"), subject="Export hangs", at=desk.clock.now)
    ugly = file_ticket(subject="W" * 250, at=desk.clock.now)
    soon = desk.clock.now + timedelta(hours=3)
    actions.snooze(ticket.number, soon, actor=agent, at=desk.clock.now)
    actions.snooze(ugly.number, None, actor=agent, at=desk.clock.now)
    wrong: list[str] = []
    for width, theme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
        )
        page = context.new_page()
        desk.sign_in(page, AgentFactory())
        for name, address in {
            "snoozed": f"tickets/{ticket.number}/",
            "snoozed-ugly": f"tickets/{ugly.number}/",
            "snoozed-rows": "?view=snoozed",
            "snooze": f"tickets/{ticket.number}/snooze/",
            "snooze-ugly": f"tickets/{ugly.number}/snooze/",
        }.items():
            wrong += looked_at(page, f"{desk.url}/agent/{address}", f"{name}-{width}-{theme}")
        page.locator("#id_until").fill("2020-01-01T10:00")
        page.get_by_role("button", name="Snooze", exact=True).click()
        expect(page.get_by_text("Choose a time to come").first).to_be_visible()
        wrong += as_it_stands(page, f"snooze-refused-{width}-{theme}")
        context.close()
    assert wrong == []
