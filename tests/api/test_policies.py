"""Policies over REST: in the words of the pages, with their order and the simulator."""

import pytest

from sla import defaults
from sla.models import Policy, PolicyVersion
from sla.rollout import follow_changes
from tests.factories import MONDAY, OrganisationFactory
from tests.sla.promises import WEEKDAYS, save_calendar, save_policy

pytestmark = pytest.mark.django_db
PRIORITIES = ("low", "normal", "high", "urgent")


@pytest.fixture(autouse=True)
def _default(db: None) -> None:
    defaults.ensure()


def body(**changes):
    return {
        "name": "Gold", "calendar": save_calendar(document=WEEKDAYS).pk,
        "match": {"priority": "urgent"},
        "targets": {"resolution": {"any": dict.fromkeys(PRIORITIES, "2d"),
                                   "support": {"low": 3600}}},
        "steps": {"resolution": [
            {"name": "half", "percent": 50, "actions": [{"do": "notify", "to": ["team"]}]},
        ]},
        **changes,
    }  # fmt: skip


def test_a_policy_is_created_read_and_changed(as_admin, as_agent, as_customer):
    made = as_admin("POST", "/policies/", body(), Idempotency_Key="k1")
    assert made.status_code == 201, made.body
    again = as_admin("POST", "/policies/", body(calendar=made.body["calendar"]),
                     Idempotency_Key="k1")  # fmt: skip
    assert (again.body, again.headers["Idempotency-Replayed"]) == (made.body, "true")
    assert made.body["targets"]["resolution"]["any"]["low"] == "2d"
    assert made.body["target_seconds"]["resolution"] == {
        "any": dict.fromkeys(PRIORITIES, 16 * 3600), "support": {"low": 3600},
    }  # fmt: skip
    path = f"/policies/{made.body['id']}/"
    assert as_agent("GET", path).body == made.body
    assert as_customer("GET", path).status_code == 403
    assert as_agent("PATCH", path, {"name": "Mine"}).status_code == 403
    changed = as_admin("PATCH", path, {"match": {"tag": "gold"}, "is_plan": True})
    assert (changed.status_code, changed.body["version"]) == (200, 2)
    kept = {"match": {"tag": "gold"}, "is_plan": True, "version": 2}
    same = {**made.body, **kept, "version_created_at": changed.body["version_created_at"]}
    assert changed.body == same
    listed = as_agent("GET", "/policies/").body["data"]
    assert [row["name"] for row in listed] == ["Default", "Gold"]
    assert as_agent("GET", "/policies/?limit=1").body["has_more"]
    assert as_admin("GET", "/policies/99999/").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"targets": {"resolution": {"any": dict.fromkeys(PRIORITIES, 0)}}},
         "/targets/resolution/any/low"),
        ({"targets": {"resolution": {"any": {"low": "1h"}}}}, "/targets/resolution"),
        ({"targets": {}}, "/targets"),
        ({"targets": {"resolution": {"any": dict.fromkeys(PRIORITIES, True)}}},
         "/targets/resolution/any/low"),
        ({"match": {}}, "/match"),
        ({"match": {"product": "nothing"}}, "/match/product"),
        ({"match": {"agreement": "0"}}, "/match/agreement"),
        ({"match": {"colour": "red"}}, "/match"),
        ({"calendar": 99999}, "/calendar"),
        ({"calendars": {"update": 99999}}, "/calendars/update"),
        ({"pause": {"update": ["closed"]}}, "/pause/update/0"),
        ({"steps": {"resolution": [{"name": "late", "percent": 0}]}}, "/steps/resolution/late"),
        ({"steps": {"resolution": [{"name": "late", "percent": 5, "actions": [5]}]}},
         "/steps/resolution/0/actions/0"),
        ({"steps": {"resolution": [
            {"name": "late", "percent": 5, "actions": [{"do": "assign", "to": {"x": 1}}]}]}},
         "/steps/resolution/late"),
        ({"steps": {"resolution": "late"}}, "/steps/resolution"),
        ({"colour": "red"}, "/colour"),
        ({"is_active": "perhaps"}, "/is_active"),
        ({"name": "DEFAULT"}, "/name"),
    ],
)  # fmt: skip
def test_what_cannot_be_promised_is_refused_with_its_pointer(as_admin, wrong, pointer):
    before = PolicyVersion.objects.count()
    answer = as_admin("POST", "/policies/", body(**wrong))
    assert answer.status_code in {400, 409}, answer.body
    assert answer.body["errors"][0]["pointer"].startswith(pointer)
    assert PolicyVersion.objects.count() == before


def test_the_default_policy_is_changed_but_stays_for_every_ticket(as_admin):
    default = Policy.objects.get(is_default=True)
    path = f"/policies/{default.pk}/"
    assert (
        as_admin("PATCH", path, {"is_active": False}).body["errors"][0]["pointer"] == "/is_active"
    )
    refused = as_admin("PATCH", path, {"match": {"priority": "low"}})
    assert refused.body["errors"][0]["pointer"] == "/match"
    assert as_admin("PATCH", path, {"description": "All"}).body["version"] == 2
    assert as_admin("POST", f"{path}move/", {"to": 1}).status_code == 400


def test_a_policy_is_moved(as_admin, as_agent):
    first, second = save_policy(), save_policy()
    path = f"/policies/{second.pk}/move/"
    assert as_agent("POST", path, {"to": 1}).status_code == 403
    assert as_admin("POST", path, {"to": 9}).body["errors"][0]["pointer"] == "/to"
    assert as_admin("POST", path, {"to": 1}).body["position"] == 1
    assert as_admin("GET", f"/policies/{first.pk}/").body["position"] == 2
    follow_changes(MONDAY)


def simulation(**changes):
    promised = body()
    del promised["name"]
    return {
        "policy": promised, "ticket": {"created_at": "2026-01-05T09:00:00Z", "priority": "low"},
        "events": [{"kind": "reply", "at": "2026-01-05T10:00:00Z"},
                   {"kind": "pending", "at": "2026-01-05T11:00:00Z"}],
        **changes,
    }  # fmt: skip


def test_a_policy_is_simulated_without_being_saved(as_agent, as_customer):
    before = PolicyVersion.objects.count()
    said = as_agent("POST", "/policies/simulate/", simulation())
    assert said.status_code == 200, said.body
    clock = said.body["clocks"][0]
    assert (clock["metric"], clock["state"], clock["due_at"]) == ("resolution", "paused", None)
    assert (clock["elapsed_seconds"], clock["target_seconds"]) == (7200, 57600)
    assert [line["what"] for line in said.body["story"]] == ["opened", "reply", "pending"]
    assert PolicyVersion.objects.count() == before
    assert as_customer("POST", "/policies/simulate/", simulation()).status_code == 403


def test_the_simulation_counts_in_the_zone_of_the_organisation_named(as_agent):
    acme = OrganisationFactory(time_zone="America/New_York")
    ticket = {"created_at": "2026-01-05T09:00:00Z", "organisation": acme.pk}
    said = as_agent("POST", "/policies/simulate/", simulation(ticket=ticket, events=[]))
    assert said.body["zone"] == "America/New_York"
    assert said.body["clocks"][0]["due_at"] == "2026-01-06T22:00:00Z"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"ticket": {"created_at": "2026-01-05T09:00:00Z", "organisation": 99999}},
         "/ticket/organisation"),
        ({"ticket": {"created_at": "9999-12-31T23:59:00Z"}, "events": []}, "/ticket/created_at"),
        ({"events": [{"kind": "reply", "at": "2020-01-05T10:00:00Z"}]}, "/events/0/at"),
        ({"events": [{"kind": "explode", "at": "2026-01-05T10:00:00Z"}]}, "/events/0/kind"),
        ({"policy": body}, "/policy/targets/resolution/any/low"),
    ],
)  # fmt: skip
def test_a_simulation_that_cannot_be_is_refused_with_its_pointer(as_agent, wrong, pointer):
    sent = simulation(**{name: value for name, value in wrong.items() if not callable(value)})
    if "policy" in wrong:
        sent["policy"]["targets"] = {"resolution": {"any": dict.fromkeys(PRIORITIES, "0h")}}
    answer = as_agent("POST", "/policies/simulate/", sent)
    assert answer.status_code == 400, answer.body
    assert answer.body["errors"][0]["pointer"] == pointer
