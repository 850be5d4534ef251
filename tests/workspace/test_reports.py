"""The reports page: every number is right, leads to its tickets, and its price is constant."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import AdminFactory, ProductFactory, TeamFactory, as_agent, file_ticket
from tests.workspace.conftest import text_of
from tickets import actions, publishing, tallies
from tickets.models import Ticket, TimeEntry

REPORTS = "/agent/reports/"
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def log(clock: Any, ticket: Ticket, minutes: int, days_ago: int, **more: Any) -> None:
    actor = more.pop("actor", None) or as_agent()
    on = clock.now.date() - days_ago * DAY
    actions.log_time(ticket.number, minutes, on, actor=actor, at=clock.now, **more)


def follow(clock: Any) -> None:
    publishing.publish_pending(clock.now)
    while tallies.follow(clock.now).is_behind:
        pass


@pytest.fixture
def worked(agent: User, clock: Any) -> None:
    """A few days of work: two products, two kinds, a private team's ticket, spam, a merged one."""
    ledger, courier = ProductFactory(name="Ledger"), ProductFactory(name="Courier")
    actor = as_agent(agent)
    for n, (kind, product) in enumerate(
        [
            ("corrective", ledger),
            ("corrective", courier),
            ("preventive", ledger),
            ("support", None),
        ]
    ):
        ticket = file_ticket(category=kind, product=product, at=clock.now - (9 - n) * DAY)
        actions.confirm_category(ticket.number, actor=actor, at=clock.now - 4 * DAY)
        if n < 2:
            actions.reply(ticket.number, "On it.", actor=actor, at=clock.now - (5 - n) * DAY)
            actions.take(ticket.number, actor=actor, at=clock.now - 3 * DAY)
            actions.resolve(ticket.number, actor=actor, at=clock.now - 2 * DAY)
    file_ticket(at=clock.now - DAY)
    twice = file_ticket(category="support", at=clock.now - DAY)
    actions.merge(twice.number, ticket.number, actor=actor, at=clock.now)
    spam = file_ticket(at=clock.now - DAY)
    actions.mark_spam(spam.number, actor=actor, at=clock.now)
    hidden = file_ticket(at=clock.now - DAY)
    actions.hand_over(hidden.number, TeamFactory(is_private=True), actor=actor, at=clock.now)
    follow(clock)


def test_every_number_leads_to_as_many_tickets(desk: Client, worked: None):
    tables = desk.get(REPORTS).context["tables"]
    followed = 0
    for table in tables.values():
        for row in table.rows:
            for cell in row.cells:
                if not cell.href or "effort=" in cell.href:
                    continue
                rows = desk.get(cell.href).context["rows"]
                assert len(rows) == cell.plain, (table.key, row.label, cell.href)
                followed += 1
    assert followed > 30


@pytest.fixture
def logged(agent: User, worked: None, clock: Any) -> None:
    """Work whose minutes, all different in binary, tell which entries a sum is made of."""
    own = Ticket.objects.filter(merged_into=None).order_by("number")
    first, second, third, fourth, plain, spam, hidden = own
    mia, tom = as_agent(agent), as_agent()
    log(clock, first, 3, 1, actor=mia)
    log(clock, first, 6, 40, actor=mia)
    log(clock, second, 12, 1, actor=tom)
    log(clock, third, 24, 2, actor=tom, category="corrective")
    log(clock, fourth, 48, 3, actor=mia)
    log(clock, plain, 96, 4, actor=mia)
    log(clock, plain, 192, 4, actor=tom, category="adaptive", is_billable=False)
    team = TeamFactory(name="Second level")
    actions.hand_over(first.number, team, actor=mia, at=clock.now)
    actions.merge(second.number, first.number, actor=mia, at=clock.now)
    admin = as_agent(AdminFactory())
    for ticket, minutes in ((spam, 384), (hidden, 768)):
        log(clock, ticket, minutes, 1, actor=admin)
    follow(clock)


def test_every_number_of_hours_leads_to_the_tickets_of_that_work(desk: Client, logged: None):
    tables, followed = desk.get(REPORTS).context["tables"], 0
    for table in tables.values():
        for row in table.rows:
            for cell in (each for each in row.cells if "effort=" in each.href):
                rows = desk.get(cell.href).context["rows"]
                bits = round(cell.plain * 60) // 3
                behind = [each for each in TimeEntry.objects.all() if each.minutes // 3 & bits]
                assert sum(each.minutes for each in behind) == 3 * bits
                numbers = {each.ticket_id for each in behind}
                assert {each.ticket.number for each in rows} == numbers, (table.key, cell.href)
                followed += 1
    assert followed == 20


def test_hours_are_told_by_kind_product_team_and_agent(
    desk: Client, admins_desk: Client, logged: None
):
    def told(client: Client, table: str) -> dict[str, str]:
        tables = client.get(REPORTS).context["tables"]
        column = list(map(str, tables[table].columns)).index("Hours worked")
        return {row.label: row.cells[column].text for row in tables[table].rows}

    assert told(desk, "balance") == {
        "Corrective": "39 m", "Preventive": "–", "Adaptive": "3 h 12 m", "Perfective": "–",
        "Support": "48 m", "Not classed": "1 h 36 m",
    }  # fmt: skip
    assert told(desk, "teams") == {"Second level": "3 m", "No team": "6 h 12 m"}
    assert told(desk, "agents")["Mia Berger"] == "2 h 27 m"
    assert told(desk, "effort")["26 Feb 2026"] == "4 h 48 m"
    assert told(admins_desk, "effort")["1 Mar 2026"] == "13 h 3 m"
    rows = desk.get(REPORTS).context["tables"]["effort_by_kind"].rows
    assert [row.cells[0].text for row in rows if row.label == "Ledger"] == ["27 m"]


def test_the_balance_says_how_much_of_maintenance_is_of_each_kind(desk: Client, worked: None):
    table = desk.get(REPORTS).context["tables"]["balance"]
    lines = {row.label: [cell.text for cell in row.cells] for row in table.rows}
    assert lines["Corrective"][:3] == ["2", "2", "66 %"]
    assert lines["Preventive"][:3] == ["1", "0", "33 %"]
    assert lines["Support"][:3] == ["1", "0", "–"]
    assert lines["Not classed"][:3] == ["1", "0", "–"]


def test_the_first_response_is_told_by_kind_and_product(desk: Client, worked: None):
    tables = desk.get(REPORTS).context["tables"]
    told = {
        row.label: [cell.text for cell in row.cells]
        for key in ("answers", "answers_by_product")
        for row in tables[key].rows
    }
    assert told["Corrective"][0] == told["All"][0] == "2"
    assert told["Preventive"] == ["0", "–", "–"]
    assert told["Ledger"][0] == told["Courier"][0] == "1"
    assert set(told) & {"None"} == set()
    seconds = tables["answers"].rows[-1].cells[1].plain
    assert seconds == pytest.approx(4 * DAY.total_seconds(), rel=0.12)


def test_an_admin_sees_what_is_in_private_teams_too(
    desk: Client, admins_desk: Client, worked: None
):
    filed = [
        sum(row.cells[0].plain for row in client.get(REPORTS).context["tables"]["teams"].rows)
        for client in (desk, admins_desk)
    ]
    assert filed == [5, 6]


@pytest.mark.parametrize(
    "key",
    [
        "volume",
        "backlog",
        "balance",
        "products",
        "teams",
        "agents",
        "sources",
        "hours",
        "effort",
        "effort_by_kind",
    ],
)  # fmt: skip
def test_every_table_is_there_as_a_file(desk: Client, logged: None, key: str):
    answer = desk.get(REPORTS, {"format": "csv", "table": key})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    head, *lines = csv.reader(io.StringIO(text_of(answer)))
    assert lines
    assert all(len(line) == len(head) for line in lines)


@pytest.mark.parametrize(
    "query",
    ["first=x", "first=2026-03-02&last=2026-03-01", "first=0001-01-01&last=9999-12-31", "last="],
)
def test_a_period_that_cannot_be_is_explained_at_its_field(desk: Client, query: str):
    answer = desk.get(f"{REPORTS}?{query}")
    assert answer.status_code == 422
    assert answer.context["form"].errors


def test_a_year_costs_as_many_queries_as_ten_days(desk: Client, worked: None, clock: Any):
    def queries(first: str, last: str) -> int:
        cache.clear()
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(REPORTS, {"first": first, "last": last}).status_code == 200
        return len(caught)

    few = queries("2026-02-20", "2026-03-02")
    for n in range(20):
        file_ticket(product=ProductFactory(), at=clock.now - n * 9 * DAY)
    follow(clock)
    assert queries("2025-02-25", "2026-03-02") == few


def test_a_new_desk_says_that_there_is_nothing_yet(desk: Client):
    page = text_of(desk.get(REPORTS))
    assert "still counting" in page
    assert "Nothing in this period." in page
    assert "Nothing was filed or resolved in this period." in page


@pytest.mark.parametrize("value", ["", "0-1", "8-1", "1-24", "1-", "-", "1-x", "1-01"])
def test_an_hour_that_cannot_be_is_refused(desk: Client, value: str):
    assert desk.get("/agent/", {"view": "all", "filed_at": value or " x"}).status_code == 422


@pytest.mark.parametrize("days", ["first=9999-12-01&last=9999-12-31", "first=0001-01-01"])
@pytest.mark.parametrize("page", [REPORTS, f"{REPORTS}attainment/"])
def test_days_beyond_all_calendars_are_refused_at_their_field(desk: Client, page: str, days: str):
    answer = desk.get(f"{page}?{days}")
    assert answer.status_code == 422
    assert "first" in answer.context["form"].errors
