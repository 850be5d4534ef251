"""What an admin does step by step to set up promises, for the flows that need it."""

import re

from playwright.sync_api import Locator, Page, expect

SAVED = re.compile(r"/settings/\w+/\d+/$")


def save(page: Page) -> None:
    """Save the form, and wait for the page of what was saved."""
    page.get_by_role("button", name="Save", exact=True).last.click()
    page.wait_for_url(SAVED)


def set_up_alpine_calendar(page: Page, desk_url: str) -> None:
    """Set up split days in Vienna with the holidays of Austria and Bavaria, but one."""
    page.goto(f"{desk_url}/agent/settings/calendars/")
    page.get_by_role("link", name="New calendar").click()
    page.wait_for_url("**/calendars/new/")  # with its scripts, which copy the hours of a day
    page.get_by_role("textbox", name="Name", exact=True).fill("Alpine")
    page.get_by_label("Time zone").select_option("Europe/Vienna")
    page.get_by_label("Monday").fill("08:00–12:00, 13:00–16:30")
    page.get_by_role("button", name=re.compile("get the hours of Monday")).click()
    expect(page.get_by_label("Friday")).to_have_value("08:00–12:00, 13:00–16:30")
    page.get_by_label("Country").first.select_option("AT")
    expect(page.locator("#region-1")).to_be_visible()
    page.get_by_label("Country").nth(1).select_option("DE")
    page.locator("#region-2").select_option("BY")
    page.get_by_label("To year").fill("2026")
    page.get_by_role("button", name="Look up").click()
    expect(page.get_by_label(re.compile(r"4 Jun 2026.*\(AT, DE-BY\)"))).to_be_checked()
    page.get_by_label(re.compile("26 Oct 2026")).uncheck()
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    page.get_by_role("button", name="Take over what is ticked").click()
    expect(page.get_by_role("textbox", name="Holidays")).to_have_value(re.compile("2026-06-04"))
    expect(page.locator("#calendar-preview")).to_contain_text("08:00–12:00, 13:00–16:30")
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("Alpine")
    save(page)


def add_holiday_also_for_the_past(page: Page, calendar_url: str, line: str, since: str) -> None:
    """Add a line to a calendar's holidays, and look at what it moves, without saving."""
    page.goto(calendar_url)
    page.get_by_role("link", name="Change").click()
    holidays = page.get_by_role("textbox", name="Holidays")
    holidays.fill(f"{holidays.input_value()}\n{line}".strip())
    page.get_by_label("Also for the past, since").fill(since)
    page.get_by_role("button", name="Preview").click()


def cell(page: Page, name: str) -> Locator:
    """One field of the table of targets, such as "Resolution, Any category, Low"."""
    return page.get_by_label(name, exact=True)


def paste(page: Page, into: str, text: str) -> None:
    """Paste a block of a spreadsheet into the table of targets."""
    cell(page, into).evaluate(
        """(field, text) => {
            field.focus();
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            const options = {clipboardData, bubbles: true, cancelable: true};
            field.dispatchEvent(new ClipboardEvent("paste", options));
        }""",
        text,
    )


def begin_policy(page: Page, desk_url: str, name: str) -> None:
    """Begin a policy under a name."""
    page.goto(f"{desk_url}/agent/settings/policies/")
    page.get_by_role("link", name="New policy").click()
    page.wait_for_url("**/policies/new/")  # with its scripts, which take what is pasted
    page.wait_for_load_state()
    page.get_by_label("Name", exact=True).first.fill(name)


def begin_agreement(page: Page, desk_url: str, *, organisation: str, plan: str) -> None:
    """Begin an agreement of an organisation that begins on 1 March 2026."""
    page.goto(f"{desk_url}/agent/settings/")
    page.get_by_role("link", name=re.compile("^Agreements")).click()
    page.get_by_role("link", name="New agreement").first.click()
    page.wait_for_url(re.compile("/new/$"))
    page.wait_for_load_state()
    page.get_by_label("Plan").select_option(label=plan)
    page.get_by_label("First day").fill("2026-03-01")
    page.get_by_label("Organisation").select_option(label=organisation)
