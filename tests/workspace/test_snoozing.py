"""Snoozing on the pages: what the rail hides and counts, the times offered, and undoing it."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Ticket
from tickets.saved_views import save_view
from web.workspace.snoozing import usual_times

QUEUE = "/agent/"


def page_of(ticket: Ticket) -> str:
    return reverse("workspace:ticket", args=[ticket.number])


def snooze_page(ticket: Ticket) -> str:
    return reverse("workspace:snooze_ticket", args=[ticket.number])


def numbers_on(client: Client, address: str) -> set[int]:
    return {row.ticket.number for row in client.get(address).context["rows"]}


def test_it_stands_in_its_own_view_and_in_all_and_is_counted_there_alone(
    desk: Client, agent: User, clock
):
    team = TeamFactory(name="Ops", members=[agent])
    ticket, awake = (file_ticket(actor=as_agent(agent), team=team, at=clock.now) for _ in range(2))
    saved = save_view(None, actor=as_agent(agent), at=clock.now, name="Live", filter="status:live")
    for each in (ticket, awake):
        actions.assign(each.number, agent, actor=as_agent(agent), at=clock.now)
    before = {str(line.name): line.count for line in desk.get(QUEUE).context["rail"].views}
    assert before["Mine"] == 2
    desk.post(snooze_page(ticket), {"answer": "1"})
    rail = desk.get(QUEUE).context["rail"]
    counts = {str(line.name): line.count for line in (*rail.views, *rail.teams, *rail.own)}
    assert (counts["Mine"], counts["Snoozed"], counts["Ops"], counts["Live"]) == (1, 1, 1, 1)
    for view in ("mine", f"live&team={team.pk}", str(saved.pk), "untriaged"):
        assert numbers_on(desk, f"{QUEUE}?view={view}") == {awake.number}, view
    assert numbers_on(desk, f"{QUEUE}?view=snoozed") == {ticket.number}
    assert numbers_on(desk, f"{QUEUE}?view=all") == {ticket.number, awake.number}
    page = desk.get(f"{QUEUE}?view=live&team={team.pk}")
    assert page.context["title"] == "Ops"


def test_a_filter_finds_what_is_snoozed_in_any_view(desk: Client, agent: User, clock):
    ticket, awake = (file_ticket(at=clock.now) for _ in range(2))
    save_view(
        None, actor=as_agent(agent), at=clock.now, name="Aside", filter="status:live snoozed:true"
    )
    desk.post(snooze_page(ticket), {"answer": "1"})
    assert numbers_on(desk, f"{QUEUE}?view=unassigned&filter=snoozed:true") == {ticket.number}
    assert numbers_on(desk, f"{QUEUE}?view=all&filter=snoozed:false") == {awake.number}
    aside = next(line for line in desk.get(QUEUE).context["rail"].own if line.name == "Aside")
    assert aside.count == 1
    assert numbers_on(desk, aside.href) == {ticket.number}


def test_what_comes_back_first_stands_first_and_answers_last(desk: Client, agent: User, clock):
    late, never, soon = (file_ticket(at=clock.now) for _ in range(3))
    for ticket, hours in ((late, 5), (never, None), (soon, 1)):
        until = clock.now.replace(hour=clock.now.hour + hours) if hours else None
        actions.snooze(ticket.number, until, actor=as_agent(agent), at=clock.now)
    rows = desk.get(f"{QUEUE}?view=snoozed").context["rows"]
    assert [row.ticket for row in rows] == [soon, late, never]


def test_the_page_offers_times_snoozes_by_a_button_and_the_toast_undoes_it(desk: Client, clock):
    ticket = file_ticket(at=clock.now)
    assert snooze_page(ticket) in text_of(desk.get(page_of(ticket)))
    page = desk.get(snooze_page(ticket), {"next": "/agent/?view=mine"})
    assert "clocks go on running" in text_of(page)
    tomorrow = next(each for each in page.context["times"] if str(each.name) == "Tomorrow")
    form = {"until": tomorrow.written, "next": "/agent/?view=mine"}
    assert desk.post(snooze_page(ticket), form)["Location"] == "/agent/?view=mine"
    ticket.refresh_from_db()
    assert ticket.snoozed_until == datetime(2026, 3, 3, 9, tzinfo=UTC)
    shown = text_of(desk.get(page_of(ticket)))
    undo = reverse("workspace:change", args=[ticket.number, "wake"])
    assert shown.count(f'action="{undo}"') == 2  # the toast's and the page's
    assert "Snoozed until" in shown
    desk.post(undo)
    ticket.refresh_from_db()
    assert ticket.snoozed_at is None


@pytest.mark.parametrize("until", ["2026-03-02T09:59", "2030-01-01T00:00", "soon", ""])
def test_a_time_without_sense_is_refused_at_its_field_and_kept(desk: Client, clock, until: str):
    ticket = file_ticket(at=clock.now)
    answer = desk.post(snooze_page(ticket), {"until": until})
    assert answer.status_code == 422
    assert answer.context["form"].errors["until"]
    assert not until or f'value="{until}"' in text_of(answer)
    ticket.refresh_from_db()
    assert ticket.snoozed_at is None


def test_a_finished_or_hidden_ticket_cannot_be_snoozed(desk: Client, agent: User, clock):
    done = file_ticket(category="support", at=clock.now)
    actions.resolve(done.number, actor=as_agent(agent), at=clock.now)
    assert "Later today" not in text_of(desk.get(snooze_page(done)))
    assert desk.post(snooze_page(done), {"answer": "1"}).status_code == 422
    hidden = file_ticket(actor=as_agent(), team=TeamFactory(is_private=True), at=clock.now)
    for answer in (desk.get(snooze_page(hidden)), desk.post(snooze_page(hidden))):
        assert answer.status_code == 404


@pytest.mark.django_db
def test_a_time_of_ones_own_is_of_ones_own_zone(clock):
    ticket = file_ticket(at=clock.now)
    tokyo = signed_in(AgentFactory(time_zone="Asia/Tokyo"))
    tokyo.post(snooze_page(ticket), {"until": "2026-03-03T09:00"})
    ticket.refresh_from_db()
    assert ticket.snoozed_until == datetime(2026, 3, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "offered"),
    [
        ("2026-03-02 10:20", {"Later today": "02 13:00", "Tomorrow": "03 09:00",
                              "Next Monday": "09 09:00"}),
        ("2026-03-04 21:00", {"Tomorrow": "05 09:00", "Next Monday": "09 09:00",
                              "In a week": "11 09:00"}),
        ("2026-03-28 10:00", {"Later today": "28 13:00", "Tomorrow": "29 09:00",
                              "Next Monday": "30 09:00", "In a week": "04 09:00"}),
        ("2026-03-29 21:30", {"Tomorrow": "30 09:00", "In a week": "05 09:00"}),
    ],
)  # fmt: skip
def test_usual_times_are_of_the_viewers_morning_each_offered_once(now, offered):
    berlin = ZoneInfo("Europe/Berlin")
    at = datetime.fromisoformat(now).replace(tzinfo=berlin)
    with timezone.override(berlin):
        times = usual_times(at.astimezone(UTC))
        found = {
            str(each.name): datetime.fromisoformat(each.written)
            .astimezone(berlin).strftime("%d %H:%M")
            for each in times
        }  # fmt: skip
    assert found == offered
    assert all(each.until > at for each in times)
