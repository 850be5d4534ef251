"""What cannot be promised is refused over REST by a sentence at its place; nothing changes."""

import pytest

from sla.models import Calendar
from tests.factories import OrganisationFactory
from tests.sla.promises import WEEKDAYS, agree, save_calendar, save_policy

pytestmark = pytest.mark.django_db
NOTHING = dict.fromkeys(("low", "normal", "high", "urgent"), 0)


@pytest.fixture
def paths():
    """An own calendar, policy and agreement, each by its path."""
    calendar = save_calendar(document=WEEKDAYS)
    policy = save_policy(calendar=calendar, is_plan=False, document={"match": {"tag": "vip"}})
    agreement = agree(OrganisationFactory(), save_policy(calendar=calendar))
    return {
        "calendar": f"/calendars/{calendar.pk}/", "policy": f"/policies/{policy.pk}/",
        "agreement": f"/agreements/{agreement.pk}/",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("what", "change", "pointer", "sentence"),
    [
        ("calendar", {"document": {**WEEKDAYS, "weekly": {
            "mon": [["09:00", "12:00"], ["11:00", "15:00"]]}}},
         "/document/weekly/mon", "Two stretches overlap."),
        ("calendar", {"document": {**WEEKDAYS, "weekly": {"mon": [["09:00", "25:00"]]}}},
         "/document/weekly/mon/0", "the last one 24:00"),
        ("calendar", {"document": {**WEEKDAYS, "weekly": {}}},
         "/document/weekly", "Open at least one minute a week, or choose 24/7."),
        ("policy", {"targets": {"resolution": {"any": NOTHING}}},
         "/targets/resolution/any/low", "A target is longer than nothing."),
        ("policy", {"match": {}},
         "/match", "It matches nothing: say which tickets it is for, or offer it as a plan."),
        ("agreement", {"valid_until": "2026-01-05T09:00:00Z"},
         "/valid_until", "An agreement ends after it begins."),
    ],
    ids=["overlap", "25:00", "empty week", "target 0", "matches nothing", "ends too early"],
)  # fmt: skip
def test_it_is_refused_at_its_place_and_what_was_there_stays(
    as_admin, paths, what, change, pointer, sentence
):
    before = as_admin("GET", paths[what]).body
    refused = as_admin("PATCH", paths[what], change)
    assert refused.status_code == 400, refused.body
    [error] = refused.body["errors"]
    assert error["pointer"] == pointer
    assert sentence in error["detail"]
    assert as_admin("GET", paths[what]).body == before


def test_a_calendar_in_use_is_kept_and_says_who_uses_it(as_admin, paths):
    kept = as_admin("DELETE", paths["calendar"])
    assert (kept.status_code, kept.body["code"]) == (409, "calendar_in_use")
    assert kept.body["detail"].startswith("Policies count on this calendar: Policy")
    assert Calendar.objects.filter(current__document=WEEKDAYS).exists()
