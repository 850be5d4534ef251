"""Calendars over REST: agents read, admins change, and refusals point into the document."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from sla import rollout
from sla.models import Calendar
from tests.factories import file_ticket
from tests.sla.promises import WEEKDAYS, amounts, make_default, save_calendar, save_policy

pytestmark = pytest.mark.django_db
OFFICE = {"name": "Office", "document": {**WEEKDAYS, "holidays": ["2026-12-25"],
          "holiday_names": {"2026-12-25": "Christmas Day"}}}  # fmt: skip


def test_an_admin_makes_and_changes_a_calendar(as_admin, as_agent):
    made = as_admin("POST", "/calendars/", OFFICE, Idempotency_Key="one")
    assert made.status_code == 201
    assert as_admin("POST", "/calendars/", OFFICE, Idempotency_Key="one").body == made.body
    path = f"/calendars/{made.body['id']}/"
    assert (made.body["version"], made.body["document"]) == (1, OFFICE["document"])
    renamed = as_admin("PATCH", path, {"name": "Works"})
    assert (renamed.body["name"], renamed.body["version"]) == ("Works", 2)
    assert renamed.body["document"] == OFFICE["document"]
    changed = as_admin("PUT", path, {**OFFICE, "counted_from": "2026-01-05T09:00:00Z"})
    assert [each["number"] for each in changed.body["versions"]] == [3, 2, 1]
    assert changed.body["versions"][0]["counted_from"] == "2026-01-05T09:00:00Z"
    assert as_agent("GET", path).body == changed.body
    listed = as_agent("GET", "/calendars/").body["data"]
    assert {"id": made.body["id"], "name": "Office", "version": 3}.items() <= listed[-1].items()
    assert as_admin("DELETE", path).status_code == 204
    assert as_admin("GET", path).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "15:00"]]}}, "weekly/mon"),
        ({"weekly": {"mon": [["09:00", "25:00"]]}}, "weekly/mon/0"),
        ({"weekly": {}}, "weekly"),
        ({"timezone": "Mars/Base"}, "timezone"),
        ({"hours_per_day": 25}, "hours_per_day"),
        ({"always_open": True}, "always_open"),
        ({"holidays": ["2026-12-25", "soon"]}, "holidays/1"),
        ({"holidays": [["2026-12-25"]]}, "holidays/0"),
        ({"holiday_names": {"2026-12-26": "Nowhere"}}, "holiday_names/2026-12-26"),
        ({"holiday_names": {"2026-12-25": 7}}, "holiday_names/2026-12-25"),
        ({"holiday_names": ["x"]}, "holiday_names"),
        ({"exceptions": {"2026-12-24": [["09:00", "09:00"]]}}, "exceptions/2026-12-24/0"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_an_impossible_calendar_is_refused_with_its_place(as_admin, change, pointer):
    document = {**OFFICE["document"], **change}
    refused = as_admin("POST", "/calendars/", {"name": "Bad", "document": document})
    assert refused.status_code == 400, refused.body
    assert refused.body["errors"][0]["pointer"] == f"/document/{pointer}"
    assert not Calendar.objects.filter(name="Bad").exists()


def test_the_past_begins_in_the_past_and_names_are_unique(as_admin):
    calendar = save_calendar(document=WEEKDAYS)
    ahead = (timezone.now() + timedelta(days=1)).isoformat()
    late = as_admin("PATCH", f"/calendars/{calendar.pk}/", {"counted_from": ahead})
    assert (late.status_code, late.body["errors"][0]["pointer"]) == (400, "/counted_from")
    taken = as_admin("POST", "/calendars/", {**OFFICE, "name": calendar.name})
    assert (taken.status_code, taken.body["code"]) == (409, "name_taken")


def test_a_calendar_in_use_is_not_deleted(as_admin):
    calendar = save_calendar(document=WEEKDAYS)
    policy = save_policy(calendar=calendar)
    kept = as_admin("DELETE", f"/calendars/{calendar.pk}/")
    assert (kept.status_code, kept.body["code"]) == (409, "calendar_in_use")
    assert policy.name in kept.body["detail"]


def test_only_admins_change_and_no_customer_reads(as_agent, as_customer):
    calendar = save_calendar(document=WEEKDAYS)
    path = f"/calendars/{calendar.pk}/"
    for method, body in (("PATCH", {"name": "x"}), ("PUT", OFFICE), ("DELETE", None)):
        assert as_agent(method, path, body).status_code == 403
    assert as_agent("POST", "/calendars/", OFFICE).status_code == 403
    assert as_agent("POST", f"{path}preview/", {"document": WEEKDAYS}).status_code == 403
    for address in ("/calendars/", path, "/rollouts/"):
        assert as_customer("GET", address).status_code == 403


def test_an_edit_is_previewed_then_saved_and_followed(as_admin, as_agent):
    calendar = save_calendar(document=WEEKDAYS)
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts("24h")}))
    now = timezone.now()
    ticket = file_ticket(at=now)
    rollout.follow_changes(now)
    before = ticket.clocks.get().due_at
    days = [(now + timedelta(days=number)).date().isoformat() for number in range(8)]
    document = {**WEEKDAYS, "holidays": days}
    seen = as_admin("POST", f"/calendars/{calendar.pk}/preview/", {"document": document}).body
    assert (seen["tickets"], seen["has_more_tickets"], len(seen["days"])) == (1, False, 14)
    assert seen["days"][0]["open"] == []
    [move] = seen["moves"]
    assert (move["ticket"], move["metric"]) == (ticket.number, "resolution")
    assert datetime.fromisoformat(move["due_at"]) == before
    assert calendar.versions.count() == 1
    as_admin("PATCH", f"/calendars/{calendar.pk}/", {"document": document})
    waiting = as_agent("GET", "/rollouts/").body["data"][-1]
    assert (waiting["calendar"], waiting["done_at"]) == (calendar.pk, None)
    rollout.follow_changes(timezone.now())
    after = ticket.clocks.get().due_at.astimezone(UTC)
    assert after == datetime.fromisoformat(move["would_be_due_at"])
    done = as_agent("GET", "/rollouts/").body["data"][-1]
    assert (done["looked_at"], done["changed"]) == (1, 1)
    assert done["done_at"]
    bad = as_admin("POST", f"/calendars/{calendar.pk}/preview/", {"document": {}})
    assert bad.body["errors"][0]["pointer"] == "/document/timezone"
