"""An agent narrows the queue by typing, by the keyboard alone; all states are usable by all."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.actor import Actor
from accounts.models import Team
from helpdesk.sample_desk import loading
from tests.factories import AdminFactory, AgentFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.test_look import SIZES, as_it_stands, looked_at
from tickets.models import FieldDefinition, SavedView
from tickets.saved_views import save_view

pytestmark = pytest.mark.browser


def test_a_filter_is_typed_completed_and_taken_away_by_keys(desk: Desk, page: Page):
    file_ticket(subject="Wanted", category="support", at=desk.clock.now)
    file_ticket(subject="Other", category="corrective", at=desk.clock.now)
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/?view=all")
    page.keyboard.press("f")
    bar = page.get_by_role("combobox", name="Filter this view")
    expect(bar).to_be_focused()
    page.keyboard.type("cat")
    expect(page.locator(".offer", has_text="category:")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(bar).to_have_value("category:")
    expect(page.locator(".offer", has_text="support")).to_be_visible()
    page.keyboard.type("sup")
    expect(page.locator(".offer")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    expect(bar).to_have_value("category:support")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("filter=category%3Asupport"))
    expect(page.locator("tr[data-number]")).to_have_count(1)
    page.get_by_role("link", name="Remove the filter Category: Support").click()
    expect(page.locator("tr[data-number]")).to_have_count(2)
    page.wait_for_load_state()
    page.keyboard.press("f")
    expect(bar).to_be_focused()
    page.keyboard.type("(wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#filter-error")).to_contain_text("A closing bracket is missing.")
    expect(bar).to_have_value("(wrong")


def test_the_bar_works_without_scripts(desk: Desk, browser: Browser):
    ticket = file_ticket(subject="Wanted", at=desk.clock.now)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/?view=all")
    page.get_by_role("combobox", name="Filter this view").fill("wanted status:new")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Wanted", exact=True)).to_be_visible()
    expect(page.locator("td.number")).to_have_text(f"#{ticket.number}")


def test_the_bar_with_its_offers_help_and_refusal_can_be_used_by_everybody(
    desk: Desk, browser: Browser
):
    loading.load(desk.clock.now)
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    desk.sign_in(page, AgentFactory())
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        asked = "status:live -tag:spam (priority:urgent or tag:x) prority:high " + "w" * 90
        wrong += broken(page, f"{desk.url}/agent/?view=all&filter={asked}", f"{width}-{theme}")
        asked = 'status:live -source:email (priority:high or created:<90d) -"no such words"'
        page.goto(f"{desk.url}/agent/?view=all&filter={asked}")
        page.keyboard.press("f")
        page.keyboard.type(" s")
        expect(page.locator(".offer").first).to_be_visible()
        page.keyboard.press("ArrowDown")
        wrong += as_it_stands(page, f"bar-offers-{width}-{theme}")
        page.keyboard.press("Escape")
        page.locator(".filter-help > summary").click()
        expect(page.get_by_text("status:open,pending", exact=True)).to_be_visible()
        wrong += as_it_stands(page, f"bar-help-{width}-{theme}")
        wrong += looked_at(page, f"{desk.url}/agent/filters/", f"filter-names-{width}-{theme}")
    assert wrong == []


def test_views_can_be_made_ordered_and_read_by_everybody(desk: Desk, browser: Browser):
    loading.load(desk.clock.now)
    admin, actor = AdminFactory(), Actor.system()
    page = browser.new_context(locale="en-GB").new_page()
    desk.sign_in(page, admin)
    field = FieldDefinition.objects.create(key="gone", label="Gone", type="text")
    team = Team.objects.get(name="First line")
    for name, typed, home in (
        ("Urgent and mine", "priority:urgent assignee:me status:live", {}),
        ("W" * 60, "status:live " + " or ".join(f"tag:{'x' * 40}{n}" for n in range(9)), {}),
        ("Of the line", "status:live", {"team": team}),
        ("Everybody’s", "status:live due:<1d", {"is_shared": True}),
        ("Broken", "fields.gone:x status:live", {"is_shared": True}),
    ):
        user = Actor.of(admin, door="agent") if not home else actor
        save_view(None, actor=user, at=desk.clock.now, name=name, filter=typed, **home)
    field.delete()
    views = {view.name: view.pk for view in SavedView.objects.all()}
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        for name, address in {
            "views": "views/",
            "view-form": f"views/{views['Of the line']}/",
            "view-new": "views/new/?filter=status:live+tag:x",
            "view": f"?view={views['Everybody’s']}",
        }.items():
            wrong += looked_at(page, f"{desk.url}/agent/{address}", f"{name}-{width}-{theme}")
        asked = "group=organisation&columns=status&columns=team&columns=product&columns=created"
        page.goto(f"{desk.url}/agent/?view=all&{asked}&columns=due")
        page.locator("summary[title='Order and density']").click()
        wrong += as_it_stands(page, f"view-groups-{width}-{theme}", "details[open] > .menu-list")
        page.goto(f"{desk.url}/agent/?view={views['Broken']}")
        expect(page.get_by_role("heading", name="This view is broken")).to_be_visible()
        wrong += as_it_stands(page, f"view-broken-{width}-{theme}")
    assert wrong == []


def broken(page: Page, url: str, name: str) -> list[str]:
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 422
    return as_it_stands(page, f"bar-wrong-{name}")
