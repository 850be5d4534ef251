"""The search page with hits, with words that are no filter, and with nothing: for everybody."""

import pytest
from playwright.sync_api import Browser, expect

from helpdesk.sample_desk import loading
from tests.factories import AgentFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, looked_at
from tickets import vocabulary

pytestmark = pytest.mark.browser


def test_hits_and_what_could_not_be_read_can_be_used_by_everybody(desk: Desk, browser: Browser):
    loading.load(desk.clock.now)
    file_ticket(subject="Export " + "W" * 200, body="export " + "x" * 400, at=desk.clock.now)
    while vocabulary.count(desk.clock.now):
        pass
    page = browser.new_context(locale="en-GB").new_page()
    desk.sign_in(page, AgentFactory())
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        for name, query in {
            "hits": "export status:live,closed",
            "doubt": "Error: " + "w" * 80,
            "none": "nosuchword",
            "meant": "category:corrective exprot",
        }.items():
            address = f"{desk.url}/agent/search/?q={query}"
            wrong += looked_at(page, address, f"search-{name}-{width}-{theme}")
            if name == "hits":
                expect(page.locator("mark").first).to_have_text("export", ignore_case=True)
            if name == "meant":
                expect(page.get_by_role("link", name="corrective export")).to_be_visible()
            if name == "doubt":
                expect(page.get_by_text("Looked for as plain words.")).to_be_visible()
    assert wrong == []
