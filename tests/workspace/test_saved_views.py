"""Views: saved from the queue, in the rail with honest counts, changed by whom the role allows."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actor import Actor
from accounts.models import Team, User
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
from tests.workspace.test_queue import many, numbers_on
from tickets import actions, language
from tickets.errors import NotAllowed
from tickets.models import FieldDefinition, SavedView, Ticket
from tickets.saved_views import move_view, save_view
from web.workspace import counts

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = "/agent/"


def saved(owner: Actor, typed: str, name: str = "A view", **values: object) -> SavedView:
    return save_view(None, actor=owner, at=MONDAY, name=name, filter=typed, **values)


def rail_of(client: Client) -> dict[str, str]:
    rail = client.get(QUEUE).context["rail"]
    return {str(line.name): line.shown for line in (*rail.teams, *rail.own, *rail.shared)}


def test_a_filter_is_saved_as_a_view_and_stands_in_the_rail(desk: Client, agent: User):
    wanted = file_ticket(category="support", subject="Ledger export")
    file_ticket(category="support")
    page = text_of(desk.get(f"{QUEUE}?view=unassigned&filter=ledger category:support"))
    assert "Save as view" in page
    address = desk.get(f"{QUEUE}?filter=category:support&sort=number").context["as_view"]
    form = desk.get(f"{reverse('workspace:new_view')}?{address}").context["form"]
    assert form.initial["filter"] == "assignee:none status:live category:support"
    answer = desk.post(
        reverse("workspace:new_view"),
        {"name": " Ledger ", "filter": "ledger status:live", "sort": "due_at", "home": "own"},
    )
    view = SavedView.objects.get()
    assert answer["Location"] == f"{QUEUE}?view={view.pk}"
    assert (view.name, view.owner, view.sort) == ("Ledger", agent, "due_at")
    assert numbers_on(desk, answer["Location"]) == [wanted.number]
    assert numbers_on(desk, f"{answer['Location']}&filter=-export") == []
    assert desk.get(answer["Location"]).context["sort"] == "due_at"


def test_names_become_keys_so_that_a_new_name_breaks_nothing(desk: Client, agent: User):
    acme = OrganisationFactory(name="Acme")
    ticket = file_ticket(UserFactory(organisation=acme))
    view = saved(as_agent(agent), "organisation:acme -assignee:me status:live")
    assert language.names(view.tree) == {"organisation", "assignee", "status"}
    assert view.conditions[1] == ["term", "organisation", str(acme.pk)]
    actions.save_organisation(acme, actor=Actor.system(), at=MONDAY, name="Borealis")
    assert numbers_on(desk, f"{QUEUE}?view={view.pk}") == [ticket.number]
    form = desk.get(reverse("workspace:edit_view", args=[view.pk])).context["form"]
    assert form.initial["filter"] == "organisation:Borealis -assignee:me status:live"


def test_own_team_and_shared_views_are_seen_by_whom_they_are_for(desk: Client, agent: User, admin):
    team = TeamFactory(name="Ops", members=[agent])
    hushed = TeamFactory(name="Security", is_private=True, members=[admin])
    other = AgentFactory()
    saved(as_agent(agent), "status:live", "Mine alone")
    saved(as_agent(agent), "status:live", "Of ops", team=team)
    saved(as_agent(admin), "status:live", "Hushed", team=hushed)
    saved(as_agent(admin), "status:live", "For all", is_shared=True)
    assert set(rail_of(desk)) == {"Ops", "Mine alone", "Of ops", "For all"}
    assert set(rail_of(signed_in(other))) == {"Ops", "For all"}
    assert "Of ops" not in rail_of(signed_in(admin))  # not in that team, yet may change it
    page = text_of(signed_in(admin).get(reverse("workspace:views")))
    assert "Of ops" in page
    assert "Mine alone" not in page
    page = text_of(desk.get(reverse("workspace:views")))
    assert "Hushed" not in page
    hushed_view = SavedView.objects.get(name="Hushed")
    assert desk.get(reverse("workspace:edit_view", args=[hushed_view.pk])).status_code == 404
    assert desk.get(f"{QUEUE}?view={hushed_view.pk}").context["view"].key == "unassigned"


def test_each_changes_only_what_the_role_allows(desk: Client, agent: User, admin: User):
    team, foreign = TeamFactory(members=[agent]), TeamFactory()
    shared = saved(as_agent(admin), "status:live", "For all", is_shared=True)
    of_team = saved(as_agent(admin), "status:live", "Of the team", team=team)
    form = {"name": "New name", "filter": "", "sort": "due_at", "home": "own"}
    for home in ("shared", str(foreign.pk), "nonsense"):
        answer = desk.post(reverse("workspace:new_view"), {**form, "home": home})
        assert answer.status_code == 422, home
    for values in ({"is_shared": True}, {"team": foreign}):
        with pytest.raises(NotAllowed):
            saved(as_agent(agent), "", **values)
    desk.post(reverse("workspace:edit_view", args=[shared.pk]), form)
    desk.post(reverse("workspace:move_view", args=[shared.pk]), {"to": "1"})
    desk.post(reverse("workspace:delete_view", args=[shared.pk]))
    shared.refresh_from_db()
    assert (shared.name, shared.owner) == ("For all", None)
    desk.post(reverse("workspace:edit_view", args=[of_team.pk]), {**form, "home": str(team.pk)})
    of_team.refresh_from_db()
    assert (of_team.name, of_team.team) == ("New name", team)
    desk.post(reverse("workspace:delete_view", args=[of_team.pk]))
    assert list(SavedView.objects.all()) == [shared]


def test_views_are_put_in_order_within_their_home(desk: Client, agent: User):
    first, second, third = (saved(as_agent(agent), "", name) for name in "abc")
    desk.post(reverse("workspace:move_view", args=[third.pk]), {"to": "1"})
    names = list(SavedView.objects.in_order().values_list("name", flat=True))
    assert names == ["c", "a", "b"]
    move_view(first, 3, actor=as_agent(agent), at=MONDAY)
    assert [line.name for line in desk.get(QUEUE).context["rail"].own] == ["c", "b", "a"]
    assert second.position == 2


@pytest.mark.parametrize("typed", ["status:opne", "(a", "fields.none:1"])
def test_a_wrong_filter_is_refused_at_its_field_with_everything_kept(desk: Client, typed: str):
    form = {"name": "Mine", "filter": typed, "sort": "due_at", "home": "own"}
    answer = desk.post(reverse("workspace:new_view"), form)
    assert answer.status_code == 422
    assert answer.context["form"].errors["filter"]
    assert typed in text_of(answer)


def test_a_broken_view_says_so_and_can_be_mended(desk: Client, agent: User):
    field = FieldDefinition.objects.create(key="env", label="Env", type="text")
    view = saved(as_agent(agent), "fields.env:live status:live", "Live systems")
    file_ticket(fields={"env": "live"})
    assert rail_of(desk)["Live systems"] == "1"
    field.delete()
    answer = desk.get(f"{QUEUE}?view={view.pk}")
    assert answer.status_code == 422
    page = text_of(answer)
    assert "This view is broken" in page
    assert "There is no field “env”." in page
    assert reverse("workspace:edit_view", args=[view.pk]) in page
    assert "This view is broken:" in text_of(desk.get(reverse("workspace:views")))
    form = {"name": "Live systems", "filter": "status:live", "sort": "due_at", "home": "own"}
    desk.post(reverse("workspace:edit_view", args=[view.pk]), form)
    assert desk.get(f"{QUEUE}?view={view.pk}").status_code == 200


def test_counts_never_tell_of_private_teams(desk: Client, agent: User, admin: User):
    team = TeamFactory(name="Security", is_private=True, members=[admin])
    ticket = file_ticket()
    saved(as_agent(admin), "status:live", "Everything", is_shared=True)
    saved(as_agent(admin), f"team:{team.pk} status:live", "Hushed", is_shared=True)
    actions.hand_over(ticket.number, team, actor=as_agent(admin), at=MONDAY)
    assert {name: shown for name, shown in rail_of(desk).items() if shown} == {}
    assert rail_of(signed_in(admin))["Hushed"] == "1"


def test_a_view_is_counted_only_where_it_holds_unfinished_tickets(desk: Client, agent: User):
    file_ticket()
    for typed, shown in (
        ("status:live", "1"), ("status:new,open", "1"), ("waiting:true", "1"), ("", ""),
        ("status:closed", ""), ("status:live export", ""), ("status:live or due:none", ""),
        ("due:any", "1"), ("untriaged:true", "1"), ("untriaged:false", ""),
        ("status:live status:closed", ""),
    ):  # fmt: skip
        SavedView.objects.all().delete()
        saved(as_agent(agent), typed, "Counted")
        desk.post(reverse("workspace:move_view", args=[SavedView.objects.get().pk]), {"to": "1"})
        assert rail_of(desk)["Counted"] == shown, typed


def test_the_whole_rail_is_counted_in_one_statement_that_stops(
    desk: Client, agent: User, monkeypatch
):
    many(1_200)
    team = TeamFactory(members=[agent])
    Ticket.objects.filter(number__lt=Ticket.objects.first().number + 30).update(team=team)
    actor = as_agent(agent)
    desk.get(QUEUE)
    with CaptureQueriesContext(connection) as before:
        desk.get(f"{QUEUE}?view=all")
    for n in range(12):
        saved(actor, f"status:live created:<{n + 1}w", f"View {n}")
    saved(actor, "status:live", "Of the team", team=team)
    desk.post(reverse("workspace:move_view", args=[SavedView.objects.first().pk]), {"to": "1"})
    with CaptureQueriesContext(connection) as after:
        shown = rail_of(desk)
    assert shown["Of the team"] == "999+"
    assert shown[team.name] == "30"
    counting = [query["sql"] for query in after if "UNION ALL" in query["sql"]]
    assert len(counting) == 1
    assert counting[0].count("LIMIT 1000") > 12
    assert len(after) <= len(before) + 7


def test_counting_reads_few_pages_of_a_large_table(desk: Client, agent: User):
    many(20_000)
    Ticket.objects.filter(number__gt=Ticket.objects.first().number + 3_000).update(status="closed")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")
    lists = {"live": Ticket.objects.live(), "new": Ticket.objects.filter(status="new")}
    with CaptureQueriesContext(connection) as queries:
        assert counts.counted(lists) == {"live": 1_000, "new": 1_000}
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT TEXT) {queries[-1]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Limit" in plan
    assert "rows=20000" not in plan


def test_a_person_keeps_fifty_views_at_most(agent: User):
    SavedView.objects.bulk_create(
        SavedView(name=str(n), owner=agent, conditions=["both"], position=n, created_at=MONDAY)
        for n in range(50)
    )
    with pytest.raises(Exception, match="50 views"):
        saved(as_agent(agent), "")


def test_a_team_that_goes_takes_its_views_with_it(agent: User):
    team = TeamFactory(members=[agent])
    saved(as_agent(agent), "", team=team)
    Team.objects.all().delete()
    assert not SavedView.objects.exists()


def test_a_view_without_tickets_of_today_moves_on_with_time(desk: Client, agent: User, clock):
    view = saved(as_agent(agent), "created:<1d status:live")
    file_ticket(at=clock.now)
    assert len(numbers_on(desk, f"{QUEUE}?view={view.pk}")) == 1
    clock.forward(days=2)
    assert numbers_on(desk, f"{QUEUE}?view={view.pk}") == []


def test_a_change_keeps_what_was_changed_since_the_view_was_read(agent: User):
    actor = as_agent(agent)
    view = saved(actor, "status:open")
    read_before = SavedView.objects.get(pk=view.pk)
    save_view(view, actor=actor, at=MONDAY, name="Another name")
    save_view(read_before, actor=actor, at=MONDAY, sort="number")
    view.refresh_from_db()
    assert (view.name, view.sort) == ("Another name", "number")
