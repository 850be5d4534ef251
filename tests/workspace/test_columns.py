"""Columns and groups: chosen per view, remembered, saved, at no query more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories import (
    MONDAY,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tests.workspace.test_queue import many
from tickets import actions
from tickets.models import SavedView
from tickets.saved_views import save_view

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = "/agent/"


def headings(client: Client, address: str) -> list[tuple[str, int]]:
    """Each heading with how many tickets stand below it, in order, over all pages."""
    found: list[tuple[str, int]] = []
    while address:
        answer = client.get(address)
        for row in answer.context["rows"]:
            if row.heading and (not found or found[-1][0] != row.heading):
                found.append((row.heading, 0))
            if found:
                found[-1] = (found[-1][0], found[-1][1] + 1)
        address = answer.context["page"]["next"]
    return found


def test_columns_are_chosen_and_remembered_for_this_view_alone(desk: Client, agent: User):
    team = TeamFactory(name="Second level")
    ticket = file_ticket(product=ProductFactory(name="Ledger"))
    actions.hand_over(ticket.number, team, actor=as_agent(agent), at=MONDAY)
    page = text_of(desk.get(f"{QUEUE}?view=all&columns=team&columns=product&columns=odd"))
    assert '<td class="more" title="Second level">' in page
    assert '<td class="more" title="Ledger">' in page
    assert '<td class="number">' not in page
    assert '<td class="more"' in text_of(desk.get(f"{QUEUE}?view=all"))
    assert '<td class="more"' not in text_of(desk.get(f"{QUEUE}?view=unassigned"))
    assert '<td class="number">' in text_of(desk.get(f"{QUEUE}?view=all&columns=usual"))
    assert desk.get(f"{QUEUE}?view=all").context["look"].is_usual


def test_a_saved_view_comes_with_its_look_and_one_may_look_otherwise(desk: Client, agent, admin):
    view = save_view(
        None, actor=as_agent(admin), at=MONDAY, name="By customer", filter="status:live",
        is_shared=True, columns=["number", "due"], grouping="organisation",
    )  # fmt: skip
    look = desk.get(f"{QUEUE}?view={view.pk}").context["look"]
    assert (look.columns, look.grouping) == (["number", "due"], "organisation")
    desk.get(f"{QUEUE}?view={view.pk}&group=&columns=number")
    assert desk.get(f"{QUEUE}?view={view.pk}").context["look"].grouping == ""
    other = signed_in(admin).get(f"{QUEUE}?view={view.pk}")
    assert other.context["look"].grouping == "organisation"
    address = desk.get(f"{QUEUE}?view=all&group=due&columns=due").context["as_view"]
    form = desk.get(f"{reverse('workspace:new_view')}?{address}").context["form"]
    assert (form.initial["columns"], form.initial["grouping"]) == (["due"], "due")
    desk.post(
        reverse("workspace:new_view"),
        {"name": "Mine", "filter": "", "sort": "due_at", "home": "own", "columns": ["due"],
         "grouping": "due"},
    )  # fmt: skip
    mine = SavedView.objects.get(name="Mine")
    assert (mine.columns, mine.grouping) == (["due"], "due")


@pytest.mark.parametrize("by", ["organisation", "product"])
def test_rows_of_a_group_stand_together_over_all_pages(desk: Client, by: str):
    homes = [OrganisationFactory(name=f"Firm {n}") for n in range(3)]
    goods = [ProductFactory(name=f"Good {n}") for n in range(3)]
    people = [UserFactory(organisation=home) for home in homes] + [UserFactory()]
    for n in range(120):
        product = (*goods, None)[n % 4]
        file_ticket(people[n % 4], product=product, at=MONDAY + timedelta(minutes=n % 7))
    found = headings(desk, f"{QUEUE}?view=all&group={by}")
    names = {"organisation": ["Firm 0", "Firm 1", "Firm 2", "No organisation"],
             "product": ["Good 0", "Good 1", "Good 2", "No product"]}[by]  # fmt: skip
    assert found == [(name, 30) for name in names]


def test_groups_of_priority_and_of_when_it_is_due(desk: Client, agent: User, clock):
    actor = as_agent(agent)
    late = file_ticket(category="corrective", at=clock.now - timedelta(days=30))
    file_ticket(category="corrective", at=clock.now)
    for priority in ("low", "urgent"):
        ticket = file_ticket(category="support", at=clock.now)
        actions.set_priority(ticket.number, priority, actor=actor, at=clock.now)
    done = file_ticket(category="support", at=clock.now)
    actions.resolve(done.number, actor=actor, at=clock.now)
    assert headings(desk, f"{QUEUE}?view=all&group=priority") == [
        ("Urgent", 1), ("Normal", 3), ("Low", 1),
    ]  # fmt: skip
    found = headings(desk, f"{QUEUE}?view=all&group=due")
    assert found[0] == ("Overdue", 1)
    assert found[-1] == ("No deadline", 1)
    assert desk.get(f"{QUEUE}?view=all&group=due").context["rows"][0].ticket == late
    assert sum(count for _heading, count in found) == 5


def test_an_order_that_is_asked_for_comes_before_the_groups(desk: Client):
    file_ticket()
    desk.get(f"{QUEUE}?view=all&group=priority&columns=due")
    assert headings(desk, f"{QUEUE}?view=all&sort=number") == []
    look = desk.get(f"{QUEUE}?view=all&group=due").context["look"]
    assert (look.columns, look.grouping) == (["due"], "due")


def test_groups_cost_no_query_more(desk: Client):
    many(600)
    counts = []
    for address in (f"{QUEUE}?view=all&group=", f"{QUEUE}?view=all&group=organisation"):
        desk.get(address)
        with CaptureQueriesContext(connection) as queries:
            answer = desk.get(f"{QUEUE}?view=all")
        assert len(answer.context["rows"]) == 50
        counts.append(len(queries))
    assert counts[1] <= counts[0] + 1  # those without an organisation come from a second read


def test_a_group_page_follows_an_index(desk: Client):
    many(20_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")
    with CaptureQueriesContext(connection) as queries:
        desk.get(f"{QUEUE}?view=unassigned&group=organisation")
    (sql,) = [q["sql"] for q in queries if '"organisation_id" IS NOT NULL' in q["sql"]]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "live_by_organisation" in plan, plan


@pytest.mark.parametrize("asked", ["group=odd", "columns=odd&columns=", "group=" + "x" * 3000])
def test_an_odd_look_is_the_usual_one(desk: Client, asked: str):
    answer = desk.get(f"{QUEUE}?view=all&{asked}")
    assert answer.status_code == 200
    assert answer.context["look"].is_usual
