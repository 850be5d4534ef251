"""Many tickets from the queue: asked before, watched while, undone after."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from automation.actions import save_macro
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions, bulk
from tickets.models import BulkJob, Message, Ticket
from web.workspace import bulk as pages

pytestmark = pytest.mark.usefixtures("clock")
CHANGE = "/agent/change/"
ALL = "/agent/?view=all"


def many(clock, count: int, **values) -> list[int]:
    person = UserFactory()
    return [file_ticket(person, at=clock.now, **values).number for _ in range(count)]


def test_few_are_changed_at_once_and_undone_from_the_same_page(desk: Client, agent, clock):
    numbers = many(clock, 2)
    answer = desk.post(CHANGE, {"number": numbers, "priority": "high", "next": ALL}, follow=True)
    shown = text_of(answer)
    assert "2 tickets changed" in shown
    job = BulkJob.objects.get()
    undo = reverse("workspace:undo_job", args=[job.pk])
    assert undo in shown
    assert undo not in text_of(desk.get(ALL))  # it is said once
    back = desk.post(undo, {"next": ALL}, follow=True)
    assert "2 tickets given back" in text_of(back)
    assert set(Ticket.objects.values_list("priority", flat=True)) == {"normal"}
    again = desk.post(undo, {"next": ALL}, follow=True)
    assert "This can be undone once" in text_of(again)


def test_everything_that_can_be_done_is_offered_and_asked_first(desk: Client, agent, clock):
    numbers = many(clock, 2)
    macro = save_macro(None, actor=as_agent(AdminFactory()), at=MONDAY, name="Sort", kind="",
                       body="", steps=[{"do": "category", "to": "support"}])  # fmt: skip
    form = {"number": numbers, "next": ALL}
    offered = desk.post(CHANGE, {**form, "choose": "1"})
    assert offered.status_code == 200
    assert "What is to become of 2 tickets?" in text_of(offered)
    wanted = {
        **form, "tags": "a, b", "macro": macro.pk, "kind": "note", "body": "For all of you.",
    }  # fmt: skip
    asked = desk.post(CHANGE, wanted)
    assert "Change 2 tickets?" in text_of(asked)
    assert "Messages cannot be undone" in text_of(asked)
    assert not Message.objects.filter(body="For all of you.").exists()
    sure: dict[str, list[str]] = {}
    for name, value in asked.context["carried"]:
        sure.setdefault(name, []).append(value)
    answer = desk.post(CHANGE, sure, follow=True)
    assert answer.redirect_chain[0][0] == ALL
    assert Message.objects.filter(body="For all of you.").count() == 2
    assert set(Ticket.objects.values_list("category", flat=True)) == {"support"}
    assert [tag.name for tag in Ticket.objects.first().tags.order_by("name")] == ["a", "b"]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"body": "Hello"}, "kind"), ({"kind": "reply"}, "body"), ({"macro": "99"}, "macro")],
)
def test_what_is_wrong_stands_at_its_field(desk: Client, clock, wrong, field):
    answer = desk.post(CHANGE, {"number": many(clock, 1), "next": ALL, **wrong})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [field]


def test_all_that_match_are_asked_for_and_changed_by_a_job(
    desk: Client, agent, clock, monkeypatch
):
    monkeypatch.setattr(pages, "AT_ONCE", 2)
    many(clock, 3, category="support")
    many(clock, 1)
    filtered = f"{ALL}&category=support"
    form = {"every": "1", "status": "resolved", "next": filtered}
    asked = desk.post(CHANGE, form)
    assert "Change 3 tickets?" in text_of(asked)
    answer = desk.post(CHANGE, {**form, "sure": "yes"})
    job = BulkJob.objects.get()
    address = reverse("workspace:job", args=[job.pk])
    assert answer["Location"] == address
    running = text_of(desk.get(address))
    assert "0 of 3 tickets" in running
    assert 'hx-trigger="every 1s"' in running
    bulk.go_on(lambda: clock.now)
    ended = text_of(desk.get(address, headers={"HX-Request": "true"}))
    assert "3 of 3 tickets" in ended
    assert "hx-trigger" not in ended
    assert "<html" not in ended
    undone = desk.post(reverse("workspace:undo_job", args=[job.pk]))
    bulk.go_on(lambda: clock.now)
    assert "3 of 3 tickets" in text_of(desk.get(undone["Location"]))
    assert not Ticket.objects.filter(status="resolved").exists()


def test_the_count_stops_at_its_bound(desk: Client, clock, monkeypatch):
    many(clock, 4)
    assert text_of(desk.get(f"/agent/change/count/{ALL.removeprefix('/agent/')}")) == "4"
    monkeypatch.setattr(pages, "COUNTED", 3)
    assert text_of(desk.get("/agent/change/count/?view=all")) == "3+"
    with CaptureQueriesContext(connection) as queries:
        desk.get("/agent/change/count/?view=all")
    assert any("LIMIT 4" in query["sql"] for query in queries)
    assert desk.get("/agent/change/count/?view=all&status=none").status_code == 204


def test_refusals_stand_grouped_under_their_reason(desk: Client, agent, clock):
    numbers = many(clock, 20)
    job = bulk.begin(
        [{"do": "status", "to": "resolved"}], actor=as_agent(agent), at=clock.now, numbers=numbers
    )
    bulk.go_on(lambda: clock.now)
    answer = desk.get(reverse("workspace:job", args=[job.pk]))
    [group] = answer.context["refusals"]
    assert (group.count, len(group.numbers)) == (20, 12)
    assert "Say what kind of maintenance this is" in text_of(answer)


def test_a_job_is_its_makers_and_the_admins(desk: Client, agent: User, clock):
    numbers = many(clock, 1)
    step = [{"do": "priority", "to": "high"}]
    job = bulk.begin(step, actor=as_agent(agent), at=clock.now, numbers=numbers)
    stranger = signed_in(AgentFactory())
    assert stranger.get(reverse("workspace:job", args=[job.pk])).status_code == 404
    for name in ("cancel_job", "undo_job"):
        assert stranger.post(reverse(f"workspace:{name}", args=[job.pk])).status_code == 404
    assert (
        signed_in(AdminFactory()).get(reverse("workspace:job", args=[job.pk])).status_code == 200
    )
    desk.post(reverse("workspace:cancel_job", args=[job.pk]))
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_tickets_of_a_private_team_are_not_among_all_that_match(desk: Client, clock):
    [hidden, _seen] = many(clock, 2)
    team = TeamFactory(is_private=True)
    actions.hand_over(hidden, team, actor=as_agent(AdminFactory()), at=clock.now)
    assert text_of(desk.get("/agent/change/count/?view=all")) == "1"
    form = {"every": "1", "priority": "high", "next": ALL, "sure": "yes"}
    desk.post(CHANGE, form)
    assert Ticket.objects.get(pk=hidden).priority == "normal"


def test_a_jobs_page_costs_the_same_for_many_tickets(desk: Client, agent, clock):
    costs = []
    for count in (2, 30):
        job = bulk.begin([{"do": "status", "to": "resolved"}], actor=as_agent(agent),
                         at=clock.now, numbers=many(clock, count))  # fmt: skip
        bulk.go_on(lambda: clock.now)
        desk.get("/agent/")
        with CaptureQueriesContext(connection) as queries:
            desk.get(reverse("workspace:job", args=[job.pk]))
        costs.append(len(queries))
    assert costs[0] == costs[1] <= 10


def test_words_typed_for_many_are_kept_when_something_is_refused(desk: Client, clock):
    sent = {
        "number": many(clock, 2), "status": "on_hold", "kind": "reply",
        "body": "We wait for the carrier.", "sure": "yes", "next": ALL,
    }  # fmt: skip
    answer = desk.post(CHANGE, sent)
    assert answer.status_code == 422
    assert "We wait for the carrier." in text_of(answer)
    assert "reason" in answer.context["form"].errors
    assert not BulkJob.objects.exists()
    nothing = desk.post(CHANGE, {**sent, "status": "", "number": []})
    assert "We wait for the carrier." in text_of(nothing)
    assert desk.post(CHANGE, {**sent, "body": "", "kind": ""}).status_code == 302


def test_a_list_whose_address_cannot_be_read_is_refused(desk: Client):
    sent = {"every": "1", "priority": "high", "next": "/agent/?fields.%00a=1"}
    assert desk.post(CHANGE, sent).status_code == 302
    assert not BulkJob.objects.exists()
