"""An admin makes an agreement in a browser, with and without scripts, and a ticket follows it."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from sla.models import Agreement
from tests.factories import (
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    file_ticket,
)
from tests.flows.conftest import Desk
from tests.flows.steps import begin_agreement
from tests.flows.test_look import SIZES, looked_at
from tests.sla.promises import agree, save_policy

pytestmark = pytest.mark.browser


@pytest.fixture
def robin(desk: Desk) -> User:
    return AdminFactory(name="Robin Vega", time_zone="UTC")


def test_a_ticket_is_due_by_the_plan_of_an_agreement_made_in_a_browser(
    desk: Desk, page: Page, robin: User
):
    acme, plan = OrganisationFactory(name="Acme"), save_policy(description="Gold")
    ana = UserFactory(name="Ana Duarte", email="ana@acme.example", organisation=acme)
    AgentFactory(name="Mia Berger")
    desk.sign_in(page, robin)
    begin_agreement(page, desk.url, organisation="Acme", plan=plan.name)
    page.get_by_label("Last day").fill("2026-02-01")
    page.get_by_label("Notes").fill("As signed")
    page.get_by_label("Ana Duarte (ana@acme.example)").check()
    page.get_by_label("Account manager").select_option(label="Mia Berger")
    page.get_by_role("button", name="Save").last.click()
    expect(page.locator("#id_last_day-error")).to_contain_text(
        "An agreement ends after it begins."
    )
    expect(page.get_by_label("Notes")).to_have_value("As signed")
    expect(page.get_by_label("Ana Duarte (ana@acme.example)")).to_be_checked()
    page.get_by_label("Last day").fill("2026-12-31")
    page.get_by_role("button", name="Save").last.click()
    expect(page.get_by_text("31 Dec 2026").first).to_be_visible()
    assert Agreement.objects.get().contacts.get() == ana
    ticket = file_ticket(ana, at=desk.clock.now)
    assert ticket.due_at == desk.clock.now + timedelta(hours=1)
    page.goto(f"{desk.url}/agent/tickets/{ticket.pk}/")
    expect(page.locator("#side")).to_contain_text("until 31 Dec 2026")


def test_the_form_works_without_scripts(desk: Desk, browser: Browser, robin: User):
    acme, plan = OrganisationFactory(name="Acme"), save_policy()
    UserFactory(name="Ana Duarte", organisation=acme)
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    desk.sign_in(page, robin)
    page.goto(f"{desk.url}/agent/settings/agreements/new/")
    page.get_by_label("Organisation").select_option(label="Acme")
    page.get_by_role("button", name="Show its people").click()
    page.get_by_label(re.compile("Ana Duarte")).check()
    page.get_by_label("Plan").select_option(label=plan.name)
    page.get_by_label("First day").fill("2026-03-01")
    page.get_by_role("button", name="Save").last.click()
    page.wait_for_url(re.compile(r"agreements/\d+/$"))
    context.close()


def test_the_pages_can_be_used_by_everybody_with_ugly_words_and_with_none(
    desk: Desk, browser: Browser, robin: User
):
    name = "O" * 60 + " " + "W" * 80
    acme, plan = OrganisationFactory(name=name), save_policy()
    people = [UserFactory(name=f"Person {n} " + "N" * 60, organisation=acme) for n in range(30)]
    ugly = agree(
        acme, plan, account_manager=robin, valid_until=desk.clock.now + timedelta(days=9),
        products=[ProductFactory(name="P" * 90)], contacts=people[:20], notes="n" * 300,
    )  # fmt: skip
    for number in range(12):
        other = OrganisationFactory(name=f"Organisation {number}")
        until = desk.clock.now + timedelta(days=20 * number - 30)
        agree(other, plan, account_manager=robin, valid_until=until)
    outside = file_ticket(UserFactory(organisation=acme), at=desk.clock.now)
    pages = {
        "agreements": "/agent/settings/agreements/?show=any",
        "agreements-none": "/agent/settings/agreements/?show=any&policy=99999",
        "agreement": f"/agent/settings/agreements/{ugly.pk}/",
        "new-agreement": "/agent/settings/agreements/new/",
        "edit-agreement": f"/agent/settings/agreements/{ugly.pk}/edit/",
        "organisation-agreements": f"/agent/organisations/{acme.pk}/",
        "accounts": "/agent/accounts/",
        "out-of-cover": f"/agent/tickets/{outside.pk}/",
        "queue-out-of-cover": "/agent/?view=all&cover=out",
    }
    context = browser.new_context()
    desk.sign_in(context.new_page(), robin)
    wrong: list[str] = []
    for width, theme in SIZES:
        sized = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
        )
        sized.add_cookies(context.cookies())
        page = sized.new_page()
        for title, address in pages.items():
            wrong += looked_at(page, desk.url + address, f"ugly-{title}-{width}-{theme}")
        sized.close()
    context.close()
    assert wrong == []
