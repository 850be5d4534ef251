"""Changing many tickets over REST: one answer for each ticket, at once or by a job."""

import pytest

from tests.factories import TeamFactory, UserFactory, file_ticket
from tickets import bulk
from tickets.models import BulkJob, Ticket

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
RESOLVE = [{"do": "status", "to": "resolved"}]


def many(clock, count: int, **values) -> list[int]:
    person = UserFactory()
    return [file_ticket(person, at=clock.now, **values).number for _ in range(count)]


def test_few_are_answered_at_once_with_a_result_for_each(as_agent, clock):
    good, bare = many(clock, 1, category="support"), many(clock, 1)
    missing = bare[0] + 1000
    body = {"numbers": [*bare, *good, missing], "steps": RESOLVE}
    tried = as_agent("POST", "/tickets/bulk/", {**body, "dry_run": True})
    assert (tried.status_code, tried.body["changed"], tried.body["dry_run"]) == (200, 1, True)
    assert not Ticket.objects.filter(status="resolved").exists()
    answer = as_agent("POST", "/tickets/bulk/", body)
    assert answer.status_code == 200
    assert answer.body["state"] == "done"
    assert answer.body["results"] == [
        {"number": good[0], "outcome": "changed", "code": None, "detail": None},
        {"number": bare[0], "outcome": "refused", "code": "category_missing",
         "detail": "Say what kind of maintenance this is before resolving it."},
        {"number": missing, "outcome": "refused", "code": "not_found",
         "detail": "There is no such thing here."},
    ]  # fmt: skip
    assert as_agent("GET", f"/jobs/{answer.body['id']}/").body == answer.body


def test_a_repeated_call_changes_nothing_twice(as_agent, clock):
    body = {"numbers": many(clock, 2), "steps": [{"do": "note", "body": "Once."}]}
    for replayed in (None, "true"):
        answer = as_agent("POST", "/tickets/bulk/", body, Idempotency_Key="k")
        assert answer.headers.get("Idempotency-Replayed") == replayed
    assert BulkJob.objects.count() == 1


def test_a_filter_goes_by_a_job_that_is_followed_cancelled_and_undone(as_agent, clock):
    many(clock, 3, category="support")
    many(clock, 1)
    body = {"filter": {"category": "support", "status": "live"}, "steps": RESOLVE}
    begun = as_agent("POST", "/tickets/bulk/", body, Prefer="respond-async")
    assert begun.status_code == 202
    assert begun.headers["Location"].endswith(f"/api/v1/jobs/{begun.body['id']}/")
    assert (begun.body["state"], begun.body["total"], begun.body["done"]) == ("running", 3, 0)
    path = f"/jobs/{begun.body['id']}/"
    assert as_agent("POST", f"{path}undo/", {}).status_code == 409
    bulk.go_on(lambda: clock.now)
    page = as_agent("GET", f"{path}?limit=2").body
    assert (page["state"], page["changed"], len(page["results"])) == ("done", 3, 2)
    rest = as_agent("GET", f"{path}?limit=2&cursor={page['next_cursor']}").body
    assert (len(rest["results"]), rest["next_cursor"]) == (1, None)
    undoing = as_agent("POST", f"{path}undo/", {})
    assert (undoing.status_code, undoing.body["undoes"]) == (202, begun.body["id"])
    bulk.go_on(lambda: clock.now)
    assert not Ticket.objects.filter(status="resolved").exists()
    assert as_agent("GET", path).body["undone_by"] == undoing.body["id"]

    again = as_agent("POST", "/tickets/bulk/", body, Prefer="respond-async").body["id"]
    assert as_agent("POST", f"/jobs/{again}/cancel/", {}).body["state"] == "cancelled"
    bulk.go_on(lambda: clock.now)
    assert not Ticket.objects.filter(status="resolved").exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"steps": RESOLVE}, "/numbers"),
        ({"numbers": [1], "filter": {"status": "any"}, "steps": RESOLVE}, "/numbers"),
        ({"numbers": list(range(1, 502)), "steps": RESOLVE}, "/numbers"),
        ({"filter": {}, "steps": RESOLVE}, "/filter"),
        ({"filter": "", "steps": RESOLVE}, "/filter"),
        ({"filter": {"filter": " "}, "steps": RESOLVE}, "/filter/filter"),
        ({"filter": {"filter": "()"}, "steps": RESOLVE}, "/filter"),
        ({"numbers": [1], "steps": []}, "/steps"),
        ({"numbers": [1], "steps": [{"do": "status", "to": "none"}]}, "/steps/0/to"),
        ({"filter": {"colour": "red"}, "steps": RESOLVE}, "/colour"),
        ({"numbers": [1], "steps": RESOLVE, "dry": True}, "/dry"),
    ],
)
def test_what_cannot_be_taken_is_400_at_its_place(as_agent, body, pointer):
    answer = as_agent("POST", "/tickets/bulk/", body)
    assert answer.status_code == 400
    assert answer.body["errors"][0]["pointer"] == pointer


def test_a_private_team_is_neither_matched_nor_told(as_agent, as_admin, as_customer, clock):
    hidden = file_ticket(at=clock.now, category="support")
    team = TeamFactory(is_private=True).pk
    as_admin("PATCH", f"/tickets/{hidden.number}/", {"team": team})
    body = {"filter": {"status": "any"}, "steps": RESOLVE}
    answer = as_agent("POST", "/tickets/bulk/", body)
    assert (answer.body["total"], answer.body["results"]) == (0, [])
    job = as_admin("POST", "/tickets/bulk/", body).body
    assert job["total"] == 1
    assert as_agent("GET", f"/jobs/{job['id']}/").status_code == 404
    assert as_customer("POST", "/tickets/bulk/", body).status_code == 403


def test_a_filter_that_can_hold_nothing_changes_nothing(as_agent, clock):
    many(clock, 1)
    answer = as_agent("POST", "/tickets/bulk/", {"filter": {"q": "nosuchword"}, "steps": RESOLVE})
    assert (answer.status_code, answer.body["total"], answer.body["state"]) == (200, 0, "done")


def test_a_filter_whose_name_cannot_be_read_is_refused_and_never_an_error(as_agent):
    body = {"filter": {"fields.\0": "1"}, "steps": RESOLVE}
    assert as_agent("POST", "/tickets/bulk/", body).status_code == 400
