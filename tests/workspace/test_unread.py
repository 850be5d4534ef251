"""What is new on a ticket since an agent last looked: marked in lists, found on its page."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, as_agent, as_customer, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tests.workspace.test_queue import many
from tickets import actions
from tickets.models import Event, Seen, Ticket
from tickets.seen import keep_unread, with_unread

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = "/agent/?view=all"


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(at=clock.now, category="support")


def unread(client: Client) -> set[int]:
    rows = client.get(QUEUE).context["rows"]
    return {row.ticket.number for row in rows if row.is_unread}


def open_page(client: Client, ticket: Ticket) -> str:
    return text_of(client.get(reverse("workspace:ticket", args=[ticket.number])))


def test_a_ticket_is_unread_until_its_page_was_opened_by_this_agent(desk: Client, ticket: Ticket):
    other = signed_in(AgentFactory())
    assert unread(desk) == unread(other) == {ticket.number}
    assert "unread-dot" in text_of(desk.get(QUEUE))
    open_page(desk, ticket)
    assert unread(desk) == set()
    assert "unread-dot" not in text_of(desk.get(QUEUE))
    assert unread(other) == {ticket.number}


def test_news_of_others_make_it_unread_again_but_not_ones_own(
    desk: Client, agent: User, ticket: Ticket, clock
):
    open_page(desk, ticket)
    actions.reply(ticket.number, "On it.", actor=as_agent(agent), at=clock.now)
    actions.set_priority(ticket.number, "high", actor=as_agent(), at=clock.now)
    assert unread(desk) == set()  # one's own words, and what is no news
    customer = as_customer(ticket.requester)
    actions.reply(ticket.number, "Still broken.", actor=customer, at=clock.forward(minutes=1))
    assert unread(desk) == {ticket.number}
    open_page(desk, ticket)
    actions.note(ticket.number, "Look here", actor=as_agent(), at=clock.forward(minutes=1))
    assert unread(desk) == {ticket.number}


def test_the_page_leads_to_the_first_unread_message_once(desk: Client, ticket: Ticket, clock):
    assert "Jump to the first unread" not in open_page(desk, ticket)  # all of it is new
    customer = as_customer(ticket.requester)
    for words in ("First new", "Second new"):
        actions.reply(ticket.number, words, actor=customer, at=clock.forward(minutes=1))
    page = open_page(desk, ticket)
    assert 'href="#new"' in page
    before, after = page.split('id="new"')
    assert "First new" not in before.split('id="timeline"')[1]
    assert "First new" in after
    assert 'id="new"' not in open_page(desk, ticket)


def test_a_ticket_marked_as_unread_stays_so_until_it_is_opened(desk: Client, ticket: Ticket):
    open_page(desk, ticket)
    before = Event.objects.count()
    answer = desk.post(reverse("workspace:unread", args=[ticket.number]))
    assert answer["Location"] == "/agent/"
    assert unread(desk) == {ticket.number}
    assert Event.objects.count() == before
    open_page(desk, ticket)
    assert unread(desk) == set()
    assert Seen.objects.count() == 1


def test_what_was_finished_before_anybody_looked_is_not_new(desk: Client, ticket: Ticket, clock):
    actions.resolve(ticket.number, actor=as_agent(), at=clock.now)
    assert unread(desk) == set()
    customer = as_customer(ticket.requester)
    actions.reply(ticket.number, "No, it is not.", actor=customer, at=clock.forward(hours=1))
    assert unread(desk) == {ticket.number}


def test_a_hidden_ticket_is_neither_looked_at_nor_marked(desk: Client, agent: User, ticket):
    team = TeamFactory(is_private=True)
    actions.hand_over(ticket.number, team, actor=as_agent(), at=ticket.created_at)
    assert desk.post(reverse("workspace:unread", args=[ticket.number])).status_code == 404
    assert desk.get(reverse("workspace:ticket", args=[ticket.number])).status_code == 404
    assert not Seen.objects.exists()


def test_a_page_of_rows_costs_one_query_and_each_row_few_pages(desk: Client, agent: User):
    many(300)
    numbers = list(Ticket.objects.values_list("number", flat=True)[:50])
    Event.objects.bulk_create(
        Event(ticket_id=number, sequence=n + 1, kind="message.added", at="2026-01-05T09:00:00Z",
              door="web", before={}, after={})
        for number in numbers for n in range(200)
    )  # fmt: skip
    Seen.objects.bulk_create(
        Seen(ticket_id=number, user=agent, version=199 + place % 2)
        for place, number in enumerate(numbers)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_event")
    with CaptureQueriesContext(connection) as queries:
        listed = list(with_unread(Ticket.objects.filter(pk__in=numbers), agent))
    assert len([ticket for ticket in listed if ticket.is_unread]) == 25
    assert len(queries) == 1
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on tickets_event" not in plan, plan


def test_a_filter_finds_exactly_what_is_marked(desk: Client, agent: User, clock):
    fresh, seen, kept, answered = (file_ticket(at=clock.now) for _ in range(4))
    finished = file_ticket(at=clock.now, category="support")
    actions.resolve(finished.number, actor=as_agent(), at=clock.now)
    for ticket in (seen, kept, answered):
        open_page(desk, ticket)
    keep_unread(kept.number, as_agent(agent))
    actions.reply(
        answered.number, "And?", actor=as_customer(answered.requester),
        at=clock.forward(minutes=1),
    )  # fmt: skip
    marked = {fresh.number, kept.number, answered.number}
    assert unread(desk) == marked

    def found(text: str) -> set[int]:
        page = desk.get(QUEUE, {"view": "all", "filter": text})
        return {row.ticket.number for row in page.context["rows"]}

    assert found("unread:true") == marked
    assert found("-unread:true") == found("unread:false") == {seen.number, finished.number}
    assert found("unread:true -number:1 status:live") == marked
    other = signed_in(AgentFactory())
    assert {row.ticket.number for row in other.get(f"{QUEUE}&filter=unread:true").context["rows"]
            } == marked | {seen.number}  # fmt: skip
    chips = desk.get(QUEUE, {"filter": "unread:true"}).context["chips"]
    assert [chip.word for chip in chips] == ["Unread: Yes"]
    offers = desk.get(reverse("workspace:suggest_filters"), {"text": "unread:"}).json()["offers"]
    assert [offer["text"] for offer in offers] == ["true", "false"]
