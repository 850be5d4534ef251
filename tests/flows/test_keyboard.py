"""An agent triages by keyboard alone, in a real browser with our content security policy."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, UserFactory, as_customer, file_ticket
from tests.flows.conftest import Desk
from tickets import actions
from tickets.models import Draft, Ticket

pytestmark = pytest.mark.browser


@pytest.fixture
def mia(desk: Desk) -> User:
    return AgentFactory(name="Mia Berger", time_zone="UTC")


@pytest.fixture
def three(desk: Desk) -> list[Ticket]:
    """Three new tickets, the newest last."""
    person = UserFactory(name="Ana Duarte")
    return [
        file_ticket(person, subject=subject, category="support", at=desk.clock.forward(minutes=1))
        for subject in ("First", "Second", "Third")
    ]


@pytest.fixture
def troubles(page: Page) -> list[str]:
    """What the browser complained of: scripts that broke, policies that were violated."""
    seen: list[str] = []
    page.on("pageerror", lambda error: seen.append(str(error)))
    page.on(
        "console",
        lambda line: seen.append(line.text) if "Content Security Policy" in line.text else None,
    )
    return seen


def test_the_queue_is_worked_through_by_keys(
    desk: Desk, page: Page, mia: User, three: list[Ticket], troubles: list[str]
):
    first, second, third = three
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/?view=all&sort=created_at")
    preview = page.locator("#preview")
    expect(preview).to_contain_text("First")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(preview).to_contain_text("Second")
    expect(page.locator("tr.current")).to_have_attribute("data-number", str(second.number))

    page.keyboard.press("p")
    page.keyboard.press("Escape")  # nothing chosen leaves nothing selected
    expect(page.locator("#bulk")).to_be_hidden()
    page.keyboard.press("p")  # one letter opens the list, typing narrows it, enter takes it
    page.keyboard.type("urg")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{second.number} changed")
    page.wait_for_load_state()
    expect(page.locator("tr.current")).to_have_attribute("data-number", str(second.number))
    second.refresh_from_db()
    assert second.priority == "urgent"

    page.keyboard.press("k")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("#bulk [data-count]")).to_have_text("2")
    page.keyboard.press("m")
    expect(page.locator("#toasts")).to_contain_text("2 tickets changed")
    page.wait_for_load_state()
    assert set(Ticket.objects.filter(assignee=mia)) == {first, second}

    page.locator("tr", has_text="Third").get_by_role("link").focus()
    page.keyboard.press("c")
    page.keyboard.type("corr")
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{third.number} changed")
    page.wait_for_load_state()
    third.refresh_from_db()
    assert (third.category, third.category_confirmed_at is not None) == ("corrective", True)
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("m")
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()
    assert troubles == []


def test_the_ticket_is_worked_on_by_keys(
    desk: Desk, page: Page, mia: User, three: list[Ticket], troubles: list[str]
):
    first, second, _third = three
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/?view=all&sort=created_at")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Subject")).to_have_value("First")
    expect(page.locator("[data-place]")).to_have_text("1 / 3")

    page.keyboard.press("c")
    page.keyboard.type("adap")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("Support → Adaptive")
    page.keyboard.press("p")
    page.keyboard.type("high")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("Normal → High")
    page.keyboard.press("m")
    expect(page.locator("#field-assignee option:checked")).to_have_text("Mia Berger")

    page.keyboard.press("n")
    page.keyboard.type("Ask the bank first.")
    expect(page.locator("[data-draft-state]")).to_have_text("Draft kept")
    assert Draft.objects.get().body == "Ask the bank first."
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry.note")).to_contain_text("Ask the bank first.")

    page.wait_for_load_state()
    page.keyboard.press("r")
    page.keyboard.type("We are on it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".entry.agent")).to_contain_text("We are on it.")
    page.wait_for_load_state()
    page.keyboard.press("s")
    page.keyboard.type("pend")
    page.keyboard.press("Enter")
    expect(page.locator("#field-status")).to_have_value("pending")
    page.keyboard.press("e")
    expect(page.locator("#field-status")).to_have_value("resolved")
    page.keyboard.press("j")
    expect(page.get_by_label("Subject")).to_have_value("Second")
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page).to_have_url(re.compile(rf"view=all&sort=created_at#t{second.number}$"))
    first.refresh_from_db()
    assert (first.status, first.priority, first.category) == ("resolved", "high", "adaptive")
    assert troubles == []


def test_a_refusal_stands_above_what_was_typed_which_stays(
    desk: Desk, page: Page, mia: User, troubles: list[str]
):
    bare = file_ticket(at=desk.clock.now)
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{bare.number}/")
    page.keyboard.press("r")
    page.keyboard.type("Half a sentence")
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    expect(page.locator("#ticket-head [role=alert]")).to_contain_text("what kind of maintenance")
    expect(page.locator("[data-draft]")).to_have_value("Half a sentence")
    page.keyboard.press("s")
    page.keyboard.type("hold")
    page.keyboard.press("Enter")
    expect(page.locator("#hold-reason input")).to_be_focused()
    page.keyboard.type("the bank")
    page.keyboard.press("Enter")
    expect(page.locator("#timeline")).to_contain_text("New → On hold")
    bare.refresh_from_db()
    assert (bare.status, bare.hold_reason) == ("on_hold", "the bank")
    assert troubles == []


def test_a_private_team_gets_a_ticket_only_after_its_giver_has_read_what_that_means(
    desk: Desk, page: Page, mia: User, three: list[Ticket], troubles: list[str]
):
    team = TeamFactory(name="Security", is_private=True)
    ticket = three[0]
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    page.keyboard.press("t")
    page.keyboard.type("secu")
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-head [role=alert]")).to_contain_text("without you")
    expect(page.get_by_role("button", name="Hand over")).to_be_focused()
    ticket.refresh_from_db()
    assert ticket.team is None
    page.keyboard.press("Enter")
    expect(page.locator("#toasts")).to_contain_text(f"#{ticket.number} was handed over")
    expect(page.locator("tr[data-number]")).to_have_count(2)
    ticket.refresh_from_db()
    assert ticket.team == team
    assert troubles == []


def test_an_answer_is_taken_back_and_its_words_return(
    desk: Desk, page: Page, mia: User, three: list[Ticket]
):
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{three[0].number}/#reply")
    page.keyboard.type("Too early.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".entry.agent")).to_contain_text("Too early.")
    page.evaluate(  # the browser's own clock goes on while the desk's stands still
        "document.querySelector('[data-undo-until]').dataset.undoUntil ="
        " new Date(Date.now() + 9000).toISOString()"
    )
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".entry.agent")).to_have_count(0)
    expect(page.locator("[data-draft]")).to_have_value("Too early.")


def test_a_customer_who_writes_meanwhile_is_read_first(
    desk: Desk, page: Page, mia: User, three: list[Ticket]
):
    ticket = three[0]
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    actions.reply(
        ticket.number, "It works again!", actor=as_customer(ticket.requester), at=desk.clock.now
    )
    page.keyboard.press("r")
    page.keyboard.type("Still looking.")
    page.keyboard.press("Control+Enter")
    expect(page.locator(".composer")).to_contain_text("1 new message since you started")
    expect(page.locator("#timeline")).to_contain_text("It works again!")
    expect(page.locator("[data-draft]")).to_have_value("Still looking.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".entry.agent")).to_contain_text("Still looking.")


def test_files_are_dropped_pasted_and_sent(desk: Desk, page: Page, mia: User, three: list[Ticket]):
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/tickets/{three[0].number}/#note")
    page.set_input_files(
        "form[data-composer] input[type=file]",
        {"name": "log.txt", "mimeType": "text/plain", "buffer": b"trace"},
    )
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["pasted"], "pasted.txt", {type: "text/plain"}));
            const text = document.querySelector("[data-draft]");
            text.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
        }"""
    )
    expect(page.locator("form[data-composer] input[name=uploads]")).to_have_count(2)
    page.get_by_role("button", name="Add note").click()
    expect(page.locator(".entry.note .file")).to_have_count(2)


def test_times_go_on_in_the_readers_language(desk: Desk, page: Page):
    reader = AgentFactory(language="de", time_zone="UTC")
    file_ticket(category="support", at=desk.clock.now - timedelta(days=2, minutes=5))
    file_ticket(category="support", at=desk.clock.now - timedelta(minutes=5))
    desk.sign_in(page, reader)
    page.clock.install(time=desk.clock.now)
    page.goto(f"{desk.url}/agent/?view=all&sort=created_at")
    ages = page.locator("tbody time[data-ago]")
    expect(ages).to_have_text(["2 T", "5 min"])
    page.clock.fast_forward(61_000)
    expect(ages).to_have_text(["2 T", "6 min"])
    expect(page.locator("tbody .sla")).to_contain_text(["6 h 58 min", "23 h 53 min"])


def test_single_keys_can_be_switched_off(desk: Desk, page: Page, three: list[Ticket]):
    quiet = AgentFactory(single_keys=False)
    desk.sign_in(page, quiet)
    page.goto(f"{desk.url}/agent/?view=all")
    page.keyboard.press("?")
    page.keyboard.press("x")
    expect(page.locator("#keys")).to_be_hidden()
    expect(page.locator("#bulk")).to_be_hidden()


def test_everything_works_without_scripts(desk: Desk, browser, mia: User, three: list[Ticket]):
    ticket = three[0]
    plain = browser.new_context(java_script_enabled=False).new_page()
    desk.sign_in(plain, mia)
    plain.goto(f"{desk.url}/agent/?view=all")
    plain.get_by_label(f"Select #{ticket.number}").check()
    plain.get_by_role("region", name="Change").get_by_label("Priority").select_option("high")
    plain.get_by_role("button", name="Change").click()
    expect(plain.locator("#toasts")).to_contain_text(f"#{ticket.number} changed")
    plain.goto(f"{desk.url}/agent/tickets/{ticket.number}/")
    pill = plain.locator(".pill", has=plain.locator("#field-category"))
    pill.get_by_role("combobox").select_option("corrective")
    pill.get_by_role("button", name="Set").click()
    plain.get_by_label("Write to the customer…").fill("On it.")
    plain.get_by_role("button", name="Send", exact=True).click()
    expect(plain.locator(".entry.agent")).to_contain_text("On it.")
    ticket.refresh_from_db()
    assert (ticket.category, ticket.priority, ticket.status) == ("corrective", "high", "open")


def test_the_palette_goes_anywhere_and_does_what_the_ticket_page_offers(
    desk: Desk, page: Page, mia: User, three: list[Ticket], troubles: list[str]
):
    first = three[0]
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/")
    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Go to or do")
    expect(palette.get_by_role("option", name="Untriaged")).to_be_visible()
    page.keyboard.type(f"#{first.number}")
    expect(palette.get_by_role("option", name=f"#{first.number} First")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/tickets/{first.number}/")

    page.locator("[data-draft]").focus()
    page.keyboard.press("Control+k")  # in the middle of writing, too
    page.keyboard.type("how urgent")
    expect(palette.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    page.keyboard.type("urg")
    page.keyboard.press("Enter")
    expect(page.locator("#field-priority")).to_have_value("urgent")
    page.keyboard.press("Control+k")
    page.keyboard.type("resolve")
    expect(palette.get_by_role("option", name="Resolve", exact=True)).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator("#field-status")).to_have_value("resolved")

    page.keyboard.press("Control+k")
    page.keyboard.type("zzz")
    expect(palette).to_contain_text("Nothing by that name.")
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    assert not troubles


def test_a_queue_that_was_emptied_by_keys_keeps_the_focus(desk: Desk, page: Page, mia: User):
    file_ticket(category="support", at=desk.clock.now)
    desk.sign_in(page, mia)
    page.goto(f"{desk.url}/agent/?view=unassigned")
    page.keyboard.press("m")
    expect(page.get_by_text("Everything has somebody")).to_be_visible()
    expect(page.locator("#queue-form")).to_be_focused()
