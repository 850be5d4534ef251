"""Macros: who keeps which, what they take, and that they are used whole or not at all."""

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import Invalid, NameTaken, NotAllowed, NotFound
from accounts.models import AuditEntry
from automation.actions import apply_macro, find, save_macro
from automation.errors import MissingValues
from automation.models import Macro
from automation.preview import preview
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions, steps, written_steps
from tickets.errors import CategoryMissing, StaleVersion
from tickets.models import Event, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return as_agent(AdminFactory())


@pytest.fixture
def mia():
    return as_agent(AgentFactory(name="Mia"), request_id="one-request")


def macro_of(actor, **values) -> Macro:
    return save_macro(None, actor=actor, at=MONDAY, **{"name": "Thanks", **values})


def test_admins_keep_everybodys_macros_and_agents_those_of_their_teams(admin, mia):
    own, foreign = TeamFactory(members=[mia.user]), TeamFactory()
    words = {"kind": "reply", "body": "Thank you."}
    shared = macro_of(admin, **words)
    mine = macro_of(mia, team=own, **words)  # the name is taken once for each team
    assert AuditEntry.objects.filter(what="macro.saved", subject="Thanks").count() == 2
    for refused in (
        lambda: macro_of(mia, **{**words, "name": "For all"}),
        lambda: macro_of(mia, team=foreign, **words),
        lambda: save_macro(shared, actor=mia, at=MONDAY, is_active=False),
        lambda: save_macro(mine, actor=mia, at=MONDAY, team=None),
        lambda: macro_of(as_customer(UserFactory()), **words),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(NameTaken):
        macro_of(admin, **{**words, "name": "THANKS"})
    mine.refresh_from_db()
    save_macro(mine, actor=mia, at=MONDAY, is_active=False)
    assert [macro.pk for macro in Macro.objects.visible_to(mia).offered()] == [shared.pk]


def test_a_private_teams_macro_is_known_to_its_members_and_admins_alone(admin, mia):
    team = TeamFactory(is_private=True, members=[mia.user])
    macro = macro_of(admin, team=team, kind="note", body="Hush.")
    outsider = as_agent()
    assert find(macro.pk, actor=mia) == macro
    assert not Macro.objects.visible_to(outsider).exists()
    assert not Macro.objects.visible_to(as_customer(UserFactory())).exists()
    with pytest.raises(NotFound):
        find(macro.pk, actor=outsider)
    with pytest.raises(Invalid):  # and by no other way
        written_steps.ready([{"do": "macro", "to": macro.pk}], actor=outsider)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({}, "body"),
        ({"kind": "reply", "body": "  "}, "body"),
        ({"body": "Words"}, "kind"),
        ({"kind": "reply", "body": "{{ password }}"}, "body"),
        ({"steps": [{"do": "explode", "to": 1}]}, "steps[0].do"),
        ({"steps": [{"do": "priority", "to": "extreme"}]}, "steps[0].to"),
        ({"steps": [{"do": "priority"}]}, "steps[0].to"),
        ({"steps": [{"do": "priority", "to": "low", "by": 1}]}, "steps[0].by"),
        ({"steps": [{"do": "priority", "to": "low"}] * 2}, "steps[1].do"),
        ({"steps": [{"do": "assign", "to": 9}]}, "steps[0].to"),
        ({"steps": [{"do": "assign", "to": True}]}, "steps[0].to"),
        ({"steps": [{"do": "assign", "to": 2**70}]}, "steps[0].to"),
        ({"steps": [{"do": "team", "to": "x"}]}, "steps[0].to"),
        ({"steps": [{"do": "status", "to": "on_hold"}]}, "steps[0].reason"),
        ({"steps": [{"do": "status", "to": "new"}]}, "steps[0].to"),
        ({"steps": [{"do": "add_tags", "to": ["a,b"]}]}, "steps[0].to"),
        ({"steps": [{"do": "add_tags", "to": "urgent"}]}, "steps[0].to"),
        ({"steps": [{"do": "reply", "body": "x"}]}, "steps"),
        ({"steps": ["assign"]}, "steps[0].do"),
        ({"steps": [{"do": "raise_priority"}] * 21}, "steps"),
    ],
)
def test_what_cannot_be_used_is_refused_at_its_place(admin, values, pointer):
    with pytest.raises(Invalid) as refusal:
        macro_of(admin, **values)
    assert refusal.value.pointer == pointer
    assert not Macro.objects.exists()


def test_a_text_without_a_kind_is_kept_by_nothing(admin):
    macro = macro_of(admin, kind="reply", body="Words")
    with pytest.raises(IntegrityError), transaction.atomic():
        Macro.objects.filter(pk=macro.pk).update(kind="")


def test_it_writes_and_changes_in_one_request_and_is_counted(admin, mia):
    ticket = file_ticket(UserFactory(name="Ana"), category="support")
    macro = macro_of(
        admin, kind="reply", body="Hello {{ requester.name }}, it is solved. {{ agent.name }}",
        steps=[{"do": "status", "to": "resolved"}, {"do": "assign", "to": "me"},
               {"do": "add_tags", "to": ["Solved"]}, {"do": "priority", "to": "low"}],
    )  # fmt: skip
    would = preview(macro, ticket, actor=mia, at=MONDAY)
    assert would.text == "Hello Ana, it is solved. Mia"
    assert [(str(each.name), str(each.before), str(each.after)) for each in would.changes] == [
        ("Status", "New", "Resolved"), ("Assignee", "Nobody", "Whoever does it"),
        ("Add tags", "", "solved"), ("Priority", "Normal", "Low"),
    ]  # fmt: skip
    assert Ticket.objects.get(pk=ticket.pk).version == ticket.version  # a look changes nothing
    events = apply_macro(ticket.number, macro, actor=mia, at=MONDAY)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.assignee, ticket.priority) == ("resolved", mia.user, "low")
    assert ticket.messages.latest("pk").body == would.text
    assert {event.request_id for event in events} == {"one-request"}
    macro.refresh_from_db()
    assert (macro.used, macro.used_at) == (1, MONDAY)


def test_a_refused_step_leaves_everything_as_it_was(admin, mia):
    ticket = file_ticket()
    macro = macro_of(
        admin, kind="reply", body="Solved.",
        steps=[{"do": "priority", "to": "high"}, {"do": "status", "to": "resolved"}],
    )  # fmt: skip
    before = Event.objects.count()
    with pytest.raises(CategoryMissing):
        apply_macro(ticket.number, macro, actor=mia, at=MONDAY)
    with pytest.raises(StaleVersion):
        apply_macro(ticket.number, macro, actor=mia, at=MONDAY, expected_version=0)
    assert Event.objects.count() == before
    assert Macro.objects.get().used == 0
    assert ticket.messages.count() == 1


def test_a_text_with_gaps_is_never_sent_by_itself(admin, mia):
    ticket = file_ticket()
    macro = macro_of(admin, kind="reply", body="Dear {{ organisation.name }}")
    with pytest.raises(MissingValues, match=r"organisation\.name"):
        apply_macro(ticket.number, macro, actor=mia, at=MONDAY)
    own_words = [{"do": "reply", "body": "Dear all"}]
    apply_macro(ticket.number, macro, actor=mia, at=MONDAY, instead=own_words)
    assert ticket.messages.latest("pk").body == "Dear all"


def test_who_left_since_is_said_before_and_refused_after(admin, mia):
    gone = AgentFactory()
    macro = macro_of(admin, steps=[{"do": "assign", "to": gone.pk}])
    ticket = file_ticket()
    actions.change_person(gone, actor=admin, at=MONDAY, is_active=False)
    assert "Only active agents" in preview(macro, ticket, actor=mia, at=MONDAY).refusal
    with pytest.raises(Invalid):
        apply_macro(ticket.number, macro, actor=mia, at=MONDAY)


def test_it_is_a_step_like_others(admin, mia):
    macro = macro_of(admin, kind="note", body="Number {{ ticket.number }}",
                     steps=[{"do": "category", "to": "support"}])  # fmt: skip
    ticket = file_ticket()
    wanted = written_steps.ready([{"do": "macro", "to": macro.pk}], actor=mia)
    steps.apply(ticket.number, wanted, actor=mia, at=MONDAY)
    ticket.refresh_from_db()
    assert ticket.category == "support"
    assert ticket.messages.latest("pk").body == f"Number {ticket.number}"


def test_nobody_uses_one_on_a_ticket_out_of_sight(admin, mia):
    ticket = file_ticket()
    actions.hand_over(ticket.number, TeamFactory(is_private=True), actor=admin, at=MONDAY)
    macro = macro_of(admin, steps=[{"do": "priority", "to": "high"}])
    with pytest.raises(NotFound):
        apply_macro(ticket.number, macro, actor=mia, at=MONDAY)


def test_a_change_keeps_what_others_changed_and_used_since_it_was_read(admin):
    kept = macro_of(admin, kind="reply", body="Thank you.")
    read_before = Macro.objects.get(pk=kept.pk)
    save_macro(kept, actor=admin, at=MONDAY, body="Thanks a lot.")
    apply_macro(file_ticket().number, kept, actor=admin, at=MONDAY)
    save_macro(read_before, actor=admin, at=MONDAY, name="Thanking")
    kept.refresh_from_db()
    assert (kept.name, kept.body, kept.used) == ("Thanking", "Thanks a lot.", 1)
