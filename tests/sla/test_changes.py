"""Reopenings and changed targets: every rule R and T of docs/sla.md that needs no database."""

from datetime import timedelta

import pytest

from sla.business_time import Calendar
from sla.clocks import evaluate
from sla.happenings import (
    RESTART,
    CustomerWrote,
    DueSet,
    OlderStart,
    Opened,
    Responded,
    StatusSet,
    Step,
    TermsSet,
)
from tests.sla.naive import utc
from tests.sla.stories import ALWAYS, DESK, HOUR, at, cycles, kinds, one, opened, terms

# --- R: reopening, merging ---


def test_r1_a_reopened_clock_goes_on_with_what_was_left():
    story = [opened(), StatusSet(at(3), "resolved"), StatusSet(at(50), "open")]
    clock = one("resolution", story, at(50))
    assert (clock.seq, clock.state, clock.due_at) == (1, "running", at(51))


def test_r1_an_update_clock_is_resumed_too():
    story = [opened(), Responded(at(1)), StatusSet(at(2), "resolved"), StatusSet(at(9), "open")]
    assert one("update", story, at(9)).due_at == at(16)


def test_r2_restart_gives_a_new_clock_with_the_full_target():
    story = [
        opened(on_reopen=RESTART),
        StatusSet(at(3), "resolved"),
        StatusSet(at(50), "open"),
    ]
    old, new = cycles("resolution", story, at(50))
    assert (old.state, new.seq, new.due_at) == ("met", 2, at(54))


def test_r2_a_policy_may_leave_a_minimum_after_a_reopening():
    story = [
        opened(reopen_minimum_percent=25),
        StatusSet(at(3, 50), "resolved"),
        StatusSet(at(50), "open"),
    ]
    assert one("resolution", story, at(50)).due_at == at(51)


def test_r2_the_core_accepts_any_order_of_statuses():
    story = [opened(), StatusSet(at(1), "resolved"), StatusSet(at(2), "closed")]
    story += [StatusSet(at(3), "pending"), StatusSet(at(4), "open")]
    assert one("resolution", story, at(4)).due_at == at(7)


def test_r3_a_met_outcome_that_is_reopened_is_revoked():
    story = [opened(), StatusSet(at(3), "resolved"), StatusSet(at(50), "open")]
    assert kinds(one("resolution", story, at(50))) == ["revoked"]


def test_r3_a_breached_one_stays_breached():
    story = [opened(), StatusSet(at(5), "resolved"), StatusSet(at(50), "open")]
    clock = one("resolution", story, at(50))
    assert (clock.state, clock.breached_at, kinds(clock)) == ("breached", at(4), ["breached"])


@pytest.mark.parametrize("reason", ["merged", "spam"])
def test_r4_the_clocks_of_a_merged_ticket_are_cancelled_and_come_back(reason):
    story = [opened(), StatusSet(at(0, 30), "closed", reason=reason)]
    for clock in evaluate(story, at(5)):
        assert (clock.state, clock.reason) == ("cancelled", reason)
    undone = [*story, StatusSet(at(5), "new")]
    assert one("first_response", undone, at(5)).due_at == at(5, 30)
    assert one("resolution", undone, at(5)).due_at == at(8, 30)


def test_r4_an_older_source_moves_the_start_of_first_response_back():
    story = [opened(), OlderStart(at(0, 10), since=at(0) - timedelta(minutes=20))]
    clock = one("first_response", story, at(0, 10))
    assert (clock.due_at, clock.started_at) == (at(0, 40), at(0) - timedelta(minutes=20))
    younger = [opened(), OlderStart(at(0, 10), since=at(0, 5))]
    assert one("first_response", younger, at(0, 10)).due_at == at(1)


# --- T: change of target, agreement, calendar ---


def test_t1_used_seconds_carry_over_to_the_new_target():
    story = [opened(), TermsSet(at(1), terms(targets={"resolution": 2 * HOUR}))]
    assert one("resolution", story, at(1)).due_at == at(2)


def test_t1_a_promise_that_did_not_exist_begins_at_the_change():
    story = [Opened(at(0)), TermsSet(at(5), terms())]
    assert one("first_response", story, at(5)).due_at == at(6)
    assert one("resolution", story, at(5)).due_at == at(9)


def test_t2_tightened_below_what_is_used_is_due_at_the_change():
    story = [opened(), TermsSet(at(3), terms(targets={"resolution": HOUR}))]
    clock = one("resolution", story, at(3, 0, 1))
    assert (clock.state, clock.due_at, clock.cause) == ("breached", at(3), "target_change")
    assert clock.facts[-1].cause == "target_change"


def test_t2_a_policy_may_grant_a_minimum():
    tight = terms(targets={"resolution": HOUR}, change_minimum_percent=50)
    story = [opened(), TermsSet(at(3), tight)]
    assert one("resolution", story, at(3)).due_at == at(3, 30)


def test_t3_loosened_after_a_breach_it_runs_again_and_the_record_is_superseded():
    story = [opened(), TermsSet(at(5), terms(targets={"resolution": 8 * HOUR}))]
    clock = one("resolution", story, at(5))
    assert (clock.state, clock.due_at, clock.generation) == ("running", at(8), 2)
    assert kinds(clock) == ["breached", "superseded"]


def test_t3_still_late_after_loosening_stays_the_same_breach():
    story = [opened(), TermsSet(at(9), terms(targets={"resolution": 8 * HOUR}))]
    clock = one("resolution", story, at(9))
    assert (clock.breached_at, kinds(clock), clock.generation) == (at(4), ["breached"], 1)


def test_t4_on_a_calendar_swap_used_time_stays_as_it_was_counted():
    story = [Opened(at(9), terms=terms(DESK)), TermsSet(at(10), terms(ALWAYS))]
    assert one("resolution", story, at(10)).due_at == at(13)


def test_t5_without_a_policy_live_clocks_and_their_steps_are_gone_at_once():
    story = [
        opened(steps={"resolution": (Step("half", percent=50),)}),
        TermsSet(at(1)),
    ]
    clock = one("resolution", story, at(9))
    assert (clock.state, clock.reason, clock.steps) == ("cancelled", "no_policy", ())


def test_t5_a_policy_that_matches_again_goes_on_with_what_was_used():
    story = [opened(), TermsSet(at(1)), TermsSet(at(10), terms())]
    clock = one("resolution", story, at(10))
    assert (clock.seq, clock.due_at) == (1, at(13))


def test_t5_an_answer_in_between_leaves_no_old_question_behind():
    story = [opened(), Responded(at(1)), CustomerWrote(at(2)), TermsSet(at(2, 30))]
    story += [Responded(at(3)), TermsSet(at(4), terms()), CustomerWrote(at(5))]
    old, new = cycles("next_response", story, at(5))
    assert (old.state, new.due_at) == ("cancelled", at(7))


def test_t6_an_unchanged_clock_keeps_its_generation_and_its_segments():
    story = [opened(), TermsSet(at(1), terms(steps={"resolution": (Step("half", 50),)}))]
    clock = one("resolution", story, at(1, 30))
    assert (clock.generation, len(clock.segments), clock.due_at) == (1, 1, at(4))


def test_t6_a_forgotten_holiday_is_taken_out_of_a_live_clock():
    closed = Calendar.parse({
        "timezone": "UTC",
        "weekly": {key: [["09:00", "17:00"]] for key in ("mon", "tue", "wed", "thu", "fri")},
        "holidays": ["2026-01-06"],
    }).opening_hours()  # fmt: skip
    targets = {"resolution": 24 * HOUR}
    story = [Opened(at(9), terms=terms(DESK, targets))]
    assert one("resolution", story, at(24 * 2)).due_at == at(24 * 2 + 17)
    story.append(TermsSet(at(24 * 2 + 10), terms(closed, targets), counted_from=at(0)))
    clock = one("resolution", story, at(24 * 2 + 10))
    assert (clock.due_at, clock.consumed) == (at(24 * 3 + 17), 9 * HOUR)


def test_t7_a_due_time_set_by_hand_is_its_own_target():
    story = [opened(), DueSet(at(1), "resolution", at(9)), TermsSet(at(2), terms())]
    clock = one("resolution", story, at(2))
    assert (clock.due_at, clock.is_manual, clock.target) == (at(9), True, 9 * HOUR)


def test_t7_a_due_time_set_by_hand_is_kept_to_the_second_outside_hours():
    saturday = utc(2026, 1, 10, 12)
    story = [Opened(at(9), terms=terms(DESK)), DueSet(at(10), "resolution", saturday)]
    assert one("resolution", story, at(10)).due_at == saturday


def test_t7_after_a_pause_what_was_left_until_it_goes_on():
    story = [opened(), DueSet(at(1), "resolution", at(9))]
    story += [StatusSet(at(3), "pending"), StatusSet(at(5), "open")]
    assert one("resolution", story, at(5)).due_at == at(11)


def test_t7_giving_it_back_to_the_policy():
    story = [opened(), DueSet(at(1), "resolution", at(9)), DueSet(at(2), "resolution", None)]
    clock = one("resolution", story, at(2))
    assert (clock.due_at, clock.is_manual) == (at(4), False)
