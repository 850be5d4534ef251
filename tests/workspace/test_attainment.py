"""The report of promises kept, as a page and as a file; every number leads to its tickets."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.core.cache import cache

from accounts.models import DeskSettings
from sla.sweep import sweep
from tests.factories import MONDAY, OrganisationFactory, UserFactory, as_agent, file_ticket
from tests.sla.promises import amounts, make_default, save_policy
from tests.workspace.conftest import text_of
from tickets import actions

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JANUARY = "/agent/reports/attainment/?first=2026-01-01&last=2026-01-31"


@pytest.fixture
def january(db):
    """Two answers in time and one late for Acme, one still overdue for somebody else."""
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "UTC"})
    cache.clear()
    make_default(save_policy(targets={"resolution": amounts("4h")}, at=MONDAY - DAY))
    kim = UserFactory(organisation=OrganisationFactory(name="=Acme"))
    numbers = {}
    for name, after in (("first", HOUR), ("second", 2 * HOUR), ("late", 5 * HOUR)):
        ticket = file_ticket(kim, category="support", subject=f"The {name} one")
        actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + after)
        numbers[name] = ticket.number
    numbers["open"] = file_ticket(subject="The open one").number
    sweep(MONDAY + 6 * HOUR)
    return numbers


def links(page):
    """The addresses behind the headline numbers, by what they say."""
    found = re.findall(r"<dt>([^<]+)</dt><dd><a href=\"([^\"]+)\">(\d+)</a>", page)
    return {name: (href.replace("&amp;", "&"), int(number)) for name, href, number in found}


def test_every_number_leads_to_its_tickets(desk, january):
    page = text_of(desk.get(JANUARY))
    assert "66 %" in page
    behind = links(page)
    assert {name: number for name, (_, number) in behind.items()} == {
        "Met": 2, "Breached": 1, "Overdue now": 1, "Without an answer": 0,
    }  # fmt: skip
    for name, shown in {
        "Met": ["The first one", "The second one"], "Breached": ["The late one"],
        "Overdue now": ["The open one"], "Without an answer": [],
    }.items():  # fmt: skip
        queue = text_of(desk.get(behind[name][0]))
        everything = ["The first one", "The second one", "The late one", "The open one"]
        assert [each for each in everything if each in queue] == shown


def test_the_period_that_is_shown_is_marked(desk, january):
    assert re.search(
        r'aria-current="page">Last 30 days', text_of(desk.get("/agent/reports/attainment/"))
    )
    assert not re.search(r'class="tab" href="[^"]+" aria-current', text_of(desk.get(JANUARY)))


@pytest.mark.parametrize("by", ["metric", "policy", "organisation", "category", "team", "product"])
def test_each_breakdown_and_its_lines_can_be_opened(desk, january, by):
    page = text_of(desk.get(f"{JANUARY}&by={by}"))
    rows = re.findall(r"outcome=([^\"&]+)", page)
    assert len(rows) >= 8
    for row in set(rows):
        assert desk.get(f"/agent/?view=all&status=any&outcome={row}").status_code == 200


def test_the_file_has_a_line_each_and_runs_nothing_in_a_spreadsheet(desk, january):
    answer = desk.get(f"{JANUARY}&by=organisation&format=csv")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text_of(answer))))
    assert [row["organisation"] for row in rows] == ["'=Acme", "None"]
    assert (rows[0]["met"], rows[0]["breached"], rows[0]["attainment"]) == ("2", "1", "0.6667")
    assert (rows[0]["late_business_seconds_median"], rows[1]["open_breaches"]) == ("3600", "1")


@pytest.mark.parametrize(
    "asked",
    [
        "first=2026-02-01&last=2026-01-01", "first=soon&last=2026-01-01", "first=1000-01-01",
        "by=colour", "team=99999999", "metric=none", "organisation=x",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said_at_its_field(desk, january, asked):
    answer = desk.get(f"{JANUARY}&{asked}")
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in text_of(answer)


@pytest.mark.parametrize(
    "value",
    [
        "met", "met,2026-01-01", "met,x,y", "lost,2026-01-01,2026-01-31",
        "met,2026-01-01,2026-01-31,colour:red", "met,2026-01-01,2026-01-31,team:x",
        "met,9999-12-31,9999-12-31", "met,0001-01-01,0001-01-01",
    ],
)  # fmt: skip
def test_an_outcome_that_makes_no_sense_is_refused(desk, january, value):
    assert desk.get(f"/agent/?view=all&outcome={value}").status_code in {200, 422}


def test_the_report_costs_the_same_for_many_lines(desk, january, django_assert_max_num_queries):
    for number in range(12):
        kim = UserFactory(organisation=OrganisationFactory(name=f"More {number}"))
        ticket = file_ticket(kim, category="support")
        actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + HOUR)
    cache.clear()
    with django_assert_max_num_queries(15):
        desk.get(f"{JANUARY}&by=organisation")


def test_without_anything_the_page_says_so(desk):
    assert "Nothing ended in this period" in text_of(desk.get("/agent/reports/attainment/"))
