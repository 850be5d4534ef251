"""Opening hours: every rule C1 to C8 of docs/sla.md by example."""

import zoneinfo
from importlib import metadata

import pytest

from sla.business_time import (
    BeyondHorizon,
    Calendar,
    instant,
    second,
)
from sla.calendar_documents import CalendarError, zone, zone_version
from tests.sla.naive import utc

WEEKDAYS = {key: [["09:00", "17:00"]] for key in ("mon", "tue", "wed", "thu", "fri")}
HOUR = 3600


def calendar(zone_name="UTC", weekly=WEEKDAYS, **more):
    return Calendar.parse({"timezone": zone_name, "weekly": weekly, **more})


def elapsed(document, start, end):
    return document.opening_hours().elapsed(second(start), second(end))


def due(document, start, seconds):
    return instant(document.opening_hours().add(second(start), seconds))


def test_c1_several_stretches_a_day_count_and_touching_ones_merge():
    split = calendar(weekly={"mon": [["13:00", "17:00"], ["09:00", "12:00"], ["12:00", "12:30"]]})
    assert elapsed(split, utc(2026, 1, 5), utc(2026, 1, 6)) == 7.5 * HOUR
    assert split.weekly[0] == ((540, 750), (780, 1020))


def test_c1_24_00_is_allowed_and_touches_the_next_day():
    nights = calendar(weekly={"sat": [["22:00", "24:00"]], "sun": [["00:00", "06:00"]]})
    intervals = nights.opening_hours().open_intervals(
        second(utc(2026, 1, 9)), second(utc(2026, 1, 12))
    )
    assert intervals == [(second(utc(2026, 1, 10, 22)), second(utc(2026, 1, 11, 6)))]


def test_c1_a_night_shift_is_split_at_midnight():
    nights = calendar(weekly={"sun": [["22:00", "06:00"]], "mon": [["22:00", "24:00"]]})
    assert nights.weekly[6] == ((1320, 1440),)
    assert nights.weekly[0] == ((0, 360), (1320, 1440))


def test_c2_an_exception_replaces_the_weekday():
    half_day = calendar(exceptions={"2026-12-24": [["09:00", "12:00"]]})
    assert elapsed(half_day, utc(2026, 12, 24), utc(2026, 12, 25)) == 3 * HOUR


def test_c2_an_exception_opens_an_extra_saturday():
    extra = calendar(exceptions={"2026-01-10": [["10:00", "12:00"]]})
    assert due(extra, utc(2026, 1, 9, 16, 30), HOUR) == utc(2026, 1, 10, 10, 30)


def test_c2_a_holiday_empties_the_day_of_the_calendars_zone():
    in_auckland = calendar("Pacific/Auckland", holidays=["2026-02-06"])
    # 9:00 on Friday 6 February in Auckland is 20:00 UTC on Thursday.
    assert elapsed(in_auckland, utc(2026, 2, 5, 12), utc(2026, 2, 6, 11)) == 0
    assert elapsed(in_auckland, utc(2026, 2, 4, 12), utc(2026, 2, 5, 11)) == 8 * HOUR


def test_c3_a_boundary_in_a_repeated_hour_means_its_first_occurrence():
    nights = calendar("Europe/Berlin", {"sun": [["02:30", "04:00"]]})
    # 25 October 2026: 02:30 comes twice, first at 00:30 UTC.
    intervals = nights.opening_hours().open_intervals(
        second(utc(2026, 10, 24, 12)), second(utc(2026, 10, 25, 12))
    )
    assert intervals == [(second(utc(2026, 10, 25, 0, 30)), second(utc(2026, 10, 25, 3)))]


def test_c3_a_boundary_in_a_skipped_hour_means_the_first_instant_after_it():
    nights = calendar("Europe/Berlin", {"sun": [["02:30", "04:00"]]})
    intervals = nights.opening_hours().open_intervals(
        second(utc(2026, 3, 28, 12)), second(utc(2026, 3, 29, 12))
    )
    assert intervals == [(second(utc(2026, 3, 29, 1)), second(utc(2026, 3, 29, 2)))]


def test_c3_hours_inside_a_skipped_hour_vanish():
    nights = calendar("Europe/Berlin", {"sun": [["02:10", "02:50"]]})
    assert elapsed(nights, utc(2026, 3, 28), utc(2026, 3, 30)) == 0


def test_c3_a_whole_skipped_day_vanishes():
    in_samoa = calendar("Pacific/Apia", {"fri": [["09:00", "17:00"]]})
    assert elapsed(in_samoa, utc(2011, 12, 29, 12), utc(2011, 12, 31, 9)) == 0


def test_c4_a_business_day_has_the_stated_hours():
    assert calendar(hours_per_day=7.5).seconds_of_days(2) == 15 * HOUR


def test_c4_a_day_is_never_silently_24_hours():
    with pytest.raises(CalendarError, match="hours_per_day"):
        calendar().seconds_of_days(1)


def test_c4_durations_are_elapsed_real_seconds():
    always = calendar("America/New_York", {}, always_open=True)
    assert elapsed(always, utc(2026, 3, 8, 5), utc(2026, 3, 9, 4)) == 23 * HOUR


def test_c5_due_is_the_earliest_instant():
    assert due(calendar(), utc(2026, 1, 5, 9), 8 * HOUR) == utc(2026, 1, 5, 17)
    assert due(calendar(), utc(2026, 1, 5, 9), 8 * HOUR + 1) == utc(2026, 1, 6, 9, 0, 1)


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"weekly": {}}, "weekly"),
        ({"weekly": {"mon": []}}, "weekly"),
        ({"weekly": {"mon": [["09:00", "12:00"], ["11:00", "13:00"]]}}, "weekly.mon"),
        ({"weekly": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "07:00"]]}}, "weekly.mon"),
        ({"weekly": {"mon": [["09:00", "09:00"]]}}, "weekly.mon[0]"),
        ({"weekly": {"mon": [["24:00", "06:00"]]}}, "weekly.mon[0]"),
        ({"weekly": {"mon": [["9:00", "17:00"]]}}, "weekly.mon[0]"),
        ({"weekly": {"mon": [["09:00"]]}}, "weekly.mon[0]"),
        ({"weekly": {"mon": "09:00-17:00"}}, "weekly.mon"),
        ({"weekly": {"monday": []}}, "weekly.monday"),
        ({"weekly": []}, "weekly"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": None}, "timezone"),
        ({"holidays": ["24.12.2026"]}, "holidays[0]"),
        ({"holidays": "2026-12-24"}, "holidays"),
        ({"exceptions": {"2026-12-24": [["22:00", "06:00"]]}}, "exceptions.2026-12-24"),
        ({"exceptions": {"2026-13-24": []}}, "exceptions.2026-13-24"),
        (
            {"exceptions": {"2026-12-24": [["09:00", "10:00"]]}, "holidays": ["2026-12-24"]},
            "holidays[0]",
        ),
        ({"holidays": ["1900-01-01", "2200-01-01"]}, "holidays"),
        ({"always_open": True}, "always_open"),
        ({"always_open": "yes"}, "always_open"),
        ({"hours_per_day": 0}, "hours_per_day"),
        ({"hours_per_day": 25}, "hours_per_day"),
        ({"opens": "09:00"}, "opens"),
    ],
)
def test_c6_what_cannot_be_kept_is_refused_at_its_field(more, field):
    with pytest.raises(CalendarError) as refusal:
        Calendar.parse({"timezone": "UTC", "weekly": WEEKDAYS, **more})
    assert refusal.value.field == field
    assert refusal.value.sentence


def test_c6_370_days_without_an_open_minute_are_refused():
    mondays = [instant(second(utc(2026, 1, 5)) + week * 604800) for week in range(54)]
    with pytest.raises(CalendarError, match="370 days"):
        calendar(
            weekly={"mon": [["09:00", "10:00"]]},
            holidays=[day.date().isoformat() for day in mondays],
        )


def test_c6_past_the_horizon_is_an_error_and_never_a_loop():
    with pytest.raises(BeyondHorizon):
        calendar().opening_hours().add(second(utc(2026, 1, 5)), 26 * 366 * 24 * HOUR)
    with pytest.raises(BeyondHorizon):
        elapsed(calendar(), utc(1990, 1, 1), utc(2026, 1, 1))
    with pytest.raises(BeyondHorizon):
        due(calendar(weekly={}, always_open=True), utc(2026, 1, 1), 26 * 366 * 24 * HOUR)
    with pytest.raises(BeyondHorizon):
        due(calendar(), utc(2500, 1, 1), HOUR)


def test_c7_24_7_is_a_flag():
    always = calendar(weekly={}, always_open=True)
    assert elapsed(always, utc(2026, 1, 10), utc(2026, 1, 12)) == 48 * HOUR
    assert due(always, utc(2026, 1, 10), HOUR) == utc(2026, 1, 10, 1)
    assert always.opening_hours().next_open(5) == 5
    assert always.opening_hours().open_intervals(5, 9) == [(5, 9)]


def test_c8_zones_come_from_the_locked_dependency_even_when_the_system_has_its_own(monkeypatch):
    zone.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(zoneinfo, "TZPATH", ("/nowhere",))
        assert zone("Africa/Casablanca").key == "Africa/Casablanca"
    assert zone_version() == metadata.version("tzdata")


def test_t9_a_calendar_in_the_organisations_zone_is_compiled_where_it_is_promised():
    document = calendar("organisation")
    assert document.opening_hours("Asia/Tokyo").add(second(utc(2026, 1, 5)), HOUR) == second(
        utc(2026, 1, 5, 1)
    )
    assert document.opening_hours("Asia/Tokyo") is document.opening_hours("Asia/Tokyo")
    with pytest.raises(CalendarError, match="timezone"):
        document.opening_hours()


def test_an_instant_needs_a_zone():
    with pytest.raises(ValueError, match="time zone"):
        second(utc(2026, 1, 5).replace(tzinfo=None))
