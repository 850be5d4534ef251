"""The main job, end to end: a customer files, an agent triages and answers, it is solved."""

import re

import pytest
from playwright.sync_api import Page, expect

from sla.models import Clock
from tests.factories import AgentFactory, OrganisationFactory, ProductFactory
from tests.flows.conftest import Desk
from tickets import tasks
from tickets.models import Ticket

pytestmark = pytest.mark.browser


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def state_of(ticket: Ticket, metric: str) -> str:
    return Clock.objects.filter(ticket=ticket, metric=metric).latest("seq").state


def test_a_customer_files_and_an_agent_answers_until_it_is_closed(desk: Desk, page: Page, browser):
    OrganisationFactory(name="Acme", domain="acme.example", time_zone="Europe/Vienna")
    ProductFactory(key="ledger", name="Ledger")
    agent = AgentFactory(name="Mia", email="mia@desk.example")

    # An anonymous customer files a corrective issue with a file.
    page.goto(f"{desk.url}/new/")
    page.get_by_label("Something is broken").check()
    page.get_by_label("In one line").fill("Export fails with a 500")
    page.get_by_label("What happened?").fill("Since 2.4.1 the **export** fails.")
    page.get_by_label("Your name").fill("Zoe")
    page.get_by_label("Your e-mail address").fill("zoe@acme.example")
    page.set_input_files(
        "#files", {"name": "log.txt", "mimeType": "text/plain", "buffer": b"trace"}
    )
    expect(page.locator("input[name=uploads]")).to_have_count(1)
    desk.clock.forward(seconds=20)
    page.get_by_role("button", name="Send").click()

    # The confirmation names number and time; the mail arrives.
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you. We have it.")
    ticket = Ticket.objects.get()
    assert kinds(ticket) == ["ticket.opened"]
    assert ticket.due_at is not None
    expect(page.locator(".promise .when")).to_contain_text(f"{ticket.due_at:%H:%M}")
    expect(page.locator("main")).to_contain_text(f"#{ticket.number}")
    desk.work()
    (confirmation,) = desk.mail.to("zoe@acme.example")
    assert f"#{ticket.number}" in confirmation["Subject"]
    assert state_of(ticket, "first_response") == "running"

    # The agent finds it in Untriaged by keyboard, classes, prioritises, takes and answers it.
    work = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    work.set_default_timeout(10_000)
    desk.sign_in(work, agent)
    work.goto(f"{desk.url}/agent/")
    work.keyboard.press("g")
    work.keyboard.press("n")
    work.wait_for_url(re.compile("view=untriaged"))
    expect(work.get_by_text("Export fails with a 500").first).to_be_visible()
    work.keyboard.press("j")
    work.keyboard.press("Enter")
    work.wait_for_url(re.compile(rf"/agent/tickets/{ticket.number}/"))
    work.keyboard.press("c")
    work.keyboard.press("Enter")
    _until(work, lambda: "ticket.category_confirmed" in kinds(ticket))
    work.keyboard.press("p")
    work.keyboard.type("high")
    work.keyboard.press("Enter")
    _until(work, lambda: Ticket.objects.get().priority == "high")
    work.keyboard.press("m")
    _until(work, lambda: Ticket.objects.get().assignee == agent)
    assert Ticket.objects.get().status == "open"
    work.keyboard.press("r")
    work.keyboard.type("We found it and are fixing it.")
    desk.clock.forward(minutes=30)
    work.keyboard.press("Control+Enter")
    _until(work, lambda: "message.added" in kinds(ticket))
    assert state_of(ticket, "first_response") == "met"
    desk.clock.forward(seconds=11)
    desk.work()

    # The customer reads the answer through the link.
    page.goto(desk.link_in_last_mail("zoe@acme.example", "/t/"))
    expect(page.locator("main")).to_contain_text("We found it and are fixing it.")
    assert page.url.endswith(f"/ticket/{ticket.number}/")
    ticket.refresh_from_db()
    assert ticket.organisation is not None
    assert ticket.organisation.name == "Acme"

    # The agent resolves by keyboard; the customer objects; the resolution clock goes on.
    work.reload()
    work.keyboard.press("e")
    _until(work, lambda: Ticket.objects.get().status == "resolved")
    assert state_of(ticket, "resolution") == "met"
    desk.clock.forward(seconds=11)
    desk.work()
    page.goto(desk.link_in_last_mail("zoe@acme.example", "/t/"))
    page.get_by_role("button", name="It is not solved").click()
    _until(page, lambda: Ticket.objects.get().status == "open")
    assert kinds(ticket)[-2:] == ["ticket.reopened", "sla.revoked"]
    assert state_of(ticket, "resolution") == "running"

    # Resolved again, and closed by beat after seven days.
    work.reload()
    work.keyboard.press("e")
    _until(work, lambda: Ticket.objects.get().status == "resolved")
    desk.clock.forward(days=7, seconds=1)
    tasks.close_resolved()
    assert Ticket.objects.get().status == "closed"
    assert kinds(ticket)[-1] == "ticket.closed"
    assert state_of(ticket, "resolution") == "met"
    assert [event.sequence for event in ticket.events.order_by("sequence")] == list(
        range(1, Ticket.objects.get().version + 1)
    )


def _until(page: Page, holds) -> None:
    """Wait until a condition holds, at most ten seconds, and the page has shown it."""
    for _ in range(200):
        if holds():
            busy = page.locator(".htmx-request, .htmx-swapping, .htmx-settling")
            expect(busy).to_have_count(0)
            return
        page.wait_for_timeout(50)
    pytest.fail("It did not come to hold within ten seconds.")
