"""Macros at the agents' pages: kept in the settings, used in the composer without scripts, too."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from automation.actions import save_macro
from automation.models import Macro
from tests.factories import MONDAY, AdminFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets.models import Ticket

NEW = "/agent/settings/macros/new/"
FORM = {"name": "Thanks", "kind": "reply", "body": "Hello {{ requester.name }}", "is_active": "on"}


@pytest.fixture
def ticket(agent: User) -> Ticket:
    return file_ticket(UserFactory(name="Ana Duarte"), category="support")


def macro_of(**values) -> Macro:
    return save_macro(
        None, actor=as_agent(AdminFactory()), at=MONDAY,
        **{"name": "Thanks", "kind": "reply", "body": "Hello {{ requester.name }}", **values},
    )  # fmt: skip


def send(client: Client, ticket: Ticket, **form):
    answer = client.post(reverse("workspace:send", args=[ticket.number]), form)
    ticket.refresh_from_db()
    return answer


def test_an_admin_makes_changes_and_retires_a_macro(admins_desk: Client, admin: User):
    team = TeamFactory(name="First line")
    form = {
        **FORM, "for_team": team.pk, "assignee": "me", "team": "none", "status": "on_hold",
        "reason": "The release", "category": "support", "priority": "low", "tags": "a, b",
    }  # fmt: skip
    answer = admins_desk.post(NEW, form, follow=True)
    assert "First line" in text_of(answer)
    macro = Macro.objects.get()
    assert macro.steps == [
        {"do": "assign", "to": "me"}, {"do": "team", "to": None},
        {"do": "status", "to": "on_hold", "reason": "The release"},
        {"do": "category", "to": "support"}, {"do": "priority", "to": "low"},
        {"do": "add_tags", "to": ["a", " b"]},
    ]  # fmt: skip
    address = reverse("workspace:macro", args=[macro.pk])
    begun = admins_desk.get(address).context["form"].initial
    kept = {name: str(value) for name, value in form.items() if name not in {"tags", "is_active"}}
    assert {name: str(begun[name]) for name in kept} == kept
    form.pop("is_active")
    admins_desk.post(address, form)
    macro.refresh_from_db()
    assert not macro.is_active
    assert "retired" in text_of(admins_desk.get("/agent/settings/macros/"))


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"body": "{{ requester.nam }}"}, "body"), ({"body": ""}, "body"),
        ({"status": "on_hold"}, "reason"), ({"tags": "x" * 61}, "tags"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
def test_what_is_wrong_stands_at_its_field(admins_desk: Client, change, place):
    answer = admins_desk.post(NEW, {**FORM, **change})
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [place]


def test_agents_keep_their_teams_macros_alone(desk: Client, agent: User):
    shared = macro_of()
    assert "New macro" not in text_of(desk.get("/agent/settings/macros/"))
    team = TeamFactory(members=[agent])
    foreign = macro_of(name="Foreign", team=TeamFactory())
    assert "New macro" in text_of(desk.get("/agent/settings/macros/"))
    assert desk.post(NEW, {**FORM, "for_team": ""}).status_code == 422
    assert desk.post(NEW, {**FORM, "for_team": team.pk}).status_code == 302
    refused = desk.post(
        reverse("workspace:macro", args=[shared.pk]), {**FORM, "for_team": team.pk}
    )
    assert "Only admins change macros" in text_of(refused)
    assert desk.get(reverse("workspace:macro", args=[foreign.pk])).status_code == 404


def test_without_scripts_a_list_and_a_button_put_the_text_in(desk: Client, ticket: Ticket):
    macro = macro_of(steps=[{"do": "status", "to": "resolved"}, {"do": "priority", "to": "high"}])
    assert "Thanks</option>" in text_of(desk.get(reverse("workspace:ticket", args=[ticket.pk])))
    answer = desk.post(
        reverse("workspace:insert_macro", args=[ticket.number]),
        {"kind": "note", "body": "Before.", "use_macro": macro.pk},
    )
    typed = answer.context["typed"]
    assert (typed["kind"], typed["body"]) == ("reply", "Before.\n\nHello Ana Duarte")
    assert "Status: Resolved · Priority: High" in text_of(answer)
    ticket.refresh_from_db()
    assert ticket.status == "new"  # nothing is done before it is sent
    send(desk, ticket, kind="reply", body=typed["body"], macro=macro.pk)
    assert (ticket.status, ticket.priority) == ("resolved", "high")
    assert ticket.messages.latest("pk").body == typed["body"]
    assert Macro.objects.get().used == 1


def test_the_button_and_the_person_win_over_the_macro(desk: Client, ticket: Ticket):
    macro = macro_of(steps=[{"do": "status", "to": "resolved"}, {"do": "priority", "to": "high"}])
    send(desk, ticket, kind="note", body="Only for us.", macro=macro.pk, then="pending")
    assert (ticket.status, ticket.priority) == ("pending", "high")
    assert ticket.messages.latest("pk").is_note


def test_changes_alone_need_no_words(desk: Client, ticket: Ticket):
    macro = macro_of(kind="", body="", steps=[{"do": "priority", "to": "high"}])
    assert send(desk, ticket, kind="reply", body="", macro=macro.pk).status_code == 302
    assert ticket.priority == "high"
    assert ticket.messages.count() == 1


def test_a_macro_retired_meanwhile_loses_nothing_typed(desk: Client, ticket: Ticket):
    macro = macro_of()
    Macro.objects.update(is_active=False)
    answer = send(desk, ticket, kind="reply", body="Long words", macro=macro.pk)
    assert answer.status_code == 422
    assert "This macro is not there any more" in text_of(answer)
    assert answer.context["typed"]["body"] == "Long words"


def test_a_macro_that_hides_the_ticket_leads_to_the_queue(desk: Client, ticket: Ticket):
    macro = macro_of(steps=[{"do": "team", "to": TeamFactory(is_private=True).pk}])
    answer = send(desk, ticket, kind="reply", body="Over to them.", macro=macro.pk)
    assert answer["Location"] == reverse("workspace:queue")


def test_the_look_shows_text_changes_and_gaps_as_words(desk: Client, ticket: Ticket):
    ticket.requester.name = "<script>alert(1)</script> *Ana*"
    ticket.requester.save()
    macro = macro_of(
        body="Hello {{ requester.name }} of {{ organisation.name }}",
        steps=[{"do": "priority", "to": "high"}],
    )
    shown = text_of(desk.get(reverse("workspace:look_at_macro", args=[ticket.number, macro.pk])))
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *Ana* of …" in shown
    assert "<script>" not in shown
    assert "organisation.name" in shown
    assert "Normal" in shown
    assert "High" in shown


def test_a_foreign_teams_macro_is_not_there(desk: Client, ticket: Ticket):
    macro = macro_of(name="Secret plan", team=TeamFactory(is_private=True))
    look = reverse("workspace:look_at_macro", args=[ticket.number, macro.pk])
    assert desk.get(look).status_code == 404
    page = text_of(desk.get(reverse("workspace:ticket", args=[ticket.number])))
    assert "Secret plan" not in page
    assert "Secret plan" in text_of(
        signed_in(AdminFactory()).get(reverse("workspace:ticket", args=[ticket.number]))
    )


def test_changes_that_the_form_does_not_show_stay(admins_desk: Client, admin: User):
    steps = [{"do": "raise_priority"}]
    kept = save_macro(None, actor=as_agent(admin), at=MONDAY, name="Up", steps=steps)
    sent = {"name": "Upwards", "status": "open", "is_active": "on"}
    admins_desk.post(f"/agent/settings/macros/{kept.pk}/", sent)
    kept.refresh_from_db()
    assert kept.name == "Upwards"
    assert kept.steps == [{"do": "status", "to": "open"}, *steps]
