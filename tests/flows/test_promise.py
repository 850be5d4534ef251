"""A promise from its making to its keeping: set up, tried out, sold, asked for, and put right."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from accounts.models import User
from sla import rollout
from sla.models import Calendar, Policy
from tests.factories import AdminFactory, OrganisationFactory, UserFactory
from tests.flows.conftest import Desk
from tests.flows.steps import (
    add_holiday_also_for_the_past,
    begin_agreement,
    begin_policy,
    cell,
    paste,
    save,
    set_up_alpine_calendar,
)
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def ana() -> User:
    """A customer of Acme."""
    acme = OrganisationFactory(name="Acme", time_zone="Europe/Vienna")
    return UserFactory(name="Ana", organisation=acme, time_zone="Europe/Vienna")


@pytest.fixture
def customers_page(browser: Browser) -> Iterator[Page]:
    """Another browser, for the customer."""
    context = browser.new_context(locale="en-GB")
    yield context.new_page()
    context.close()


def test_a_promise_is_made_tried_out_sold_shown_explained_and_put_right(
    desk: Desk, page: Page, customers_page: Page, ana: User
):
    # An admin sets up opening hours with the holidays of two countries …
    desk.sign_in(page, AdminFactory(name="Robin Vega", time_zone="UTC"))
    set_up_alpine_calendar(page, desk.url)

    # … a plan from the table, tried out before it is saved …
    begin_policy(page, desk.url, "Gold")
    page.get_by_label("Calendar", exact=True).select_option(label="Alpine")
    page.get_by_label("Offered as a support plan").check()
    paste(page, "First response, Any category, Urgent", "4h\t8h\t20h\t20h\n")
    expect(cell(page, "First response, Any category, Low")).to_have_value("20h")
    page.get_by_label("Opened by the customer").fill("2026-03-02T10:00")
    page.get_by_role("button", name="Simulate").click()
    expect(page.locator(".picture")).to_contain_text("due Thu 5 Mar 2026, 07:30 UTC")
    assert not Policy.objects.filter(name="Gold").exists()
    save(page)

    # … and an agreement of an organisation.
    begin_agreement(page, desk.url, organisation="Acme", plan="Gold")
    save(page)

    # A customer of that organisation files, and reads when to expect an answer.
    desk.sign_in(customers_page, ana)
    customers_page.goto(f"{desk.url}/new/")
    customers_page.get_by_label("I have a question").check()
    customers_page.get_by_label("In one line").fill("How do I export?")
    customers_page.get_by_label("What happened?").fill("I cannot find it.")
    desk.clock.forward(seconds=20)
    customers_page.get_by_role("button", name="Send").click()
    expect(customers_page.locator(".promise .when")).to_contain_text("08:30")
    ticket = Ticket.objects.get()
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    page.get_by_role("link", name="Why these deadlines?").first.click()
    expect(first_response(page)).to_contain_text(
        "20 h of business time, so due Thursday 07:30 (UTC)."
    )
    expect(first_response(page)).to_contain_text("The organisation's agreement promises “Gold”.")
    why = page.url

    # A holiday was forgotten: added also for the past, it moves the due time and the sentence.
    desk.clock.forward(days=2)
    alpine = f"{desk.url}/agent/settings/calendars/{Calendar.objects.get(name='Alpine').pk}/"
    add_holiday_also_for_the_past(page, alpine, "2026-03-03 Forgotten", "2026-03-02")
    moves = page.get_by_role("list", name="Due times that move")
    expect(moves.get_by_role("listitem")).to_have_count(2)
    save(page)
    rollout.follow_changes(desk.clock.now)
    page.goto(why)
    expect(first_response(page)).to_contain_text("so due Friday 07:30 (UTC).")
    expect(first_response(page)).to_contain_text("Tue 3 Mar 2026 (Forgotten)")
    ticket.refresh_from_db()
    assert f"{ticket.due_at:%a %d %H:%M}" == "Fri 06 07:30"
    customers_page.goto(f"{desk.url}/ticket/{ticket.number}/")
    expect(customers_page.locator("main")).to_contain_text("Fri 6 Mar")


def first_response(page: Page) -> Locator:
    """What the page of deadlines says of the first response."""
    return page.locator("section.card", has=page.get_by_role("heading", name="First response"))
