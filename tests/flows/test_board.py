"""The wall board in a browser: it refreshes itself, rests unseen, and says when it is outdated."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from tests.factories import AgentFactory, file_ticket
from tests.flows.conftest import Desk
from tests.sla.promises import amounts, make_default, save_policy

pytestmark = pytest.mark.browser
REFRESH = "window.htmx.trigger(document.querySelector('[data-board]'), 'refresh')"


@pytest.fixture
def wall(desk: Desk, page: Page) -> Page:
    """The board of a desk that promises a solution within two hours."""
    targets = {"resolution": amounts("2h")}
    make_default(save_policy(targets=targets, at=desk.clock.now - timedelta(days=1)))
    file_ticket(subject="Export fails", at=desk.clock.now)
    desk.sign_in(page, AgentFactory(time_zone="UTC"))
    page.goto(f"{desk.url}/agent/board/")
    return page


def test_it_shows_what_comes_without_being_touched(desk: Desk, wall: Page):
    expect(wall.get_by_role("link", name="Export fails")).to_be_visible()
    file_ticket(subject="Import fails", at=desk.clock.now)
    wall.evaluate(REFRESH)
    expect(wall.get_by_role("link", name="Import fails")).to_be_visible()
    expect(wall.locator("[data-board]")).to_have_attribute(
        "hx-trigger", re.compile("every 30s")
    )  # fmt: skip


def test_it_says_since_when_it_is_out_of_date_and_recovers(desk: Desk, wall: Page):
    def away(route: Route) -> None:
        route.abort()

    wall.route("**/board/now/**", away)
    wall.evaluate(REFRESH)
    expect(wall.get_by_text("Not up to date since 10:00")).to_be_visible()
    assert wall.locator(".toast").count() == 0
    wall.unroute("**/board/now/**", away)
    desk.clock.forward(minutes=5)
    wall.evaluate(REFRESH)
    expect(wall.get_by_text("As of 10:05")).to_be_visible()
    expect(wall.get_by_text(re.compile("Not up to date"))).to_be_hidden()


def test_a_wall_that_is_signed_out_keeps_its_numbers_and_says_so(desk: Desk, wall: Page):
    wall.context.clear_cookies()
    wall.evaluate(REFRESH)
    expect(wall.get_by_text("Not up to date since 10:00")).to_be_visible()
    expect(wall.get_by_role("link", name="Export fails")).to_be_visible()


def test_it_asks_nothing_while_nobody_can_see_it(desk: Desk, wall: Page):
    asked = []
    wall.on("request", lambda request: asked.append(request.url))
    wall.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    wall.evaluate(REFRESH)
    wall.evaluate("delete document.hidden")
    wall.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(wall.get_by_text("As of 10:00")).to_be_visible()
    wall.wait_for_load_state("networkidle")
    assert len([url for url in asked if "/board/now/" in url]) == 1


def test_it_fits_a_wall_and_a_hand_whatever_the_words(desk: Desk, wall: Page):
    for number in range(20):
        file_ticket(subject="W" * 250, at=desk.clock.now - timedelta(hours=number))
    for width, height in ((1440, 900), (1920, 1080), (1280, 1024), (360, 780)):
        wall.set_viewport_size({"width": width, "height": height})
        wall.reload()
        wide, tall = wall.evaluate(
            "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
        )
        assert wide <= width
        if width > 900:
            foot = wall.locator(".wall-foot").bounding_box()
            last = wall.locator(".wall-rows tr").last.bounding_box()
            assert foot
            assert last
            assert tall <= height
            assert last["y"] + last["height"] <= foot["y"] + 1
            assert foot["y"] + foot["height"] <= height
