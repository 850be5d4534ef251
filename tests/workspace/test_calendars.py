"""Calendars on their pages: hours and holidays go in, and nothing typed is lost on the way."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from sla import rollout
from sla.models import Calendar, Rollout
from tests.conftest import Clock
from tests.factories import file_ticket
from tests.sla.promises import WEEKDAYS, amounts, make_default, save_calendar, save_policy
from tests.workspace.conftest import text_of

pytestmark = pytest.mark.usefixtures("clock")
NEW = reverse("workspace:new_calendar")
OFFICE = {
    "name": "Office", "timezone": "Europe/Berlin", "hours_per_day": "8",
    "mon": "09:00–12:30, 13:30–17:00", "tue": "9:00-17:00", "wed": "", "thu": "22:00–06:00",
    "exceptions": "2026-12-24 09:00–12:00\n\n2026-12-31",
    "holidays": "2026-12-25 Christmas Day\n2026-12-26",
    "first_year": "2026", "last_year": "2027",
}  # fmt: skip
FILE = b"""BEGIN:VCALENDAR\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20260401\r
DTEND;VALUE=DATE:20260403\r
SUMMARY:Stocktaking\\, both days\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTART;VALUE=DATE:20201126\r
SUMMARY:Thanksgiving\r
RRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTART:20260305T100000Z\r
SUMMARY:Meeting\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:4\r
DTSTART;VALUE=DATE:20260301\r
SUMMARY:Every day\r
RRULE:FREQ=DAILY\r
END:VEVENT\r
END:VCALENDAR\r
"""


def errors_of(answer: Any) -> dict[str, list[str]]:
    return {**answer.context["form"].errors, **answer.context["filling"].errors}


def in_use(document: Any = WEEKDAYS, hours: str = "24h") -> Calendar:
    """A calendar by which every ticket is promised something."""
    calendar = save_calendar(document=document)
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts(hours)}))
    return calendar


def as_sent(desk: Client, calendar: Calendar) -> dict[str, str]:
    """What a browser would send of the form as it stands."""
    form = desk.get(reverse("workspace:edit_calendar", args=[calendar.pk])).context["form"]
    values = {name: form[name].value() for name in form.fields}
    return {name: str(value) for name, value in values.items() if value not in (None, False)}


def calendar_policy(calendar: Calendar) -> int:
    return rollout.policies_on(calendar.pk)[0].pk


def test_a_calendar_is_written_as_people_write_hours(admins_desk: Client):
    answer = admins_desk.post(NEW, OFFICE)
    calendar = Calendar.objects.get(name="Office")
    assert answer.headers["Location"] == reverse("workspace:calendar", args=[calendar.pk])
    assert calendar.current.document == {
        "timezone": "Europe/Berlin", "hours_per_day": 8.0,
        "weekly": {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "tue": [["09:00", "17:00"]],
                   "thu": [["22:00", "06:00"]]},
        "exceptions": {"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []},
        "holidays": ["2026-12-25", "2026-12-26"],
        "holiday_names": {"2026-12-25": "Christmas Day"},
    }  # fmt: skip
    again = as_sent(admins_desk, calendar)
    assert again["mon"] == "09:00–12:30, 13:30–17:00"
    assert again["holidays"] == "2026-12-25 Christmas Day\n2026-12-26"
    page = text_of(admins_desk.get(answer.headers["Location"]))
    assert "Christmas Day" in page
    assert "Tue 09:00–17:00" in page


def test_round_the_clock_needs_no_hours(admins_desk: Client):
    admins_desk.post(NEW, {**OFFICE, "always_open": "on"})
    document = Calendar.objects.get(name="Office").current.document
    assert document == {
        "timezone": "Europe/Berlin", "hours_per_day": 8.0, "weekly": {}, "always_open": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"mon": "09:00–12:00, 11:00–15:00"}, "mon", "Two stretches overlap."),
        ({"tue": "25:00–26:00"}, "tue", "the last one 24:00"),
        ({"tue": "nine to five"}, "tue", "“nine to five” cannot be read"),
        ({"thu": "22:00–09:30", "fri": "09:00–17:00"}, "fri", "Two stretches overlap."),
        ({"mon": "", "tue": "", "thu": ""}, "mon", "Open at least one minute a week"),
        ({"holidays": "2026-12-25\n25.12.2026"}, "holidays", "Line 2: A date is written like"),
        ({"holidays": "2026-02-30"}, "holidays", "Line 1: A date is written like"),
        ({"holidays": f"2026-12-25 {'x' * 101}"}, "holidays", "1 to 100 characters"),
        ({"exceptions": "2026-12-24 12:00"}, "exceptions", "Line 1: “12:00” cannot be read"),
        ({"exceptions": "2026-12-24 09:00–11:00, 10:00–12:00"}, "exceptions", "overlap"),
        ({"exceptions": "2026-12-24\n2026-12-24 9:00–10:00"}, "exceptions", "stands twice"),
        ({"exceptions": "2026-12-25 09:00–12:00"}, "holidays", "an exception with hours too"),
        ({"hours_per_day": "0"}, "hours_per_day", "more than 0 and up to 24"),
        ({"timezone": "Mars/Base"}, "timezone", "Mars/Base"),
        ({"name": " "}, "name", "required"),
    ],
)
def test_an_impossible_calendar_is_refused_at_its_field_and_nothing_typed_is_lost(
    admins_desk: Client, change: dict[str, str], field: str, sentence: str
):
    sent = {**OFFICE, **change}
    answer = admins_desk.post(NEW, sent)
    assert answer.status_code == 422
    assert field in errors_of(answer), errors_of(answer)
    assert sentence in errors_of(answer)[field][0]
    form = answer.context["form"]
    kept = {name: form[name].value() for name in sent if name in form.fields}
    assert kept == {name: sent[name] for name in kept}
    assert not Calendar.objects.filter(name="Office").exists()


def test_a_year_without_an_open_minute_is_refused(admins_desk: Client):
    days = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=number) for number in range(372))
    sent = {**OFFICE, "exceptions": "", "holidays": "\n".join(f"{day:%Y-%m-%d}" for day in days)}
    answer = admins_desk.post(NEW, sent)
    assert errors_of(answer)["holidays"] == ["There are 370 days without an open minute."]


def test_a_name_that_is_taken_is_refused_at_its_field(admins_desk: Client):
    taken = save_calendar()
    answer = admins_desk.post(NEW, {**OFFICE, "name": taken.name.upper()})
    assert errors_of(answer) == {"name": ["This name is already used."]}


def test_holidays_of_two_countries_are_a_difference_before_they_are_taken(admins_desk: Client):
    asked = {
        **OFFICE, "country": ["DE", "FR"], "region": ["BY", ""], "last_year": "2026",
        "holidays": "2026-05-01 May Day\n2026-06-15 Our party", "do": "find",
    }  # fmt: skip
    answer = admins_desk.post(NEW, asked)
    difference = answer.context["filling"].difference
    new = {day.isoformat(): name for day, name in difference.new}
    assert new["2026-01-06"].endswith("(DE-BY)")
    assert new["2026-07-14"].endswith("(FR)")
    assert [day.isoformat() for day, _name in difference.known] == ["2026-05-01"]
    assert [name for _day, name in difference.others] == ["Our party"]
    assert answer.context["form"]["holidays"].value() == asked["holidays"]
    assert not Calendar.objects.filter(name="Office").exists()
    ticked = re.findall(r'name="add" value="([^"]+)" checked', text_of(answer))
    assert len(ticked) == len(new)
    taken = admins_desk.post(
        NEW, {**asked, "found": "1", "add": ticked, "drop": "2026-06-15", "do": "take"}
    )
    listed = taken.context["form"]["holidays"].value().splitlines()
    assert len(listed) == len(new) + 1
    assert "2026-05-01 May Day" in listed
    assert not any("Our party" in line for line in listed)
    assert not Calendar.objects.filter(name="Office").exists()


def test_saving_what_is_still_ticked_takes_it_over(admins_desk: Client):
    sent = {**OFFICE, "found": "1", "country": "DE", "region": "", "add": "2026-10-03 Unity"}
    admins_desk.post(NEW, sent)
    assert "2026-10-03" in Calendar.objects.get(name="Office").current.document["holidays"]


def test_countries_that_nobody_looked_at_are_shown_before_saving(admins_desk: Client):
    answer = admins_desk.post(NEW, {**OFFICE, "country": "AT", "region": ""})
    assert answer.status_code == 200
    assert answer.context["filling"].difference.new
    assert "Look at what these holidays change, then save." in text_of(answer)
    assert not Calendar.objects.filter(name="Office").exists()


def test_years_that_make_no_sense_are_refused_at_their_field(admins_desk: Client):
    for years in [("2027", "2026"), ("2000", "2099"), ("", "2026"), ("1", "2")]:
        sent = {**OFFICE, "first_year": years[0], "last_year": years[1], "country": "DE",
                "region": "", "do": "find"}  # fmt: skip
        answer = admins_desk.post(NEW, sent)
        assert answer.status_code == 422
        assert set(answer.context["filling"].errors) & {"first_year", "last_year"}


def test_an_icalendar_file_is_read_as_a_difference(admins_desk: Client):
    sent = {**OFFICE, "do": "find", "file": SimpleUploadedFile("days.ics", FILE)}
    answer = admins_desk.post(NEW, sent)
    new = [(day.isoformat(), name) for day, name in answer.context["filling"].difference.new]
    assert new == [
        ("2026-04-01", "Stocktaking, both days"), ("2026-04-02", "Stocktaking, both days"),
        ("2026-11-26", "Thanksgiving"), ("2027-11-25", "Thanksgiving"),
    ]  # fmt: skip
    page = text_of(answer)
    assert "1 event with a time of day was left out." in page
    assert "1 event was left out: it is broken, or repeats in a way that is not read." in page


@pytest.mark.parametrize("do", ["find", "save"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\x80broken" * 700_000, "This file is larger than 1 MB."),
        (b"", "This is no iCalendar file"),
        (b"\xff\xfe\x00", "This is no iCalendar file: it is not text in UTF-8."),
        (FILE[:300], "This is no iCalendar file, or it is broken."),
        (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "There is no all-day event in this file."),
    ],
)
def test_a_broken_file_is_refused_at_its_field_and_nothing_typed_is_lost(
    admins_desk: Client, content: bytes, sentence: str, do: str
):
    sent = {**OFFICE, "do": do, "file": SimpleUploadedFile("days.ics", content)}
    answer = admins_desk.post(NEW, sent)
    assert answer.status_code == 422
    assert answer.context["filling"].errors["file"][0].startswith(sentence)
    form = answer.context["form"]
    assert form["holidays"].value() == OFFICE["holidays"]
    assert form["mon"].value() == OFFICE["mon"]
    assert not Calendar.objects.filter(name="Office").exists()


def test_the_next_days_are_shown_before_saving(admins_desk: Client):
    answer = admins_desk.post(
        NEW, {**OFFICE, "exceptions": "", "holidays": "2026-03-09 Founders", "do": "preview"}
    )
    monday, *_rest, holiday = answer.context["days"][:8]
    assert monday.stretches == ((540, 750), (810, 1020))
    assert (holiday.stretches, holiday.name) == ((), "Founders")
    assert len(answer.context["days"]) == 14
    page = text_of(answer)
    assert "09:00–12:30, 13:30–17:00" in page
    assert "Founders" in page
    assert not Calendar.objects.filter(name="Office").exists()
    broken = admins_desk.post(NEW, {**OFFICE, "mon": "9–5", "do": "preview"})
    assert "As soon as every field can be read" in text_of(broken)


def test_due_times_that_move_are_shown_before_saving(admins_desk: Client, clock: Clock):
    calendar = in_use()
    moving, paused = file_ticket(at=clock.now), file_ticket(at=clock.now)
    address = reverse("workspace:edit_calendar", args=[calendar.pk])
    sent = {**as_sent(admins_desk, calendar), "holidays": "2026-03-03", "do": "preview"}
    impact = admins_desk.post(address, sent).context["impact"]
    assert (impact.tickets, impact.is_more) == (2, False)
    assert {move.ticket.number for move in impact.moves} == {moving.number, paused.number}
    day = timedelta(days=1)
    assert {(move.after - move.before) for move in impact.moves} == {day}
    same = admins_desk.post(address, {**sent, "holidays": ""})
    assert same.context["impact"].moves == []
    assert "No due time among those that come next moves." in text_of(same)
    assert calendar.versions.count() == 1


def test_saving_does_what_the_preview_said_also_for_the_past(admins_desk: Client, clock: Clock):
    calendar = in_use()
    ticket = file_ticket(at=clock.now)
    before = ticket.clocks.get().due_at
    clock.forward(days=2)
    address = reverse("workspace:edit_calendar", args=[calendar.pk])
    sent = {
        **as_sent(admins_desk, calendar), "holidays": "2026-03-03 Forgotten",
        "counted_from": "2026-03-02",
    }  # fmt: skip
    seen = admins_desk.post(address, {**sent, "do": "preview"}).context["impact"].moves
    assert [(move.before, move.after) for move in seen] == [(before, before + timedelta(days=1))]
    admins_desk.post(address, sent)
    rollout.follow_changes(clock.now)
    assert ticket.clocks.get().due_at == seen[0].after
    page = text_of(admins_desk.get(reverse("workspace:calendar", args=[calendar.pk])))
    assert "also for the past, since 2 Mar 2026" in page
    assert "Holidays +1" in page


def test_the_past_begins_in_the_past(admins_desk: Client):
    calendar = save_calendar(document=WEEKDAYS)
    sent = {**as_sent(admins_desk, calendar), "counted_from": "2026-03-20"}
    answer = admins_desk.post(reverse("workspace:edit_calendar", args=[calendar.pk]), sent)
    assert errors_of(answer) == {"counted_from": ["“Also for the past” begins in the past."]}


def test_what_somebody_else_saved_meanwhile_is_not_overwritten_unseen(admins_desk: Client):
    calendar = save_calendar(document=WEEKDAYS)
    sent = as_sent(admins_desk, calendar)
    save_calendar(calendar, document={**WEEKDAYS, "holidays": ["2026-06-15"]})
    address = reverse("workspace:edit_calendar", args=[calendar.pk])
    answer = admins_desk.post(address, {**sent, "name": "Mine"})
    assert answer.status_code == 422
    assert "Somebody saved version 2 in the meantime." in text_of(answer)
    assert answer.context["form"]["name"].value() == "Mine"
    again = {**sent, "name": "Mine", "version": answer.context["form"]["version"].value()}
    assert admins_desk.post(address, again).status_code == 302
    assert calendar.versions.count() == 3


def test_breaks_told_by_the_api_stay(admins_desk: Client):
    document = {**WEEKDAYS, "breaks": {"2026-06-12": [["12:00", "14:00"]]}}
    calendar = save_calendar(document=document)
    address = reverse("workspace:edit_calendar", args=[calendar.pk])
    admins_desk.post(address, as_sent(admins_desk, calendar))
    calendar.refresh_from_db()
    assert calendar.current.document["breaks"] == document["breaks"]


def test_a_calendar_in_use_is_not_deleted(admins_desk: Client, admin: User):
    used, unused = in_use(), save_calendar()
    answer = admins_desk.post(reverse("workspace:delete_calendar", args=[used.pk]), follow=True)
    assert "Policies count on this calendar: Policy" in text_of(answer)
    assert Calendar.objects.filter(pk=used.pk).exists()
    admins_desk.post(reverse("workspace:delete_calendar", args=[unused.pk]))
    assert not Calendar.objects.filter(pk=unused.pk).exists()
    assert AuditEntry.objects.filter(what="calendar.deleted").exists()


def test_agents_read_calendars_and_admins_change_them(desk: Client, admins_desk: Client):
    calendar = in_use()
    for name in ("calendars", "rollouts", "rollout_progress"):
        assert desk.get(reverse(f"workspace:{name}")).status_code == 200
    page = text_of(desk.get(reverse("workspace:calendar", args=[calendar.pk])))
    address = reverse("workspace:edit_calendar", args=[calendar.pk])
    assert address not in page
    assert reverse("workspace:policy", args=[calendar_policy(calendar)]) in page
    assert address in text_of(admins_desk.get(reverse("workspace:calendar", args=[calendar.pk])))
    for verb in ("edit_calendar", "delete_calendar"):
        assert desk.post(reverse(f"workspace:{verb}", args=[calendar.pk])).status_code == 403
    assert desk.get(reverse("workspace:calendar", args=[99_999])).status_code == 404


def test_the_progress_of_a_change_is_shown_until_it_is_done(
    desk: Client, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    calendar = in_use()
    for _ in range(4):
        file_ticket(at=clock.now)
    rollout.follow_changes(clock.now)
    monkeypatch.setattr(rollout, "CHUNK", 2)
    save_calendar(calendar, document={**WEEKDAYS, "holidays": ["2026-03-03"]}, at=clock.now)
    rollout._follow_chunk(Rollout.objects.get(done_at=None).pk, clock.now)
    address = reverse("workspace:rollout_progress") + f"?calendar={calendar.pk}"
    half = desk.get(address)
    first = half.context["progress"][0]
    assert (first.rollout.looked_at, first.rollout.changed, first.is_moving) == (2, 2, True)
    assert 0 < first.percent < 100
    assert "every 2s" in text_of(half)
    assert "every 2s" in text_of(desk.get(reverse("workspace:calendar", args=[calendar.pk])))
    rollout.follow_changes(clock.now)
    done = desk.get(address)
    assert done.context["progress"][0].is_done
    assert "every 2s" not in text_of(done)
    assert f"Calendar {calendar.name}, version 2" in text_of(
        desk.get(reverse("workspace:rollouts"))
    )


def test_the_pages_ask_the_same_number_of_questions_whatever_there_is(
    desk: Client, clock: Clock, django_assert_max_num_queries: Any
):
    for _ in range(6):
        calendar = save_calendar(document=WEEKDAYS)
        save_policy(calendar=calendar)
    for _ in range(30):
        save_calendar(calendar, document=WEEKDAYS, at=clock.now)
    for name, args in (("calendars", []), ("rollouts", []), ("calendar", [calendar.pk])):
        with django_assert_max_num_queries(12):
            assert desk.get(reverse(f"workspace:{name}", args=args)).status_code == 200
