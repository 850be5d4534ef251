"""The pages of policies: read by agents, changed by admins, tried out before they are saved."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from sla import defaults
from sla.models import Policy, PolicyVersion
from tests.factories import (
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    file_ticket,
)
from tests.sla.promises import SYSTEM, WEEKDAYS, agree, save_calendar, save_policy
from tests.workspace.conftest import text_of

pytestmark = pytest.mark.usefixtures("clock")
NEW = "workspace:new_policy"


@pytest.fixture(autouse=True)
def default(db: None) -> Policy:
    defaults.ensure()
    return Policy.objects.get(is_default=True)


def typed(**changes: object) -> dict[str, object]:
    """What a browser sends of a new policy: one for urgent tickets, one target filled in."""
    calendar = save_calendar(document=WEEKDAYS)
    form = {
        "name": "Urgent", "calendar": calendar.pk, "is_active": "on", "on_reopen": "resume",
        "match.priority": ["urgent"], "steps.total": "0", "sim.total": "0",
        **{f"targets.resolution.any.{name}": "2d" for name in ("low", "normal", "high", "urgent")},
    }  # fmt: skip
    return {**form, **changes}


def errors_of(answer) -> dict[str, list[str]]:
    assert answer.status_code == 422, text_of(answer)[:200]
    return {name: list(said) for name, said in answer.context["form"].errors.items()}


def test_agents_read_policies_and_admins_change_them(
    desk: Client, admins_desk: Client, default: Policy
):
    read = [
        reverse("workspace:policies"), reverse("workspace:policy", args=[default.pk]),
        reverse("workspace:policy_version", args=[default.pk, 1]),
    ]  # fmt: skip
    change = [reverse(NEW), reverse("workspace:edit_policy", args=[default.pk])]
    for address in read:
        assert "/edit/" not in text_of(desk.get(address))
        assert admins_desk.get(address).status_code == 200
    for address in change:
        assert desk.get(address).status_code == desk.post(address, typed()).status_code == 403
        assert admins_desk.get(address).status_code == 200
    assert desk.post(reverse("workspace:move_policy", args=[default.pk])).status_code == 403
    assert (
        admins_desk.get(reverse("workspace:policy_version", args=[default.pk, 9])).status_code
        == 404
    )


def test_a_policy_is_made_with_everything_that_the_form_asks(admins_desk: Client, agent: User):
    product, team = ProductFactory(key="ledger"), TeamFactory()
    organisation = OrganisationFactory()
    form = typed(**{
        "description": "Fast.", "is_plan": "on", "match.product": ["ledger", "none"],
        "match.team": [team.pk], "match.organisation": [organisation.pk], "match.tag": "vip, gold",
        "match.emergency": "true", "match.agreement": ["any"], "match.source": ["email"],
        "match.category": ["corrective"], "targets.resolution.corrective.low": "30m",
        "pause.resolution": ["on_hold"], "on_reopen": "restart", "reopen_minimum_percent": "25",
        "steps.total": "3",
        "steps.0.metric": "resolution", "steps.0.name": "half", "steps.0.amount": "50",
        "steps.0.unit": "percent", "steps.0.told": ["team", agent.pk], "steps.0.tags": "late",
        "steps.1.metric": "resolution", "steps.1.name": "before", "steps.1.amount": "1",
        "steps.1.unit": "-d", "steps.1.raised": "on", "steps.1.assign": agent.pk,
        "steps.2.metric": "resolution", "steps.2.name": "gone", "steps.2.amount": "1",
        "steps.2.unit": "+h", "steps.2.gone": "on",
    })  # fmt: skip
    answer = admins_desk.post(reverse(NEW), form)
    assert answer.status_code == 302, errors_of(answer)
    policy = Policy.objects.get(name="Urgent")
    document = policy.current.document
    assert document["match"] == {
        "agreement": "any", "organisation": str(organisation.pk), "product": "none,ledger",
        "category": "corrective", "priority": "urgent", "team": str(team.pk), "tag": "vip,gold",
        "source": "email", "emergency": "true",
    } | {"product": document["match"]["product"]}  # fmt: skip
    assert set(document["match"]["product"].split(",")) == {"ledger", "none"}
    assert document["pause"] == {
        "first_response": [], "next_response": [], "update": [], "resolution": ["on_hold"]
    }  # fmt: skip
    assert (document["on_reopen"], document["reopen_minimum_percent"]) == ("restart", 25)
    assert document["steps"]["resolution"] == [
        {"name": "half", "percent": 50, "actions": [
            {"do": "notify", "to": ["team", agent.pk]}, {"do": "add_tags", "to": ["late"]},
        ]},
        {"name": "before", "offset": -8 * 3600, "actions": [
            {"do": "raise_priority"}, {"do": "assign", "to": agent.pk},
        ]},
    ]  # fmt: skip
    seconds = {(row.category, row.priority): row.seconds for row in policy.current.targets.all()}
    assert seconds["", "low"] == 2 * 8 * 3600
    assert seconds["corrective", "low"] == 1800
    assert product.name in text_of(admins_desk.get(answer["Location"]))


def test_an_edit_shows_what_was_typed_and_makes_the_next_version(admins_desk: Client, admin: User):
    admins_desk.post(reverse(NEW), typed())
    policy = Policy.objects.get(name="Urgent")
    address = reverse("workspace:edit_policy", args=[policy.pk])
    page = admins_desk.get(address)
    assert page.context["form"]["targets.resolution.any.low"].value() == "2d"
    assert page.context["form"]["match.priority"].value() == ["urgent"]
    form = typed(**{"match.priority": ["high"], "calendar": policy.current.calendar_id})
    assert admins_desk.post(address, form).status_code == 302
    policy.refresh_from_db()
    assert (policy.current.number, policy.current.document["match"]) == (2, {"priority": "high"})
    shown = text_of(admins_desk.get(reverse("workspace:policy", args=[policy.pk])))
    assert f"{admin.display_name} · Mon 2 Mar 2026" in shown
    old = text_of(admins_desk.get(reverse("workspace:policy_version", args=[policy.pk, 1])))
    assert "This is version 1, which holds no more." in old


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"targets.resolution.any.low": "0h"}, "targets.resolution.any.low",
         "A target is longer than nothing."),
        ({"targets.resolution.support.high": "soon"}, "targets.resolution.support.high",
         "Give a time such as 30m, 4h or 2d."),
        ({"targets.resolution.any.high": ""}, "targets.resolution.any.high",
         "Promise something for any category and every priority."),
        ({"targets.update.any.urgent": "1h"}, "targets.update.any.high",
         "Promise something for any category and every priority."),
        ({"match.priority": []}, "match",
         "It matches nothing: say which tickets it is for, or offer it as a plan."),
        ({"match.tag": " , "}, "match.tag", "Say which tickets it is for."),
        ({"name": "default"}, "name", "This name is already used."),
        ({"reopen_minimum_percent": "101"}, "reopen_minimum_percent",
         "Ensure this value is less than or equal to 100."),
        ({"steps.total": "1", "steps.0.name": "late", "steps.0.metric": "update",
          "steps.0.amount": "0", "steps.0.unit": "percent"}, "steps.0.amount",
         "Give a share from 1 to 1000."),
        ({"steps.total": "1", "steps.0.amount": "5", "steps.0.metric": "update",
          "steps.0.unit": "percent"}, "steps.0.name", "Give every step a name of its own."),
        ({"steps.total": "1", "steps.0.name": "late", "steps.0.metric": "update"},
         "steps.0.amount", "Give a whole number."),
        ({"steps.total": "1", "steps.0.name": "late", "steps.0.amount": "5",
          "steps.0.metric": "update", "steps.0.tags": "x" * 70}, "steps.0.amount",
         "A tag has 1 to 60 characters and no comma."),
    ],
)  # fmt: skip
def test_a_refusal_stands_at_its_field_and_nothing_is_lost(
    admins_desk: Client, wrong: dict[str, object], field: str, sentence: str
):
    form = typed(description="Typed with care", **wrong)
    answer = admins_desk.post(reverse(NEW), form)
    assert errors_of(answer) == {field: [sentence]}
    assert Policy.objects.filter(name="Urgent").count() == 0
    shown = answer.context["form"]
    for name, value in form.items():
        if name in shown.fields and name not in {"is_active", "calendar"}:
            assert shown[name].value() == value, name
    page = text_of(answer)
    assert sentence in page
    assert f'href="#id_{field}"' in page


def test_every_amount_that_is_wrong_is_marked_at_once(admins_desk: Client):
    form = typed(**{"targets.resolution.any.low": "0h", "targets.resolution.any.high": "soon"})
    assert set(errors_of(admins_desk.post(reverse(NEW), form))) == {
        "targets.resolution.any.low", "targets.resolution.any.high"
    }  # fmt: skip


def test_a_row_is_added_without_scripts_and_without_being_judged(admins_desk: Client):
    form = typed(name="", again="step", **{"targets.resolution.any.low": "0h"})
    answer = admins_desk.post(reverse(NEW), form)
    assert answer.status_code == 200
    assert 'name="steps.0.name"' in text_of(answer)
    assert not answer.context["form"].errors
    more = admins_desk.post(reverse(NEW), typed(again="moment", **{"sim.total": "2"}))
    assert 'name="sim.2.at"' in text_of(more)


def simulated(**changes: object) -> dict[str, object]:
    return typed(**{
        "again": "simulate", "sim.start": "2026-03-03T09:00", "sim.priority": "urgent",
        "sim.total": "2", "sim.0.kind": "pending", "sim.0.at": "2026-03-03T13:00",
        "sim.1.kind": "customer", "sim.1.at": "2026-03-04T09:00",
        "pause.resolution": ["pending"], **changes,
    })  # fmt: skip


def test_an_unsaved_policy_is_simulated(admins_desk: Client):
    before = PolicyVersion.objects.count()
    page = admins_desk.post(reverse(NEW), simulated())
    said = text_of(page)
    assert page.status_code == 200
    assert "due Thu 5 Mar 2026, 13:00 UTC" in said
    assert "4 h of 16 h" in said
    assert 'class="pause"' in said
    assert PolicyVersion.objects.count() == before


def test_the_simulation_counts_in_the_zone_of_the_organisation(admins_desk: Client):
    OrganisationFactory(name="Pacific", time_zone="America/Los_Angeles")
    said = text_of(admins_desk.post(reverse(NEW), simulated(**{"sim.organisation": "pacific"})))
    assert "counted in America/Los_Angeles" in said
    none = admins_desk.post(reverse(NEW), simulated(**{"sim.organisation": "Nobody"}))
    assert "There is no organisation of this name." in text_of(none)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"sim.1.at": "2026-03-03T10:00"}, "This lies before what stands above it."),
        ({"sim.1.at": "2029-03-03T10:00"}, "more than two years after the beginning"),
        ({"sim.1.at": ""}, "Say when."),
        ({"sim.start": ""}, "This field is required."),
        ({"targets.resolution.any.low": "0h"}, "Correct this first:"),
    ],
)
def test_a_simulation_that_cannot_be_says_why(
    admins_desk: Client, wrong: dict[str, object], sentence: str
):
    answer = admins_desk.post(reverse(NEW), simulated(**wrong))
    assert answer.status_code == 200
    assert sentence in text_of(answer)
    assert "picture" not in answer.context


def test_the_due_times_that_would_move_are_shown_before_saving(
    admins_desk: Client, default: Policy, clock
):
    ticket = file_ticket(at=clock.now, subject="Printer on fire")
    address = reverse("workspace:edit_policy", args=[default.pk])
    form = typed(again="preview", calendar=default.current.calendar_id, name="Default")
    del form["match.priority"]
    page = text_of(admins_desk.post(address, form))
    assert "Looked at: 1 open tickets. Due times that would move: 2." in page
    assert f"#{ticket.number}</a>" in page
    assert "Printer on fire" in page
    assert "1 open ticket follows it" in page
    default.refresh_from_db()
    assert default.current.number == 1
    assert admins_desk.post(address, {**form, "again": ""}).status_code == 200
    del form["again"]
    assert admins_desk.post(address, form).status_code == 302
    default.refresh_from_db()
    assert default.current.number == 2


def test_policies_are_moved_and_the_default_stays_last(admins_desk: Client, default: Policy):
    first, second = save_policy(), save_policy()
    admins_desk.post(reverse("workspace:move_policy", args=[second.pk]), {"to": "1"})
    listed = admins_desk.get(reverse("workspace:policies")).context["rows"]
    assert [row["policy"] for row in listed] == [second, first, default]
    for wrong in ("0", "3", "x", "9" * 30):
        answer = admins_desk.post(
            reverse("workspace:move_policy", args=[second.pk]), {"to": wrong}, follow=True
        )
        assert "There is no such place in the order." in text_of(answer)


def test_a_new_policy_begins_as_a_copy_of_another(admins_desk: Client):
    policy = save_policy(targets={"resolution": {"": dict.fromkeys(
        ("low", "normal", "high", "urgent"), "77m")}})  # fmt: skip
    page = admins_desk.get(reverse(NEW), {"like": policy.pk})
    assert 'value="77m"' in text_of(page)
    assert admins_desk.get(reverse(NEW), {"like": "99999"}).status_code == 404


def test_a_private_team_is_named_to_its_members_and_admins_only(
    desk: Client, admins_desk: Client, agent: User
):
    team = TeamFactory(name="Hushed", is_private=True)
    policy = save_policy(document={"match": {"team": str(team.pk)}})
    address = reverse("workspace:policy", args=[policy.pk])
    assert "Hushed" in text_of(admins_desk.get(address))
    assert "Hushed" not in text_of(desk.get(address))
    assert "a private team" in text_of(desk.get(address))


def test_the_pages_ask_the_same_number_of_questions_however_many_policies_there_are(
    admins_desk: Client,
):
    def asked() -> list[int]:
        counts = []
        pk = Policy.objects.order_by("pk").last().pk
        for address in (
            reverse("workspace:policies"), reverse("workspace:policy", args=[pk]),
            reverse("workspace:edit_policy", args=[pk]),
        ):  # fmt: skip
            admins_desk.get(address)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                admins_desk.get(address)
            counts.append(len(queries))
        return counts

    save_policy()
    few = asked()
    for number in range(5):
        organisation = OrganisationFactory()
        agree(organisation, save_policy())
        file_ticket(UserFactory(organisation=organisation), actor=SYSTEM)
        save_policy(document={"match": {"tag": f"t{number}"}})
        TeamFactory(), ProductFactory()
    save_policy()
    assert asked() == few
