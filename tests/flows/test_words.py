"""Words by keyboard: a colleague named in a note, tags in fields and by a key, quotes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands
from tickets import actions
from tickets.models import Mention, Ticket

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


def test_the_composer_leads_to_a_third_party_and_keeps_what_stands_in_it(desk: Desk, page: Page):
    ticket = file_ticket(at=desk.clock.now)
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    page.keyboard.press("r")
    page.keyboard.type("Half a reply")
    page.keyboard.press("Escape")
    page.keyboard.press("w")
    page.wait_for_url(f"**/tickets/{ticket.number}/third-party/")
    expect(page.get_by_role("textbox", name="To", exact=True)).to_be_focused()
    wrong = []
    for width, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
        expect(page.locator("[data-draft]")).to_have_value("Half a reply")
        wrong += as_it_stands(page, f"composer-{width}-{scheme}")
    assert wrong == []
    page.locator(".composer").get_by_role("link", name="Third party").click()
    page.wait_for_url(f"**/tickets/{ticket.number}/third-party/")


def test_a_third_party_is_written_to_beside_the_customers_story(desk: Desk, page: Page):
    ticket = file_ticket(UserFactory(name="Ana Duarte"), at=desk.clock.now)
    desk.sign_in(page, AgentFactory(name="Mia Berger", time_zone="UTC"))
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    page.locator(".entry.customer summary").click()
    page.get_by_role("link", name="Forward to a third party…").click()
    page.get_by_role("textbox", name="To", exact=True).fill(
        "support-desk-of-a-long-name@supplier.example, it@supplier.example"
    )
    page.get_by_label("Words").press("Control+Home")
    page.keyboard.type("Dear supplier,\n\n")
    wrong = as_it_stands(page, "third-party-form")
    page.get_by_role("button", name="Send").click()
    block = page.locator(".entry.third")
    expect(block).to_contain_text("Dear supplier,")
    expect(block).to_contain_text("It says 500.")
    expect(block.get_by_role("button", name="Undo")).to_be_visible()
    block.get_by_role("link", name="Add their answer").click()
    page.get_by_label("Words").fill("Update to 3.1.")
    wrong += as_it_stands(page, "third-party-answer")
    page.get_by_role("button", name="Add answer").click()
    expect(block).to_contain_text("added by Mia Berger")
    for width, scheme in SIZES:
        page.set_viewport_size({"width": width, "height": 1100})
        page.emulate_media(color_scheme=scheme)
        wrong += as_it_stands(page, f"third-party-{width}-{scheme}")
    assert wrong == []
    block.get_by_role("button", name="Close").click()
    expect(block).to_contain_text("Closed")


def tags_of(ticket: Ticket) -> set[str]:
    return set(ticket.tags.values_list("name", flat=True))


def test_tags_are_completed_in_the_field_and_added_by_a_key(desk: Desk, page: Page):
    ticket, other = (file_ticket(category="support", at=desk.clock.now) for _ in range(2))
    for each, names in ((other, ["export", "export-pdf"]), (file_ticket(), ["export-pdf"])):
        actions.set_tags(each.number, names, actor=as_agent(), at=desk.clock.now)
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    field = page.get_by_label("Tags, separated by commas")
    field.click()
    offers = page.locator("#field-tags-offers [role=option]")
    expect(offers).to_have_text(["export-pdf", "export"])
    page.keyboard.type("bank, ex")
    expect(offers).to_have_count(2)
    page.keyboard.press("ArrowDown")
    assert as_it_stands(page, "tags-offered") == []
    page.keyboard.press("Enter")
    expect(field).to_have_value("bank, export-pdf, ")
    expect(offers.first).to_be_hidden()
    with page.expect_response("**/change/tags/"):
        page.keyboard.press("Tab")
    expect(field).to_have_value("bank, export-pdf")
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    options = page.locator("#picker [role=option]")
    expect(options.first).to_have_text("export-pdf")
    page.keyboard.type("Slow pr")
    expect(options).to_have_text(["New tag: slow pr"])
    page.set_viewport_size({"width": 360, "height": 780})
    page.emulate_media(color_scheme="dark")
    assert as_it_stands(page, "tags-picked-360-dark") == []
    with page.expect_response("**/change/tags/"):
        page.keyboard.press("Enter")
    expect(field).to_have_value("bank, export-pdf, slow pr")
    assert tags_of(ticket) == {"bank", "export-pdf", "slow pr"}
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{desk.url}/agent/?view=all&sort=number")
    page.keyboard.press("l")
    page.keyboard.type("slow")
    page.keyboard.press("Enter")
    expect(page.locator(".toast")).to_contain_text("changed")
    page.wait_for_load_state()
    page.locator("tr[data-number] input[type=checkbox]").nth(1).check()
    assert as_it_stands(page, "tags-bulk") == []
    page.get_by_role("button", name="Tag…").click()
    page.keyboard.type("export")
    expect(options).to_have_text(["export", "export-pdf"])


def test_a_message_is_quoted_behind_what_stands_there(desk: Desk, page: Page):
    ticket = file_ticket(UserFactory(name="Ana Duarte"), at=desk.clock.now)
    actions.note(ticket.number, "Known since May", actor=as_agent(), at=desk.clock.now)
    desk.sign_in(page, AgentFactory(name="Mia Berger", time_zone="UTC"))
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/#reply")
    text = page.locator("[data-draft]")
    expect(text).to_be_focused()
    page.keyboard.type("Good morning")
    quote = page.get_by_role("button", name="Quote")
    page.locator(".entry.customer summary").click()
    quote.click()
    at = desk.clock.now.strftime("Mon 2 Mar 2026, %H:%M UTC")
    of_ana = f"Good morning\n\nAna Duarte wrote on {at}:\n\n> It says 500.\n\n"
    expect(text).to_have_value(of_ana)
    expect(text).to_be_focused()
    page.locator(".entry.note summary").click()
    assert as_it_stands(page, "quote-menu") == []
    quote.click()
    expect(page.get_by_role("radio", name="Internal note")).to_be_checked()
    expect(text).to_have_value(re.compile("^Agent .* wrote on .*\n\n> Known since May\n\n$"))
    page.get_by_title("r", exact=True).click()
    expect(text).to_have_value(of_ana)
