"""Time on the ticket page: logged beside it or with a reply, corrected, summed."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.errors import Invalid
from accounts.models import User
from tests.factories import AgentFactory, UserFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Message, Ticket, TimeEntry
from web.workspace.durations import as_typed, minutes_in

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(UserFactory(name="Ana"), at=clock.now)


def page_of(ticket: Ticket) -> str:
    return reverse("workspace:ticket", args=[ticket.number])


def log(client: Client, ticket: Ticket, **form):
    return client.post(reverse("workspace:change", args=[ticket.number, "log_time"]), form)


def send(client: Client, ticket: Ticket, **form):
    return client.post(reverse("workspace:send", args=[ticket.number]), form)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("1h 30m", 90), ("90", 90), ("1:30", 90), ("1,5h", 90), ("2 h", 120), ("1h30", 90),
        ("45 min", 45), ("1 Std 5 min", 65),
    ],
)  # fmt: skip
def test_time_is_read_as_it_is_typed(typed, minutes):
    assert minutes_in(typed) == minutes
    assert minutes_in(as_typed(minutes)) == minutes


@pytest.mark.parametrize("typed", ["", "soon", "1:75", "-5", "1h 2h", "١٢h" * 9, "1.5"])
def test_time_that_cannot_be_read_is_refused(typed):
    with pytest.raises(Invalid):
        minutes_in(typed)


def test_time_is_logged_beside_the_ticket_and_summed(desk: Client, agent: User, ticket, clock):
    log(desk, ticket, minutes="1h 30m", words="Read <logs>", is_billable="on")
    log(desk, ticket, minutes="0:20", worked_on="2026-01-02", category="support")
    first, second = TimeEntry.objects.order_by("pk")
    assert (first.worked_on, first.category, first.is_billable) == (clock.now.date(), None, True)
    assert (second.category, second.is_billable, second.author) == ("support", False, agent)
    page = text_of(desk.get(page_of(ticket)))
    for words in ("1 h 50 m", "Read &lt;logs&gt;", "not billable", "logged time"):
        assert words in page
    refused = log(desk, ticket, minutes="soon", words="Kept words", category="adaptive")
    assert refused.status_code == 422
    for kept in ("Write the time as", 'value="soon"', 'value="Kept words"'):
        assert kept in text_of(refused)
    assert '<option value="adaptive" selected>' in text_of(refused)
    assert log(desk, ticket, minutes="5", worked_on="never").status_code == 422


def test_time_goes_with_a_reply_and_comes_back_with_it(desk: Client, ticket: Ticket):
    refused = send(desk, ticket, body="Done.", minutes="soon", kind="reply")
    assert refused.status_code == 422
    assert 'value="soon"' in text_of(refused)
    assert not Message.objects.filter(body="Done.").exists()
    assert send(desk, ticket, body="Done.", minutes="25", kind="reply").status_code == 302
    assert TimeEntry.objects.get().minutes == 25
    log(desk, ticket, minutes="5")
    message = Message.objects.get(body="Done.")
    undo = reverse("workspace:change", args=[ticket.number, "undo"])
    assert desk.post(undo, {"message": message.pk}).status_code == 302
    assert TimeEntry.objects.get().minutes == 5


def test_an_entry_is_corrected_and_deleted_on_its_page_by_its_author(
    desk: Client, agent: User, ticket: Ticket, clock
):
    event = actions.log_time(
        ticket.number, 90, clock.now.date(), actor=as_agent(agent), at=clock.now
    )
    address = reverse("workspace:time_entry", args=[ticket.number, event.after["entry"]])
    assert address in text_of(desk.get(page_of(ticket)))
    others = signed_in(AgentFactory())
    assert address not in text_of(others.get(page_of(ticket)))
    assert others.post(address, {"delete": "1"}).status_code == 403
    assert 'value="1h 30m"' in text_of(desk.get(address))
    form = {"minutes": "x", "worked_on": "2026-01-02", "category": "adaptive", "words": "Fix"}
    assert "Write the time as" in text_of(desk.post(address, form))
    assert desk.post(address, form | {"minutes": "2h"}).status_code == 302
    entry = TimeEntry.objects.get()
    assert (entry.minutes, entry.category, entry.is_billable) == (120, "adaptive", False)
    page = text_of(desk.get(page_of(ticket)))
    assert "time: 1 h 30 m → 2 h" in page
    desk.post(address, {"delete": "1"})
    assert not TimeEntry.objects.exists()
    assert desk.get(address).status_code == 404


def test_the_other_ticket_of_a_merge_shows_the_sum_of_both(
    desk: Client, agent: User, ticket: Ticket, clock
):
    other, mia = file_ticket(at=clock.now), as_agent(agent)
    for each in (ticket, other):
        actions.log_time(each.number, 40, clock.now.date(), actor=mia, at=clock.now)
    actions.merge(ticket.number, other.number, actor=mia, at=clock.now)
    shown = desk.get(page_of(other)).context["time"]
    assert (shown.seconds, {entry.ticket_id for entry in shown.entries}) == (
        4_800, {ticket.number, other.number},
    )  # fmt: skip
