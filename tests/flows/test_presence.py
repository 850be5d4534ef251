"""Two agents on one ticket, each in a browser of their own: neither is surprised."""

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import as_it_stands
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.browser
SOON = 5_000  # ms


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    person = UserFactory(name="Noor Haddad")
    return file_ticket(person, category="support", at=desk.clock.now)


@pytest.fixture
def pages(desk: Desk, browser: Browser) -> tuple[Page, Page]:
    """Mia's and Ana's browsers."""
    opened = []
    for name in ("Mia Berger", "Ana Duarte"):
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        page = context.new_page()
        desk.sign_in(page, AgentFactory(name=name, time_zone="UTC"))
        opened.append(page)
    return opened[0], opened[1]


def test_each_sees_within_five_seconds_what_the_other_does(
    desk: Desk, pages: tuple[Page, Page], ticket: Ticket
):
    mias, anas = pages
    address = f"{desk.url}/agent/tickets/{ticket.number}/"
    mias.goto(f"{desk.url}/agent/?view=all")
    anas.goto(address)
    row = mias.locator(f"#t{ticket.number} .presence-mark")
    expect(row).to_have_attribute("title", "Ana Duarte is looking", timeout=SOON)
    assert as_it_stands(mias, "presence-queue") == []
    mias.goto(address)
    expect(mias.locator("[data-presence]")).to_have_text("Ana Duarte is looking", timeout=SOON)
    expect(anas.locator("[data-presence]")).to_have_text("Mia Berger is looking", timeout=SOON)
    anas.locator("[data-draft]").press_sequentially("Dear Noor")
    expect(mias.locator("[data-presence]")).to_have_text("Ana Duarte is replying", timeout=SOON)
    assert as_it_stands(mias, "presence-ticket") == []
    anas.goto(f"{desk.url}/agent/people/")
    expect(mias.locator("[data-presence]")).to_have_text("", timeout=SOON)


def test_a_draft_survives_whatever_happens_to_its_writer_and_its_ticket(
    desk: Desk, pages: tuple[Page, Page], ticket: Ticket
):
    mias, anas = pages
    ana = User.objects.get(name="Ana Duarte")
    other = file_ticket(ticket.requester, category="support", at=desk.clock.now)
    address = f"{desk.url}/agent/tickets/{ticket.number}/"
    words = "Dear Noor,\n\nthe export is repaired since noon."

    def expect_kept() -> None:
        anas.goto(address)
        expect(anas.locator("[data-draft]")).to_have_value(words)

    anas.goto(address)
    anas.locator("[data-draft]").press_sequentially(words)
    expect(anas.locator("[data-draft-state]")).to_have_text("Draft kept")
    anas.reload()
    expect_kept()
    anas.locator(".rail-foot summary").click()
    anas.get_by_role("button", name="Sign out").click()
    expect(anas).not_to_have_url(address)
    desk.sign_in(anas, ana)
    expect_kept()
    mias.goto(address)
    mias.locator("[data-draft]").fill("From Mia.")
    mias.locator("[data-draft]").press("Control+Enter")
    news = anas.get_by_role("link", name="Changed since you opened it")
    expect(news).to_be_visible(timeout=SOON)
    assert as_it_stands(anas, "ticket-changed") == []
    news.click()
    expect(anas.locator("#timeline")).to_contain_text("From Mia.")
    expect(anas.locator("#new")).to_be_in_viewport()
    expect(news).to_be_hidden()
    expect(anas.locator("[data-draft]")).to_have_value(words)
    expect_kept()
    mias.locator("#field-assignee").select_option(label="Mia Berger")
    expect(news).to_be_visible(timeout=SOON)
    expect(anas.locator("[data-draft]")).to_have_value(words)
    expect_kept()
    expect(news).to_be_hidden()
    actions.merge(ticket.number, other.number, actor=as_agent(), at=desk.clock.now)
    expect_kept()
    expect(anas.get_by_role("link", name=f"Merged: answer in #{other.number}")).to_be_visible()
    assert as_it_stands(anas, "draft-of-merged") == []


def test_two_replies_at_once_are_both_read_before_both_are_sent(
    desk: Desk, pages: tuple[Page, Page], ticket: Ticket
):
    address = f"{desk.url}/agent/tickets/{ticket.number}/"
    for page, words in zip(pages, ("From Mia.", "From Ana."), strict=True):
        page.goto(address)
        page.locator("[data-draft]").fill(words)
    mias, anas = pages
    mias.locator("[data-draft]").press("Control+Enter")
    expect(mias.locator("#timeline")).to_contain_text("From Mia.")
    anas.locator("[data-draft]").press("Control+Enter")
    expect(anas.locator("#composer")).to_contain_text("1 new message since you started")
    expect(anas.locator("#timeline")).to_contain_text("From Mia.")
    expect(anas.locator("[data-draft]")).to_have_value("From Ana.")
    assert ticket.messages.count() == 2
    anas.wait_for_load_state()  # with its scripts, which know the keys
    anas.locator("[data-draft]").press("Control+Enter")
    expect(anas.locator("#timeline")).to_contain_text("From Ana.")
    assert ticket.messages.count() == 3


def test_the_same_field_set_by_two_asks_the_second_and_others_merge(
    desk: Desk, pages: tuple[Page, Page], ticket: Ticket
):
    mias, anas = pages
    for page in pages:
        page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    mias.locator("#field-priority").select_option("high")
    expect(mias.locator("#timeline")).to_contain_text("Normal → High")
    anas.locator("#field-category").select_option("corrective")
    expect(anas.locator("#timeline")).to_contain_text("Support → Corrective")
    mias.locator("#field-category").select_option("adaptive")
    asked = mias.get_by_role("alert")
    expect(asked).to_contain_text("Ana Duarte set the category: Support → Corrective")
    expect(asked).to_contain_text("You were about to set: Adaptive")
    assert as_it_stands(mias, "clash") == []
    asked.get_by_role("button", name="Set mine").click()
    expect(mias.locator("#timeline")).to_contain_text("Corrective → Adaptive")
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.category) == ("high", "adaptive")
