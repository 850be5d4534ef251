"""Words between people by keyboard: a colleague named in a note."""

import pytest
from playwright.sync_api import Page, expect

from tests.factories import AgentFactory, UserFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import as_it_stands
from tickets.models import Mention

pytestmark = pytest.mark.browser


def test_a_colleague_is_named_by_keyboard(desk: Desk, page: Page):
    mia = AgentFactory(name="Mia Berger", time_zone="UTC")
    AgentFactory(name="Jonas Lind")
    AgentFactory(name="N" * 200)
    ticket = file_ticket(UserFactory(name="Ana Duarte"), category="support", at=desk.clock.now)
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    text = page.locator("[data-draft]")
    page.keyboard.press("r")
    page.keyboard.type("@")
    expect(page.locator("#picker")).to_be_hidden()  # a customer reads replies
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    page.keyboard.press("n")
    page.keyboard.type("mia@desk.example, ")
    expect(page.locator("#picker")).to_be_hidden()  # an @ within a word is an address
    page.keyboard.type("@")
    options = page.locator("#picker [role=option]")
    expect(options).to_have_count(2)
    expect(page.locator("#picker input")).to_have_attribute("aria-label", "Whom do you mean?")
    assert as_it_stands(page, "mention-open") == []
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme="dark")
    assert as_it_stands(page, "mention-open-360-dark") == []
    page.keyboard.press("Escape")
    expect(text).to_be_focused()
    page.keyboard.press("Backspace")
    page.keyboard.type("@")
    page.keyboard.type("lin")
    page.keyboard.press("Enter")
    expect(text).to_have_value("mia@desk.example, @Jonas Lind ")
    page.keyboard.type("please look")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry.note mark.mention")).to_have_text("@Jonas Lind")
    assert as_it_stands(page, "mention-written-360-dark") == []
    assert Mention.objects.get().user.name == "Jonas Lind"
