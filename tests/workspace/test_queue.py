"""The queue shows what its view and filters say, to whom may see it, at a constant price."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import DeskSettings, User
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Ticket

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = "/agent/"


def numbers_on(client: Client, address: str) -> list[int]:
    return [row.ticket.number for row in client.get(address).context["rows"]]


def test_each_view_holds_what_its_name_says(desk: Client, agent: User):
    unassigned = file_ticket(category="corrective")
    mine = file_ticket()
    actions.assign(mine.number, agent, actor=as_agent(agent), at=MONDAY)
    answered = file_ticket()
    actions.reply(answered.number, "On it.", actor=as_agent(agent), at=MONDAY)
    actions.set_category(answered.number, "support", actor=as_agent(agent), at=MONDAY)
    over = file_ticket(category="support")
    actions.resolve(over.number, actor=as_agent(agent), at=MONDAY)

    def shown(view: str) -> set[int]:
        return set(numbers_on(desk, f"{QUEUE}?view={view}"))

    assert shown("unassigned") == {unassigned.number, answered.number}
    assert shown("mine") == {mine.number}
    assert shown("waiting") == {unassigned.number, mine.number}
    assert shown("untriaged") == {unassigned.number, mine.number}
    assert shown("all") == {each.number for each in (unassigned, mine, answered, over)}
    assert set(numbers_on(desk, QUEUE)) == shown("unassigned")


def test_what_breaks_soon_is_in_its_view_and_counted_in_the_rail(desk: Client, clock):
    late = file_ticket(category="corrective", at=clock.now - timedelta(days=30))
    file_ticket(category="corrective", priority="normal", at=clock.now)
    answer = desk.get(f"{QUEUE}?view=breaching")
    assert [row.ticket for row in answer.context["rows"]] == [late]
    assert answer.context["rows"][0].badge.state == "late"
    counts = {line.key: line.count for line in answer.context["rail"].views}
    assert counts["b"] == 1
    assert counts["u"] == 2
    assert counts["a"] is None  # the whole table is never counted


def test_filters_of_the_address_narrow_the_view(desk: Client):
    file_ticket(category="support")
    wanted = file_ticket(category="corrective", subject="Ledger export fails")
    address = f"{QUEUE}?view=all&category=corrective&status=live&q=ledger+exp"
    assert numbers_on(desk, address) == [wanted.number]
    page = text_of(desk.get(address))
    assert "Category: Corrective" in page
    assert "Remove the filter" in page


@pytest.mark.parametrize(
    "query",
    ["category=weird", "assignee=nobody-at-all", "sort=secret", "cursor=!!", "q=" + "word+" * 30,
     "created_after=9999-12-31T23:59:59-23:00", "unheard=of"],
)  # fmt: skip
def test_a_filter_without_sense_is_a_sentence_not_an_error(desk: Client, query: str):
    answer = desk.get(f"{QUEUE}?view=all&{query}")
    assert answer.status_code == 422
    assert "Remove the filter and try again." in text_of(answer)


@pytest.mark.parametrize(
    "sort", ["due_at", "-due_at", "waiting_since", "-updated_at", "number", "-priority"]
)
def test_pages_show_every_ticket_once_whatever_the_order(desk: Client, sort: str):
    person = UserFactory()
    for number in range(120):
        file_ticket(person, at=MONDAY + timedelta(minutes=number % 7))
    seen: list[int] = []
    address = f"{QUEUE}?view=all&sort={sort}"
    while address:
        answer = desk.get(address)
        seen += [row.ticket.number for row in answer.context["rows"]]
        address = answer.context["page"]["next"]
    assert len(seen) == 120
    assert len(set(seen)) == 120


def test_a_private_teams_tickets_are_neither_listed_nor_counted_nor_previewed(desk: Client):
    insider = AgentFactory()
    team = TeamFactory(name="Security", is_private=True, members=[insider])
    ticket = file_ticket()
    actions.hand_over(ticket.number, team, actor=as_agent(insider), at=MONDAY)
    answer = desk.get(f"{QUEUE}?view=all")
    assert answer.context["rows"] == []
    assert answer.context["rail"].teams == []
    assert f'<option value="{team.pk}">Security' not in text_of(answer)  # no filter by it
    assert all(not line.count for line in answer.context["rail"].views)
    assert desk.get(reverse("workspace:preview", args=[ticket.number])).status_code == 404
    assert numbers_on(signed_in(insider), f"{QUEUE}?view=all") == [ticket.number]


def test_the_preview_shows_the_last_words(desk: Client):
    ticket = file_ticket()
    page = text_of(desk.get(reverse("workspace:preview", args=[ticket.number])))
    assert "Export fails" in page
    assert "It says 500." in page


def test_many_tickets_change_at_once_and_a_refused_one_is_named(desk: Client, agent: User):
    good, bare = file_ticket(category="support"), file_ticket()
    answer = desk.post(
        reverse("workspace:change_many"),
        {"number": [good.number, bare.number], "status": "resolved", "next": "/agent/?view=all"},
        follow=True,
    )
    assert answer.redirect_chain[0][0] == "/agent/?view=all"
    page = text_of(answer)
    assert f"#{good.number} changed" in page
    assert f"#{bare.number}: Say what kind of maintenance this is" in page
    good.refresh_from_db()
    bare.refresh_from_db()
    assert (good.status, bare.status) == ("resolved", "new")


@pytest.mark.parametrize(
    ("whom", "sentence"),
    [
        ("closed", "Only active agents can have tickets."),
        ("999999", "Choose one of the listed values."),
        ("nonsense", "Choose one of the listed values."),
    ],
)
def test_giving_many_to_nobody_who_works_here_changes_nothing(
    desk: Client, agent: User, whom: str, sentence: str
):
    tickets = [file_ticket(), file_ticket()]
    for ticket in tickets:
        actions.take(ticket.number, actor=as_agent(agent), at=MONDAY)
    gone = AgentFactory()
    desk.get(QUEUE)  # the lists of the page are kept for some seconds
    actions.change_person(gone, actor=Actor.system(), at=MONDAY, is_active=False)
    answer = desk.post(
        reverse("workspace:change_many"),
        {"number": [ticket.number for ticket in tickets], "priority": "high",
         "assignee": gone.pk if whom == "closed" else whom},
        follow=True,
    )  # fmt: skip
    assert sentence in text_of(answer)
    changed = Ticket.objects.exclude(assignee=agent, priority="normal")
    assert not changed.exists()


def test_handing_many_out_of_sight_asks_first_and_says_so_afterwards(desk: Client):
    team = TeamFactory(name="Security", is_private=True)
    tickets = [file_ticket(category="support"), file_ticket(category="support")]
    assert "Security · private" in text_of(desk.get(f"{QUEUE}?view=all"))
    address = reverse("workspace:change_many")
    form = {"number": [ticket.number for ticket in tickets], "team": team.pk,
            "status": "resolved", "next": f"{QUEUE}?view=all"}  # fmt: skip
    asked = desk.post(address, form)
    assert "Security is a private team without you." in text_of(asked)
    assert not Ticket.objects.filter(team=team).exists()
    assert ("sure", str(team.pk)) in asked.context["carried"]
    answer = desk.post(address, {**form, "sure": team.pk}, follow=True)
    assert answer.redirect_chain[0][0] == f"{QUEUE}?view=all"
    assert "2 tickets were handed over; you do not see them any more." in text_of(answer)
    assert "2 tickets changed" not in text_of(answer)
    assert Ticket.objects.filter(team=team, status="resolved").count() == 2


def test_a_change_leads_only_to_our_own_pages(desk: Client):
    answer = desk.post(reverse("workspace:change_many"), {"next": "//evil.example/"})
    assert answer["Location"] == QUEUE


def test_an_empty_view_says_why_and_offers_the_way_out(desk: Client):
    assert "Everything has somebody" in text_of(desk.get(QUEUE))
    assert "Nothing matches these filters" in text_of(desk.get(f"{QUEUE}?view=all&tag=none-such"))


def test_what_came_in_since_is_offered_not_pushed(desk: Client, clock):
    file_ticket(at=clock.now)
    asked = desk.get(f"{QUEUE}?view=all&status=live").context["fresh"]
    address = f"{reverse('workspace:fresh')}?{asked}"
    assert "new" not in text_of(desk.get(address))
    file_ticket(at=clock.forward(minutes=1))
    answer = text_of(desk.get(address))
    assert "1 new — show" in answer
    assert "status=live" in answer
    assert desk.get(f"{reverse('workspace:fresh')}?since=never").status_code == 204


def test_customers_and_strangers_do_not_see_the_queue(db: None, client: Client):
    assert client.get(QUEUE)["Location"].startswith("/signin/")
    assert signed_in(UserFactory()).get(QUEUE).status_code == 403


def many(count: int) -> None:
    DeskSettings.current()
    people = [UserFactory(organisation=OrganisationFactory(), time_zone="UTC") for _ in range(20)]
    Ticket.objects.bulk_create(
        Ticket(
            subject=f"Ticket {n}", requester=people[n % 20],
            organisation=people[n % 20].organisation, requester_confirmed_at=MONDAY,
            source="web", created_at=MONDAY, updated_at=MONDAY + timedelta(seconds=n),
            public_updated_at=MONDAY, waiting_since=MONDAY,
        )
        for n in range(count)
    )  # fmt: skip


@pytest.mark.parametrize("count", [50, 5_000])
def test_the_queue_costs_eleven_queries_however_many_tickets(desk: Client, count: int):
    many(count)
    with CaptureQueriesContext(connection) as queries:
        answer = desk.get(QUEUE)
    assert len(answer.context["rows"]) == 50
    assert len(queries) <= 11, "\n".join(query["sql"][:130] for query in queries)
    whole_counts = [q for q in queries if "COUNT(" in q["sql"] and "WHERE" not in q["sql"]]
    assert not whole_counts
