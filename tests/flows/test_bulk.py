"""Many tickets in a real browser: all of a view, asked first, watched, taken back."""

import re

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import AgentFactory, UserFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands
from tickets import bulk
from tickets.models import Ticket
from web.workspace import bulk as pages

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(desk: Desk) -> User:
    return AgentFactory(name="Mia Berger", time_zone="UTC")


@pytest.fixture
def sixty(desk: Desk) -> None:
    person = UserFactory(name="Ana Duarte")
    for number in range(60):
        category = "support" if number else None
        file_ticket(person, subject=f"Ticket {number}", category=category, at=desk.clock.now)


def test_all_of_a_view_are_changed_by_a_job_that_is_watched_and_undone(
    desk: Desk, page: Page, mia: User, sixty: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(pages, "AT_ONCE", 10)
    monkeypatch.setattr(bulk, "CHUNK", 20)
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/?view=all")
    page.get_by_label("Select all on this page").check()
    every = page.get_by_label(re.compile("all of this view"))
    expect(page.locator("[data-matching]")).to_have_text("(60)")
    every.check()
    looks = look(page, "bulk-bar")
    page.locator("#bulk select[name=status]").select_option("resolved")
    expect(page.get_by_role("heading", name="Change 60 tickets?")).to_be_visible()
    assert not Ticket.objects.filter(status="resolved").exists()
    looks += look(page, "bulk-ask")
    page.get_by_role("button", name="Change 60 tickets").click()
    expect(page.locator("#job")).to_contain_text("0 of 60 tickets")
    looks += look(page, "bulk-running")
    bulk.go_on(lambda: desk.clock.now)
    expect(page.locator("#job")).to_contain_text("60 of 60 tickets")  # without being asked again
    expect(page.locator("#job")).to_contain_text("59 changed · 1 refused")
    expect(page.locator("#job")).to_contain_text("Say what kind of maintenance this is")
    looks += look(page, "bulk-done")
    page.get_by_role("button", name="Undo").click()
    bulk.go_on(lambda: desk.clock.now)
    expect(page.locator("#job")).to_contain_text("59 of 59 tickets")
    assert not Ticket.objects.filter(status="resolved").exists()
    assert looks == [], "\n".join(looks)


def test_a_toast_takes_back_what_was_just_done_and_more_offers_the_rest(
    desk: Desk, page: Page, mia: User, sixty: None
):
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/?view=all")
    page.keyboard.press("x")
    page.keyboard.press("p")
    page.keyboard.type("urg")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text("changed")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.locator("#toasts")).to_contain_text("given back")
    assert not Ticket.objects.filter(priority="urgent").exists()
    page.wait_for_load_state()
    page.keyboard.press("x")
    page.get_by_role("button", name="More…").click()
    expect(page.get_by_text("What is to become of 1 ticket?")).to_be_visible()
    assert look(page, "bulk-choose") == []
    page.get_by_label("Add tags").fill("spring")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#toasts")).to_contain_text("changed")
    assert Ticket.objects.filter(tags__name="spring").count() == 1


def look(page: Page, name: str) -> list[str]:
    """Say what is wrong with an open page at every size."""
    wrong = []
    for width, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wrong += as_it_stands(page, f"{name}-{width}-{scheme}")
    page.set_viewport_size({"width": 1440, "height": 900})
    return wrong
