"""Links and merging in a real browser: by keys, at each width, with long and hostile words."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.factories import AgentFactory, OrganisationFactory, UserFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands, looked_at
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def pair(desk: Desk) -> tuple[Ticket, Ticket]:
    source = file_ticket(
        UserFactory(name="Ben Okafor", organisation=OrganisationFactory(name="Nordwind")),
        subject="Export hangs since this morning", body="It hangs at 80 %.", at=desk.clock.now,
    )  # fmt: skip
    target = file_ticket(
        UserFactory(name="Ana Duarte"), subject="Export fails with a 500",
        body="Since 2.4.1 **every** export fails.", at=desk.clock.forward(minutes=4),
    )  # fmt: skip
    return source, target


def test_a_ticket_is_linked_merged_and_taken_back_by_keys(
    desk: Desk, page: Page, pair: tuple[Ticket, Ticket]
):
    source, target = pair
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/tickets/{source.number}/")
    page.get_by_label("Kind of link").select_option("duplicate_of")
    number = page.get_by_label("Number of the other ticket")
    number.fill("export")
    expect(page.locator(f'#other-tickets option[value="#{target.number}"]')).to_have_count(1)
    number.fill(f"#{target.number}")
    number.press("Enter")
    expect(page.locator(".links")).to_contain_text("duplicate of")
    page.locator(".timeline").click()
    page.keyboard.press("Shift+M")
    page.get_by_label("Which ticket goes on?").fill(str(target.number))
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Merge", exact=True).press("Enter")
    page.wait_for_url(f"**/tickets/{target.number}/")
    expect(page.locator(".timeline")).to_contain_text("It hangs at 80 %.")
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    page.wait_for_url(f"**/tickets/{source.number}/")
    source.refresh_from_db()
    assert (source.status, source.merged_into) == ("new", None)


def test_merged_and_linked_tickets_can_be_read_by_everybody(
    desk: Desk, browser: Browser, pair: tuple[Ticket, Ticket]
):
    source, target = pair
    agent, long = as_agent(), file_ticket(subject="W" * 250, at=desk.clock.now)
    for other, relation in ((target, "blocks"), (long, "child_of")):
        actions.link(source.number, other.number, relation, actor=agent, at=desk.clock.now)
    merged = file_ticket(subject="x" * 250, body="y" * 400, at=desk.clock.now)
    actions.link(merged.number, target.number, "duplicate_of", actor=agent, at=desk.clock.now)
    actions.merge(merged.number, target.number, actor=agent, at=desk.clock.now)
    wrong: list[str] = []
    for width, theme in SIZES:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
        )
        page = context.new_page()
        desk.sign_in(page, AgentFactory())
        for name, address in {
            "linked": f"tickets/{source.number}/",
            "merged-in": f"tickets/{target.number}/",
            "merged": f"tickets/{merged.number}/",
            "merge": f"tickets/{source.number}/merge/?to={target.number}",
            "merge-ugly": f"tickets/{source.number}/merge/?to={long.number}",
        }.items():
            wrong += looked_at(page, f"{desk.url}/agent/{address}", f"{name}-{width}-{theme}")
        page.goto(f"{desk.url}/agent/tickets/{source.number}/merge/?to={merged.number}")
        wrong += as_it_stands(page, f"merge-refused-{width}-{theme}")
        page.goto(f"{desk.url}/agent/tickets/{source.number}/")
        page.locator(".links").scroll_into_view_if_needed()
        wrong += as_it_stands(page, f"links-{width}-{theme}")
        context.close()
    assert wrong == []
