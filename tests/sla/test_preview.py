"""What an edit of a calendar would do is what it does; the worker is told at once."""

from datetime import date, timedelta

import pytest
from kombu.exceptions import OperationalError

from sla import business_time, preview, progress, rollout, tasks
from sla.calendar_documents import CalendarError
from sla.models import Rollout
from tests.factories import (
    MONDAY,
    OrganisationFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import (
    ALWAYS,
    SYSTEM,
    WEEKDAYS,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions as desk

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOLIDAY = {**WEEKDAYS, "holidays": ["2026-01-06"]}


def would(calendar, document, at=MONDAY, **more):
    read = business_time.Calendar.parse(document)
    return preview.of_calendar(calendar, read, actor=SYSTEM, at=at, **more)


def test_c2_names_of_holidays_are_kept_beside_their_dates():
    named = {**HOLIDAY, "holiday_names": {"2026-01-06": " Epiphany "}}
    calendar = business_time.Calendar.parse(named)
    assert calendar.names == {date(2026, 1, 6): "Epiphany"}
    assert [day.name for day in preview.days(calendar, date(2026, 1, 5), 3)] == [
        "", "Epiphany", "",
    ]  # fmt: skip
    for names in ({"2026-01-07": "x"}, {"2026-01-06": ""}, {"2026-01-06": "x" * 101}, "x"):
        with pytest.raises(CalendarError):
            business_time.Calendar.parse({**HOLIDAY, "holiday_names": names})


@pytest.mark.parametrize("since", [None, MONDAY])
def test_t6_what_the_preview_says_is_what_the_edit_does(since):
    calendar = save_calendar(document=WEEKDAYS)
    make_default(
        save_policy(
            calendar=calendar,
            targets={"resolution": amounts("24h"), "first_response": amounts("20h")},
        )
    )
    away = OrganisationFactory(time_zone="Asia/Tokyo")
    tickets = [file_ticket(), file_ticket(UserFactory(organisation=away))]
    desk.reply(tickets[0].number, "Hello", actor=as_agent(), at=MONDAY + HOUR)
    wednesday = MONDAY + 2 * DAY
    said = would(calendar, HOLIDAY, at=wednesday, counted_from=since)
    save_calendar(calendar, document=HOLIDAY, at=wednesday, counted_from=since)
    rollout.follow_changes(wednesday)
    for move in said.moves:
        stored = move.ticket.clocks.get(metric=move.metric, ended_at=None)
        assert stored.due_at == move.after != move.before
    assert len(said.moves) == (3 if since else 0)


def test_t6_no_more_than_ten_due_times_are_shown():
    calendar = save_calendar(document=WEEKDAYS)
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts("24h")}))
    for _ in range(12):
        file_ticket()
    said = would(calendar, HOLIDAY)
    assert (said.tickets, len(said.moves)) == (12, 10)
    assert would(save_calendar(), ALWAYS).tickets == 0


def test_an_edit_asks_a_worker_at_once(monkeypatch, django_capture_on_commit_callbacks):
    asked = []
    monkeypatch.setattr(tasks.follow_changes, "apply_async", lambda **how: asked.append(how))
    with django_capture_on_commit_callbacks(execute=True):
        save_calendar()
        assert asked == []
    assert asked == [{"retry": False, "ignore_result": True}]


def test_an_edit_is_saved_while_the_broker_is_away(
    monkeypatch, caplog, django_capture_on_commit_callbacks
):
    def away(**_how):
        raise OperationalError("no broker")

    monkeypatch.setattr(tasks.follow_changes, "apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        calendar = save_calendar()
    assert Rollout.objects.filter(calendar_version__calendar=calendar, done_at=None).exists()
    assert "beat will run sla.follow_changes" in caplog.text


def test_t6_a_long_edit_is_followed_in_pieces_that_each_ask_for_the_next(monkeypatch):
    monkeypatch.setattr(rollout, "CHUNK", 2)
    monkeypatch.setattr(rollout, "MOST_CHUNKS", 1)
    asked = []
    monkeypatch.setattr(tasks.follow_changes, "apply_async", lambda **how: asked.append(how))
    policy = make_default(save_policy(targets={"resolution": amounts("4h")}))
    tickets = [file_ticket() for _ in range(3)]
    Rollout.objects.update(done_at=MONDAY)
    save_policy(policy, calendar=policy.current.calendar, targets={"resolution": amounts("6h")})
    followed = [rollout.follow_changes(MONDAY + HOUR) for _ in range(3)]
    assert (followed, len(asked)) == ([2, 1, 0], 2)
    assert Rollout.objects.filter(done_at=None).count() == 0
    dues = {ticket.clocks.get(metric="resolution").due_at for ticket in tickets}
    assert dues == {MONDAY + 6 * HOUR}


def test_progress_lists_what_is_followed_first_and_what_is_to_come_last():
    file_ticket()
    rollout.follow_changes(MONDAY)
    done = save_calendar()
    rollout.follow_changes(MONDAY)
    ahead = rollout.leave(effective_from=MONDAY + DAY, created_at=MONDAY)
    now = rollout.leave(effective_from=MONDAY, created_at=MONDAY, next_number=1)
    shown = progress.of(MONDAY)
    assert (shown[0].rollout, shown[0].is_moving) == (now, True)
    assert 0 <= shown[0].percent < 100
    assert shown[1].rollout.calendar_version == done.current
    assert (shown[1].is_done, shown[1].percent) == (True, 100)
    assert (shown[-1].rollout, shown[-1].is_ahead, shown[-1].is_moving) == (ahead, True, False)
