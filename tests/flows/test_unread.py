"""What is new is seen at a glance and reached at once, by everybody."""

import re

import pytest
from playwright.sync_api import Browser, expect

from helpdesk.sample_desk import loading
from tests.factories import AgentFactory, as_customer, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands, looked_at
from tickets import actions

pytestmark = pytest.mark.browser


def test_unread_tickets_and_messages_can_be_told_by_everybody(desk: Desk, browser: Browser):
    loading.load(desk.clock.now)
    ticket = file_ticket(subject="Long talk", at=desk.clock.now)
    customer = as_customer(ticket.requester)
    page = browser.new_context(locale="en-GB").new_page()
    desk.sign_in(page, AgentFactory())
    address = f"{desk.url}/agent/tickets/{ticket.number}/"
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        page.goto(address)
        for words in ("First new", *["More\n\n" * 30] * 2):
            at = desk.clock.forward(minutes=1)
            actions.reply(ticket.number, words, actor=customer, at=at)
        wrong += looked_at(page, f"{desk.url}/agent/?view=all", f"unread-queue-{width}-{theme}")
        expect(page.locator(f"#t{ticket.number} .unread-dot")).to_be_visible()
        page.goto(address)
        expect(page.locator("#new")).to_be_visible()
        if width > 900:
            expect(page.locator("#new")).to_be_in_viewport()
        wrong += as_it_stands(page, f"unread-ticket-{width}-{theme}")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(address)
    expect(page.locator("#new")).to_have_count(0)
    page.keyboard.press("Shift+U")
    page.wait_for_url(re.compile("/agent/$"))
    expect(page.locator(f"#t{ticket.number} .unread-dot")).to_be_visible()
    assert wrong == []
