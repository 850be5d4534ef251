"""Nothing jumps while a page is drawn."""

import pytest
from playwright.sync_api import Browser

from helpdesk.sample_desk import loading
from tests.factories import AgentFactory
from tests.flows.conftest import Desk
from tickets.models import Ticket

pytestmark = pytest.mark.browser
JUMPS = """() => new Promise((settled) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => settled(sum)));
})"""


def test_nothing_jumps_while_a_page_is_drawn(desk: Desk, browser: Browser):
    loading.load(desk.clock.now)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    desk.sign_in(page, AgentFactory())
    number = Ticket.objects.filter(messages__kind="note").earliest("number").number
    for path in ("/agent/?view=all", f"/agent/tickets/{number}/", "/agent/home/"):
        page.goto(f"{desk.url}{path}", wait_until="networkidle")
        assert page.evaluate(JUMPS) < 0.01, path
