"""Calendars in a browser: set up with holidays of two countries, then a forgotten one added."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from sla import rollout
from sla.models import Calendar
from tests.factories import AdminFactory, file_ticket
from tests.flows.conftest import Desk
from tests.flows.steps import add_holiday_also_for_the_past, save, set_up_alpine_calendar
from tests.flows.test_look import SIZES, as_it_stands, looked_at
from tests.sla.promises import WEEKDAYS, amounts, make_default, save_calendar, save_policy
from tickets.models import Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def admins_page(desk: Desk, page: Page) -> Page:
    """The browser of an admin."""
    desk.sign_in(page, AdminFactory(time_zone="UTC"))
    return page


def test_a_calendar_with_the_holidays_of_two_countries(desk: Desk, admins_page: Page):
    set_up_alpine_calendar(admins_page, desk.url)
    expect(admins_page.locator("main")).to_contain_text("Mon–Fri 08:00–12:00, 13:00–16:30")
    document = Calendar.objects.get(name="Alpine").current.document
    assert {"2026-06-04", "2026-10-03"} <= set(document["holidays"])
    assert "2026-10-26" not in document["holidays"]


def test_what_is_typed_while_holidays_are_looked_up_stays(desk: Desk, admins_page: Page):
    page = admins_page
    page.goto(f"{desk.url}/agent/settings/calendars/new/")
    page.get_by_label("Country").first.select_option("DE")
    new_year = page.get_by_label(re.compile("1 Jan 2026"))
    expect(new_year).to_be_enabled()
    page.route("**/calendars/new/", lambda _: None)
    page.get_by_label("Region").first.select_option("BY")
    expect(new_year).to_be_disabled()  # what is ticked now would be lost to the answer
    page.get_by_label("To year").fill("2028")
    page.get_by_role("textbox", name="Holidays").fill("2026-12-24 Early closing")
    page.unroute("**/calendars/new/")  # lets go of what was held
    expect(page.get_by_label(re.compile("4 Jun 2026"))).to_be_checked()  # Bavaria
    expect(page.get_by_label("To year")).to_have_value("2028")
    holidays = page.get_by_role("textbox", name="Holidays")
    expect(holidays).to_have_value("2026-12-24 Early closing")


def test_a_forgotten_holiday_also_for_the_past_moves_the_due_time(desk: Desk, page: Page):
    calendar = save_calendar(document={**WEEKDAYS, "timezone": "UTC"}, at=desk.clock.now)
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts("24h")}))
    ticket = file_ticket(at=desk.clock.now)
    before = Ticket.objects.get(pk=ticket.pk).due_at
    assert before is not None
    desk.clock.forward(days=2)
    desk.sign_in(page, AdminFactory(time_zone="UTC"))
    address = f"{desk.url}/agent/settings/calendars/{calendar.pk}/"
    add_holiday_also_for_the_past(page, address, "2026-03-03 Forgotten", "2026-03-02")
    moves = page.get_by_role("list", name="Due times that move")
    expect(moves).to_contain_text(f"#{ticket.number}")
    save(page)
    following = page.get_by_role("region", name="Changes")
    expect(following.get_by_role("progressbar").first).to_be_visible()
    rollout.follow_changes(desk.clock.now)
    expect(following.get_by_role("progressbar")).to_have_count(0)
    expect(following).to_contain_text("done")
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/clocks/")
    assert Ticket.objects.get(pk=ticket.pk).due_at == before + timedelta(days=1)
    expect(page.locator("main")).to_contain_text("Fri 6 Mar 2026, 10:00")


def test_a_broken_file_loses_nothing_typed(desk: Desk, admins_page: Page, tmp_path: Path):
    broken = tmp_path / "holidays.ics"
    broken.write_bytes(b"BEGIN:VCALENDAR\r\n" + b"x" * 5_000_000)
    page = admins_page
    page.goto(f"{desk.url}/agent/settings/calendars/new/")
    page.get_by_role("textbox", name="Name", exact=True).fill("Kept")
    page.get_by_role("textbox", name="Holidays").fill("2026-12-25 Christmas Day")
    page.get_by_label("iCalendar file").set_input_files(broken)
    page.get_by_role("button", name="Read the file").click()
    expect(page.locator("#fill-in")).to_contain_text("This file is larger than 1 MB.")
    expect(page.get_by_role("textbox", name="Holidays")).to_have_value("2026-12-25 Christmas Day")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("Kept")


def test_calendars_can_be_set_up_without_scripts(desk: Desk, browser: Browser):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    desk.sign_in(page, AdminFactory())
    page.goto(f"{desk.url}/agent/settings/calendars/new/")
    page.get_by_role("textbox", name="Name", exact=True).fill("Plain")
    page.get_by_label("Country").first.select_option("FR")
    page.get_by_role("button", name="Look up").click()
    page.get_by_role("button", name="Take over what is ticked").click()
    assert "2026-07-14" in page.get_by_role("textbox", name="Holidays").input_value()
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url(re.compile(r"/calendars/\d+/$"))
    assert "2026-07-14" in Calendar.objects.get(name="Plain").current.document["holidays"]
    context.close()


def test_the_pages_can_be_read_by_everybody_with_little_and_with_ugly_data(
    desk: Desk, browser: Browser
):
    many = [datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=5 * number) for number in range(150)]
    holidays = [f"{day:%Y-%m-%d}" for day in many]
    ugly = save_calendar(at=desk.clock.now, document={
        "timezone": "America/Argentina/ComodRivadavia", "hours_per_day": 7.75,
        "weekly": {day: [["00:00", "02:15"], ["03:00", "09:30"], ["10:00", "12:00"],
                         ["13:00", "18:45"], ["19:00", "24:00"]] for day in ("mon", "wed")},
        "holidays": holidays, "holiday_names": dict.fromkeys(holidays, "Pneumonoultra" * 7),
        "exceptions": {"2026-03-04": [["09:00", "12:00"]]},
    })  # fmt: skip
    Calendar.objects.filter(pk=ugly.pk).update(name="W" * 100)
    bare = save_calendar(at=desk.clock.now)
    make_default(save_policy(calendar=ugly, targets={"resolution": amounts("8h")}))
    file_ticket(subject="V" * 250, at=desk.clock.now)
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    desk.sign_in(page, AdminFactory(name="A" * 200))
    wrong = []
    for width, theme in SIZES:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        for name, address in {
            "calendars-ugly": "/agent/settings/calendars/",
            "calendar-ugly": f"/agent/settings/calendars/{ugly.pk}/",
            "calendar-bare": f"/agent/settings/calendars/{bare.pk}/",
            "calendar-edit-ugly": f"/agent/settings/calendars/{ugly.pk}/edit/",
            "rollouts-ugly": "/agent/settings/rollouts/",
        }.items():
            wrong += looked_at(page, desk.url + address, f"{name}-{width}-{theme}")
        page.goto(f"{desk.url}/agent/settings/calendars/{ugly.pk}/edit/")
        page.get_by_role("textbox", name="Holidays").fill("2026-03-06 Party\nno date")
        page.get_by_label("Monday").fill("25:00–26:00")
        page.get_by_role("button", name="Save", exact=True).last.click()
        expect(page.locator("[data-error-summary]")).to_be_visible()
        page.wait_for_load_state()
        wrong += as_it_stands(page, f"calendar-refused-{width}-{theme}")
        page.get_by_role("textbox", name="Holidays").fill("2026-03-02 Party\n2026-05-01")
        page.get_by_label("Monday").fill("09:00–17:00")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_role("list", name="Due times that move")).to_be_visible()
        page.get_by_label("Country").first.select_option("DE")
        expect(page.get_by_role("button", name="Take over what is ticked")).to_be_visible()
        page.evaluate("scrollTo(0, 0); document.getElementById('main').scrollTo(0, 0)")
        wrong += as_it_stands(page, f"calendar-filling-{width}-{theme}")
    assert wrong == []


def test_countries_are_named_in_the_readers_language(desk: Desk, page: Page):
    desk.sign_in(page, AdminFactory(language="de"))
    page.goto(f"{desk.url}/agent/settings/calendars/new/")
    page.get_by_label("Land").first.select_option(label="Österreich")
    expect(page.get_by_label("Region").first).to_be_visible()
    expect(page.get_by_label("Land").first).to_have_value("AT")
    expect(page.locator("#fill-in")).to_contain_text("Neujahr")
