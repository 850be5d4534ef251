"""An admin sets up a policy in a browser: filled in, tried out, saved; also without scripts."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from sla.models import Policy
from tests.factories import AdminFactory, OrganisationFactory, ProductFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.steps import begin_policy, cell, paste
from tests.flows.test_look import RULES, SIZES, looked_at
from tests.sla.promises import save_policy

pytestmark = pytest.mark.browser


@pytest.fixture
def robin(desk: Desk) -> User:
    return AdminFactory(name="Robin Vega", time_zone="UTC")


@pytest.fixture
def troubles(page: Page) -> list[str]:
    """What the browser complained of: scripts that broke, policies that were violated."""
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on("console", lambda line: seen.append(line.text) if line.type == "error" else None)
    return seen


def test_an_admin_fills_a_policy_from_the_table_simulates_and_saves_it(
    desk: Desk, page: Page, robin: User, troubles: list[str]
):
    desk.sign_in(page, robin)
    begin_policy(page, desk.url, "Urgent faults")
    page.locator("summary", has_text="Priority").click()
    page.get_by_label("Urgent", exact=True).check()
    expect(page.locator("summary", has_text="Priority")).to_contain_text("Urgent")

    paste(page, "First response, Any category, Urgent", "15m\t30m\t1h\t2h\n30m\t1h\t2h\t4h\n")
    expect(cell(page, "Next response, Any category, Low")).to_have_value("4h")
    cell(page, "Resolution, Any category, Urgent").fill("4h")
    page.get_by_role("button", name="Copy to all: Resolution").click()
    expect(cell(page, "Resolution, Any category, Low")).to_have_value("4h")
    cell(page, "First response, Any category, Urgent").focus()
    page.keyboard.press("ArrowDown")
    expect(cell(page, "Next response, Any category, Urgent")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(cell(page, "Next response, Any category, High")).to_be_focused()
    page.get_by_label("By category: Resolution").check()
    cell(page, "Resolution, Corrective, Urgent").fill("2h")

    page.get_by_label("Opened by the customer").fill("2026-03-03T16:00")
    page.locator("[name='sim.priority']").select_option("urgent")
    page.locator("[name='sim.category']").select_option("corrective")
    page.locator("[name='sim.0.kind']").select_option("reply")
    page.locator("[name='sim.0.at']").fill("2026-03-03T16:30")
    page.get_by_role("button", name="Simulate").click()
    picture = page.locator(".picture")
    expect(picture).to_contain_text("due Wed 4 Mar 2026, 10:00 UTC")
    expect(picture).to_contain_text("breached")
    expect(page.get_by_role("cell", name="breached", exact=True)).to_be_visible()
    expect(cell(page, "Resolution, Corrective, Urgent")).to_have_value("2h")
    assert not Policy.objects.filter(name="Urgent faults").exists()

    page.get_by_role("button", name="Add a step").click()
    expect(page.locator("[name='steps.4.name']")).to_be_visible()
    page.locator("[name='steps.4.name']").fill("Nearly over")
    page.locator("[name='steps.4.amount']").fill("0")
    page.get_by_role("button", name="Save", exact=True).last.click()
    summary = page.get_by_role("alert")
    expect(summary).to_contain_text("Give a share from 1 to 1000.")
    expect(cell(page, "Resolution, Corrective, Urgent")).to_have_value("2h")
    page.locator("[name='steps.4.amount']").fill("90")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url(re.compile(r"/policies/\d+/$"))
    expect(page.get_by_role("main")).to_contain_text("at 90 % of the target")
    saved = Policy.objects.get(name="Urgent faults")
    assert saved.current is not None
    assert saved.current.targets.get(category="corrective", priority="urgent").seconds == 7200
    assert [trouble for trouble in troubles if "422" not in trouble] == []


def test_policies_are_moved_by_their_buttons(desk: Desk, page: Page, robin: User):
    first, second = save_policy(at=desk.clock.now), save_policy(at=desk.clock.now)
    desk.sign_in(page, robin)
    page.goto(f"{desk.url}/agent/settings/policies/")
    page.get_by_role("button", name=f"Move {second.name} up").click()
    expect(page.locator("tbody tr").first).to_contain_text(second.name)
    assert list(Policy.objects.filter(is_default=False).order_by("position")) == [second, first]


def test_a_policy_is_tried_out_and_saved_without_scripts(
    desk: Desk, browser: Browser, robin: User
):
    default = Policy.objects.get(is_default=True)
    file_ticket(at=desk.clock.now, subject="Printer on fire")
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 360, "height": 780}
    )
    page = context.new_page()
    desk.sign_in(page, robin)
    page.goto(f"{desk.url}/agent/settings/policies/{default.pk}/edit/")
    cell(page, "First response, Any category, Normal").fill("6h")
    page.get_by_role("button", name="Look before saving").click()
    expect(page.locator("#preview")).to_contain_text("Looked at: 1 open tickets.")
    page.get_by_role("button", name="Simulate").click()
    expect(page.locator(".picture")).to_contain_text("0 m of 6 h")
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url(re.compile(r"/policies/\d+/$"))
    default.refresh_from_db()
    assert default.current is not None
    assert default.current.number == 2
    context.close()


def test_a_policy_with_long_words_many_rows_and_errors_can_be_used_by_everybody(
    desk: Desk, browser: Browser, robin: User
):
    for number in range(30):
        ProductFactory(name=f"{'P' * 110}{number}", key=f"p-{number}")
        OrganisationFactory(name="O" * 190 + str(number))
    steps = [{"name": f"{'s' * 40} {number}", "percent": number + 1} for number in range(12)]
    policy = save_policy(
        at=desk.clock.now, document={"match": {"tag": "t" * 60}, "steps": {"resolution": steps}},
        description="d" * 250,
    )  # fmt: skip
    Policy.objects.filter(pk=policy.pk).update(name="N" * 100)
    context = browser.new_context()
    page = context.new_page()
    desk.sign_in(page, robin)
    address = f"{desk.url}/agent/settings/policies/"
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        end = f"{width}-{theme}"
        wrong += looked_at(page, address, f"ugly-policies-{end}")
        wrong += looked_at(page, f"{address}{policy.pk}/", f"ugly-policy-{end}")
        wrong += looked_at(page, f"{address}{policy.pk}/edit/", f"ugly-policy-form-{end}")
        for fold in page.locator("details:not([open]) > summary").all():
            if fold.is_visible():
                fold.click()
        page.get_by_role("button", name="Simulate").click()
        page.locator(".picture").wait_for()
        wrong += seen(page, f"ugly-simulation-{end}")
        page.get_by_label("By category: Resolution").check()
        cell(page, "Resolution, Support, Low").fill("s" * 20)
        cell(page, "Resolution, Any category, Low").fill("0h")
        page.get_by_role("button", name="Save", exact=True).last.click()
        page.get_by_role("alert").wait_for()
        wrong += seen(page, f"ugly-errors-{end}")
    context.close()
    assert wrong == []


def seen(page: Page, name: str) -> list[str]:
    """Look at the page as it stands."""
    found = Axe().run(page, options=RULES).response["violations"]
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    wrong = [f"{name}: {each['id']} {node['target']}" for each in found for node in each["nodes"]]
    return wrong + ([f"{name}: {wide} px too wide"] if wide > 0 else [])
