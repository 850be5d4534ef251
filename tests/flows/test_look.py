"""Every page in light and dark, wide and narrow: no violation of WCAG 2.2 AA, nothing overflows.

With SCREENSHOTS=<folder> each page is also kept as a picture.
"""

import os
import re
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from accounts.actions.signing_in import make_setup_link
from accounts.models import User
from automation.models import Macro
from helpdesk.sample_desk import loading
from products.models import Product
from sla.models import Agreement, Calendar, Policy
from tests.conftest import IS_DRILL
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.flows.conftest import Desk
from tickets import actions, tallies, vocabulary
from tickets.models import Ticket

pytestmark = pytest.mark.browser
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
SETTLE = """() => new Promise((settled) => {
    const still = () => document.getAnimations().every(
        (each) => each.effect.getTiming().iterations === Infinity || each.playState === "paused");
    const look = (left) => {
        if (still() || !left) settled();
        else requestAnimationFrame(() => look(left - 1));
    };
    look(120);
})"""
ALL_SIZES = [(1440, "light"), (1440, "dark"), (360, "light"), (360, "dark")]
SIZES = ALL_SIZES if IS_DRILL or "SCREENSHOTS" in os.environ else [ALL_SIZES[0], ALL_SIZES[3]]


def sizes_of(place: int) -> list[tuple[int, str]]:
    """In which sizes a page of many is looked at: in all of them, or in turn in one."""
    return SIZES if SIZES == ALL_SIZES else [SIZES[place % len(SIZES)]]


@pytest.fixture
def living(desk: Desk) -> Desk:
    """The desk with its samples."""
    loading.load(desk.clock.now)
    while tallies.follow(desk.clock.now).is_behind or vocabulary.count(desk.clock.now):
        pass
    return desk


def looked_at(page: Page, url: str, name: str) -> list[str]:
    """Open a page and say what is wrong with it, in words."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status == 200, url
    page.wait_for_timeout(100)
    return as_it_stands(page, name)


def as_it_stands(page: Page, name: str, within: str | None = None) -> list[str]:
    """Say what is wrong with an open page, in words, once no colour is on its way any more.

    `within`: a selector of what floats; the targets hidden below are no neighbours of its own.
    """
    page.evaluate(SETTLE)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png")
    rules = RULES | ({"rules": {"target-size": {"enabled": False}}} if within else {})
    found = Axe().run(page, context=within, options=rules).response["violations"]
    wrong = [
        f"{name}: {violation['id']} at {node['target']}"
        for violation in found
        for node in violation["nodes"]
    ]
    wide = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    if wide > 0:
        wrong.append(f"{name}: {wide} px too wide")
    return wrong


def signed_in(
    living: Desk, browser: Browser, width: int, scheme: Literal["light", "dark"]
) -> Page:
    """An agent's browser of this size and theme."""
    page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    living.sign_in(page, User.objects.get(email="mia@desk.example"))
    return page


def pages_of(role: str) -> dict[str, str]:
    """The addresses at which each page is looked at, by a name for each."""
    telling = Ticket.objects.filter(messages__kind="note").earliest("number")
    mine = Ticket.objects.filter(requester__email="ana@acme.example").latest("number")
    person = telling.requester
    plan = Policy.objects.get(name="Premium")
    bought = Agreement.objects.get(policy__name="Standard")
    macro = Macro.objects.earliest("pk")
    outside = Ticket.objects.filter(standing__cover="product").latest("number")
    product = Product.objects.earliest("pk")
    hours = Calendar.objects.earliest("pk")
    colleague = User.objects.get(email="tom@desk.example")
    return {
        "agent": {
            "queue": "/agent/?view=all",
            "home": "/agent/home/",
            "reports": "/agent/reports/?first=2025-12-01&last=2026-03-02",
            "palette": "/agent/palette/?q=a",
            "palette-meant": "/agent/palette/?q=ledger+exprot",
            "queue-empty": "/agent/?view=all&tag=none-such",
            "queue-grouped": "/agent/?view=all&group=priority",
            "queue-of-many-columns": "/agent/?view=all&columns=who&columns=team&columns=product"
            "&columns=created&columns=due&columns=activity",
            "third-party": f"/agent/tickets/{telling.number}/third-party/",
            "views": "/agent/views/",
            "new-view": "/agent/views/new/",
            "filters": "/agent/filters/",
            "new-person": "/agent/people/new/",
            "organisations": "/agent/organisations/",
            "new-organisation": "/agent/organisations/new/",
            "search-none": "/agent/search/?q=none-such",
            "ticket": f"/agent/tickets/{telling.number}/",
            "print": f"/agent/tickets/{telling.number}/print/?notes=1",
            "merge": f"/agent/tickets/{telling.number}/merge/?to={mine.number}",
            "snooze": f"/agent/tickets/{telling.number}/snooze/",
            "snoozed-view": "/agent/?view=snoozed",
            "deadlines": f"/agent/tickets/{telling.number}/clocks/",
            "notices": "/agent/notifications/",
            "attainment": "/agent/reports/attainment/?by=policy",
            "new-on-behalf": "/agent/tickets/new/",
            "search": "/agent/search/?q=export",
            "people": "/agent/people/",
            "person": f"/agent/people/{person.pk}/",
            "organisation": f"/agent/organisations/{person.organisation_id}/",
            "profile": "/agent/profile/",
            "accounts": "/agent/accounts/",
            "board": "/agent/board/",
            "service-report": f"/agent/organisations/{person.organisation_id}/report/2026-02/",
            "agreements": "/agent/settings/agreements/",
            "agreement": f"/agent/settings/agreements/{bought.pk}/",
            "out-of-cover": f"/agent/tickets/{outside.pk}/",
            "queue-out-of-cover": "/agent/?view=all&cover=out",
            "policies": "/agent/settings/policies/",
            "macros-list": "/agent/settings/macros/",
            "policy": f"/agent/settings/policies/{plan.pk}/",
        },
        "admin": {
            "settings": "/agent/settings/",
            "general": "/agent/settings/general/",
            "agents": "/agent/settings/agents/",
            "agent": f"/agent/settings/agents/{colleague.pk}/",
            "teams": "/agent/settings/teams/",
            "new-team": "/agent/settings/teams/new/",
            "products": "/agent/settings/products/",
            "product": f"/agent/settings/products/{product.pk}/",
            "new-release": f"/agent/settings/products/{product.pk}/releases/new/",
            "new-component": f"/agent/settings/products/{product.pk}/components/new/",
            "fields": "/agent/settings/fields/",
            "new-field": "/agent/settings/fields/new/",
            "new-macro": "/agent/settings/macros/new/",
            "calendar": f"/agent/settings/calendars/{hours.pk}/",
            "edit-calendar": f"/agent/settings/calendars/{hours.pk}/edit/",
            "invite": "/agent/settings/agents/invite/",
            "calendars": "/agent/settings/calendars/",
            "new-calendar": "/agent/settings/calendars/new/",
            "rollouts": "/agent/settings/rollouts/",
            "tokens": "/agent/settings/tokens/",
            "new-token": "/agent/settings/tokens/new/",
            "policies-in-order": "/agent/settings/policies/",
            "new-agreement": "/agent/settings/agreements/new/",
            "edit-agreement": f"/agent/settings/agreements/{bought.pk}/edit/",
            "new-policy": "/agent/settings/policies/new/",
            "edit-policy": f"/agent/settings/policies/{plan.pk}/edit/",
            "style": "/agent/settings/style/",
            "outgoing-mail": "/agent/settings/outgoing-mail/",
            "system": "/agent/settings/system/",
            "macro": f"/agent/settings/macros/{macro.pk}/",
        },
        "customer": {
            "my-tickets": "/my/",
            "my-tickets-meant": "/my/?show=all&q=exprot",
            "my-tickets-none": "/my/?q=none-such",
            "my-ticket": f"/ticket/{mine.number}/",
            "file-signed-in": "/new/",
        },
        "nobody": {
            "start": "/",
            "file": "/new/",
            "sign-in": "/signin/",
            "password": "/signin/password/",
        },
    }[role]


@pytest.mark.parametrize("role", ["agent", "admin", "customer", "nobody"])
def test_every_page_can_be_used_by_everybody(living: Desk, browser: Browser, role: str):
    pages = pages_of(role)
    emails = {"agent": "mia@desk.example", "admin": "robin@desk.example",
              "customer": "ana@acme.example"}  # fmt: skip
    wrong: list[str] = []
    context = browser.new_context()
    if role in emails:
        living.sign_in(context.new_page(), User.objects.get(email=emails[role]))
    cookies = context.cookies()
    for width, theme in SIZES:
        sized = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=theme, locale="en-GB"
        )
        sized.add_cookies(cookies)
        page = sized.new_page()
        for place, (name, address) in enumerate(pages.items()):
            if (width, theme) in sizes_of(place):
                wrong += looked_at(page, living.url + address, f"{name}-{width}-{theme}")
        sized.close()
    assert wrong == []


def test_long_words_and_deep_quotes_fit_on_a_narrow_screen(desk: Desk, browser: Browser):
    ticket = file_ticket(
        UserFactory(name="N" * 200, organisation=OrganisationFactory(name="O" * 200)),
        subject="W" * 250,
        body="x" * 400 + "\n\n```\n" + "y" * 400 + "\n```\n" + "> " * 12 + "z",
        at=desk.clock.now,
    )
    for person in (UserFactory(name="C" * 200), UserFactory(name="")):
        actions.add_cc(ticket.number, person, actor=as_agent(), at=desk.clock.now)
    long = AgentFactory(name="A" * 200)
    for n in range(6):
        logged = actions.log_time(
            ticket.number, 1_439, desk.clock.now.date(), actor=as_agent(long), at=desk.clock.now,
            category="corrective", is_billable=False, words="W" * 500 if n == 5 else "",
        )  # fmt: skip
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    desk.sign_in(page, long)
    wrong = []
    for name, address in {
        "ugly-queue": "/agent/?view=all",
        "ugly-ticket": f"/agent/tickets/{ticket.number}/",
        "ugly-time": f"/agent/tickets/{ticket.number}/time/{logged.after['entry']}/",
        "ugly-paper": f"/agent/tickets/{ticket.number}/print/",
        "ugly-person": f"/agent/people/{ticket.requester_id}/",
        "ugly-search": f"/agent/search/?q={'W' * 60}",
    }.items():
        wrong += looked_at(page, desk.url + address, name)
    page.set_viewport_size({"width": 1440, "height": 900})
    wrong += looked_at(page, f"{desk.url}/agent/?view=all", "ugly-queue-wide")
    wrong += looked_at(page, f"{desk.url}/agent/tickets/{ticket.number}/", "ugly-ticket-wide")
    assert wrong == []


def test_the_menu_opens_on_a_narrow_screen(desk: Desk, browser: Browser):
    context = browser.new_context(viewport={"width": 360, "height": 780})
    page = context.new_page()
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/")
    page.get_by_role("link", name="Menu").click()
    page.get_by_role("link", name=re.compile("Untriaged")).click()
    page.wait_for_url(re.compile("view=untriaged"))


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_set_up_chooses_the_browsers_zone_and_can_be_used_by_everybody(
    desk: Desk, browser: Browser, width: int, scheme: Literal["light", "dark"]
):
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, timezone_id="Asia/Kolkata"
    )
    page = context.new_page()
    address = f"{desk.url}/signin/setup/{make_setup_link()}/"
    wrong = looked_at(page, address, f"set-up-{width}-{scheme}")
    zone = page.get_by_label("Time zone")
    expect(zone).to_have_value("Asia/Kolkata")  # Chromium's own word is Asia/Calcutta
    zone.select_option("Africa/Nairobi")
    page.get_by_role("button", name="Set up").click()
    expect(zone).to_have_value("Africa/Nairobi")  # refused, and what was chosen stays
    AgentFactory()
    page.goto(address.replace("/setup/", "/setup/x"))
    assert [*wrong, *as_it_stands(page, f"set-up-spent-{width}-{scheme}")] == []


def test_the_confirmation_can_be_read_by_everybody(desk: Desk, browser: Browser):
    page = browser.new_context().new_page()
    page.goto(f"{desk.url}/new/")
    page.get_by_label("I have a question").check()
    page.get_by_label("In one line").fill("Where is the export?")
    page.get_by_label("What happened?").fill("I cannot find it.")
    page.get_by_label("Your name").fill("Zoe")
    page.get_by_label("Your e-mail address").fill("zoe@acme.example")
    desk.clock.forward(seconds=20)
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(re.compile("/new/sent/"))
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        wrong += looked_at(page, page.url, f"confirmation-{width}-{theme}")
    assert wrong == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_the_open_palette_can_be_used_by_everybody(
    living: Desk, browser: Browser, width: int, scheme: Literal["light", "dark"]
):
    page = signed_in(living, browser, width, scheme)
    ticket = Ticket.objects.filter(status="open").latest("number")
    page.goto(f"{living.url}/agent/tickets/{ticket.number}/")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="Untriaged")).to_be_visible()
    assert as_it_stands(page, f"open-palette-{width}-{scheme}") == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_what_opens_over_a_page_stays_within_it_and_can_be_used_by_everybody(
    living: Desk, browser: Browser, width: int, scheme: Literal["light", "dark"]
):
    page = signed_in(living, browser, width, scheme)
    ticket = Ticket.objects.filter(status="open").latest("number")
    wrong = []
    for address, opener in (
        ("/agent/?view=all", ".toolbar .end details.menu:has(.filter-form)"),
        ("/agent/?view=all", ".toolbar .end details.menu:has(.look-form)"),
        ("/agent/?view=all", ".filter-help"),
        (f"/agent/tickets/{ticket.number}/", ".ticket-nav details.menu"),
        (f"/agent/tickets/{ticket.number}/", ".entry details.menu >> nth=0"),
        (f"/agent/tickets/{ticket.number}/", ".split-button details.menu"),
    ):
        page.goto(living.url + address)
        menu = page.locator(opener)
        menu.locator("> summary").click()
        listed = menu.locator("> .menu-list")
        expect(listed).to_be_visible()
        box = listed.bounding_box()
        assert box is not None
        if box["x"] < 0 or box["x"] + box["width"] > width:
            wrong.append(f"{opener}: from {box['x']} px, {box['width']} px wide")
        wrong += as_it_stands(page, f"{opener}-{width}-{scheme}", "details[open] > .menu-list")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    wrong += as_it_stands(page, f"keys-{width}-{scheme}")
    assert wrong == []


@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_filter_that_cannot_be_read_and_what_is_not_there_can_be_read_by_everybody(
    living: Desk, browser: Browser, width: int, scheme: Literal["light", "dark"]
):
    page = signed_in(living, browser, width, scheme)
    wrong = []
    for name, address, status in (
        ("bad-filter", "/agent/?view=all&filter=status:opne", 422),
        ("not-there", "/agent/tickets/999999/", 404),
        ("not-allowed", "/agent/settings/general/", 403),
    ):
        answer = page.goto(living.url + address)
        assert answer is not None
        assert answer.status == status, address
        wrong += as_it_stands(page, f"{name}-{width}-{scheme}")
    assert wrong == []


def test_subjects_keep_their_room_and_line_up_however_the_queue_looks(
    living: Desk, browser: Browser
):
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    living.sign_in(page, User.objects.get(email="mia@desk.example"))
    every = "status number who category priority assignee team product created due activity"
    for width, look in (
        (1440, "".join(f"&columns={column}" for column in every.split())),
        (1440, "&columns=usual"),
        (360, "&columns=usual"),
    ):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(f"{living.url}/agent/?view=all{look}")
        cells = page.locator("tbody td.subject")
        assert cells.first.evaluate("cell => cell.getBoundingClientRect().width") > 120
        starts = cells.evaluate_all(
            """all => all.map((cell) => Math.round(cell.getBoundingClientRect().x))"""
        )
        assert len(set(starts)) == 1


def test_what_an_ellipsis_cuts_off_is_said_where_somebody_points_at_it(
    desk: Desk, browser: Browser
):
    subject = "Long words of a long subject " * 8
    ticket = file_ticket(subject=subject.strip(), at=desk.clock.now)
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    desk.sign_in(page, AgentFactory())
    page.goto(f"{desk.url}/agent/?view=all")
    cell = page.locator(f"#t{ticket.number} td.subject")
    cell.hover()
    expect(cell).to_have_attribute("title", ticket.subject)
