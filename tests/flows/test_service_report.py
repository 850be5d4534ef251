"""The service report on paper: nothing but the sheet, and nothing cut off."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.factories import AgentFactory, OrganisationFactory, UserFactory, as_agent, file_ticket
from tests.flows.conftest import Desk
from tests.sla.promises import agree, amounts, save_policy
from tickets import actions

pytestmark = pytest.mark.browser
PAGES = re.compile(rb"/Type\s*/Page\b")


def test_it_prints_without_navigation_and_with_every_row(desk: Desk, page: Page):
    mia, begin = AgentFactory(name="Mia Berger"), desk.clock.now - timedelta(days=20)
    acme = OrganisationFactory(name="Acme")
    plan = save_policy(targets={"resolution": amounts("1h")}, at=begin)
    agree(acme, plan, at=begin, account_manager=mia)
    kim = UserFactory(organisation=acme)
    for number in range(40):
        ticket = file_ticket(
            kim, at=begin, category="support", subject=f"Export {number}" if number else "W" * 250
        )  # fmt: skip
        actions.resolve(ticket.pk, actor=as_agent(mia), at=begin + timedelta(hours=3))
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/accounts/")
    page.get_by_role("link", name="Last month").click()
    expect(page.get_by_role("heading", name="Service report")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    for name in (".rail", ".page-head", ".topbar", ".toasts"):
        expect(page.locator(name)).to_be_hidden()
    page.set_viewport_size({"width": 794, "height": 1123})  # A4 at 96 dpi
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 794
    for lies_across in (False, True):
        paper = page.pdf(format="A4", landscape=lies_across)
        assert 2 <= len(PAGES.findall(paper)) <= 6  # all 40 rows, not the first screen alone
