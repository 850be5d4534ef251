"""Clocks: every rule K, P, R, T and W of docs/sla.md that needs no database, by example."""

from datetime import timedelta

import pytest

from sla.business_time import Calendar
from sla.clocks import evaluate
from sla.happenings import (
    METRICS,
    RESTART,
    CustomerWrote,
    DueSet,
    MessageWithdrawn,
    OlderStart,
    Opened,
    Responded,
    StatusSet,
    Step,
    Terms,
    TermsSet,
)
from tests.sla.naive import utc

ALWAYS = Calendar.parse({"timezone": "UTC", "weekly": {}, "always_open": True}).opening_hours()
DESK = Calendar.parse({
    "timezone": "UTC",
    "weekly": {key: [["09:00", "17:00"]] for key in ("mon", "tue", "wed", "thu", "fri")},
}).opening_hours()  # fmt: skip
PAUSE = {"resolution": frozenset({"pending", "on_hold"}), "update": frozenset({"pending"})}
HOUR = 3600


def terms(hours=ALWAYS, targets=None, **more):
    targets = targets or {
        "first_response": HOUR, "next_response": 2 * HOUR,
        "update": 8 * HOUR, "resolution": 4 * HOUR,
    }  # fmt: skip
    return Terms("test", targets, dict.fromkeys(METRICS, hours), **{"pause": PAUSE, **more})


def at(hours, minutes=0, seconds=0):
    """Hours after Monday 5 January 2026, 00:00 UTC."""
    return utc(2026, 1, 5) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def opened(by="customer", **more):
    return Opened(at(0), by, terms=terms(**more))


def cycles(metric, happenings, as_of):
    return [clock for clock in evaluate(happenings, as_of) if clock.metric == metric]


def one(metric, happenings, as_of):
    (clock,) = cycles(metric, happenings, as_of)
    return clock


def kinds(clock):
    return [fact.kind for fact in clock.facts]


# --- K: clocks ---


def test_k1_a_clock_past_due_is_a_live_breach():
    clock = one("first_response", [opened()], at(1, 0, 1))
    assert (clock.state, clock.is_live, clock.breached_at) == ("breached", True, at(1))


def test_k1_a_live_breach_stays_one_while_paused():
    story = [opened(), StatusSet(at(5), "pending")]
    clock = one("resolution", story, at(6))
    assert (clock.state, clock.is_paused, clock.due_at) == ("breached", True, at(4))


def test_k2_first_response_starts_at_the_customers_creation():
    assert one("first_response", [opened()], at(0)).started_at == at(0)


def test_k2_an_agents_opening_waits_for_the_customers_first_message():
    assert cycles("first_response", [opened("agent")], at(3)) == []
    clock = one("first_response", [opened("agent"), CustomerWrote(at(2))], at(3))
    assert (clock.started_at, clock.due_at) == (at(2), at(3))


def test_k2_there_is_one_first_response_per_ticket():
    story = [opened(), Responded(at(0, 30)), CustomerWrote(at(1)), Responded(at(2))]
    assert one("first_response", story, at(3)).ended_at == at(0, 30)


def test_k3_next_response_starts_at_the_oldest_unanswered_message():
    story = [opened(), Responded(at(1)), CustomerWrote(at(2)), CustomerWrote(at(3))]
    assert one("next_response", story, at(3)).due_at == at(4)


def test_k3_each_cycle_is_a_clock_of_its_own():
    story = [
        opened(),
        Responded(at(1)),
        CustomerWrote(at(2)),
        Responded(at(3)),
        CustomerWrote(at(4)),
    ]
    first, second_ = cycles("next_response", story, at(5))
    assert (first.seq, first.state, second_.seq, second_.state) == (1, "met", 2, "running")


def test_k3_next_response_cannot_exist_before_the_first_response():
    assert cycles("next_response", [opened(), CustomerWrote(at(0, 10))], at(1)) == []


def test_k4_update_starts_at_each_response_and_is_replaced_by_the_next():
    story = [opened(), Responded(at(1)), Responded(at(2))]
    first, second_ = cycles("update", story, at(3))
    assert (first.state, first.ended_at) == ("met", at(2))
    assert (second_.state, second_.due_at) == ("running", at(10))


def test_k4_update_ends_at_resolved():
    story = [opened(), Responded(at(1)), StatusSet(at(2), "resolved")]
    assert one("update", story, at(3)).ended_at == at(2)


def test_k4_answered_and_resolved_in_one_go_promises_no_update():
    story = [opened(), Responded(at(1)), StatusSet(at(1), "resolved")]
    assert one("update", story, at(3)).state == "cancelled"


@pytest.mark.parametrize("status", ["resolved", "closed"])
def test_k5_resolution_ends_at_resolved_or_closed(status):
    clock = one("resolution", [opened(), StatusSet(at(2), status)], at(3))
    assert (clock.state, clock.ended_at, clock.consumed) == ("met", at(2), 2 * HOUR)


def test_k6_only_a_response_is_a_response():
    assert one("first_response", [opened(), CustomerWrote(at(0, 5))], at(0, 30)).is_live


def test_k6_a_withdrawn_reply_was_never_sent():
    story = [opened(), Responded(at(0, 10), 7), MessageWithdrawn(at(0, 10, 8), 7)]
    assert one("first_response", story, at(0, 10, 5)).state == "met"
    assert one("first_response", story, at(0, 10, 9)).state == "running"


def test_k7_fractions_of_a_second_do_not_count_and_ties_go_by_order():
    story = [opened(), Responded(at(1) + timedelta(milliseconds=700))]
    assert one("first_response", story, at(2)).state == "met"
    story = [opened(), CustomerWrote(at(1)), Responded(at(1)), CustomerWrote(at(1))]
    assert one("next_response", story, at(1)).started_at == at(1)


def test_k8_exactly_at_due_is_met_and_the_breach_is_stored_at_due():
    assert one("first_response", [opened(), Responded(at(1))], at(2)).state == "met"
    late = one("first_response", [opened(), Responded(at(1, 0, 1))], at(2))
    assert (late.state, late.breached_at) == ("breached", at(1))


def test_k9_the_judgement_is_due_at_not_used_time():
    # Due at Monday's closing; answered in the evening, with no second more used.
    story = [
        Opened(at(9), terms=terms(DESK, {"first_response": 8 * HOUR})),
        Responded(at(20)),
    ]
    clock = one("first_response", story, at(21))
    assert (clock.state, clock.consumed, clock.due_at) == ("breached", 8 * HOUR, at(17))


def test_k10_created_outside_hours_counts_from_the_next_opening():
    story = [Opened(at(3), terms=terms(DESK))]
    assert one("first_response", story, at(4)).due_at == at(10)
    met = one("first_response", [*story, Responded(at(5))], at(6))
    assert (met.state, met.consumed) == ("met", 0)


def test_k11_a_live_response_clock_is_cancelled_when_the_ticket_is_over():
    clock = one("first_response", [opened(), StatusSet(at(0, 30), "closed")], at(1))
    assert (clock.state, clock.reason) == ("cancelled", "no_response")


def test_k11_what_was_breached_before_stays_breached():
    clock = one("first_response", [opened(), StatusSet(at(2), "resolved")], at(3))
    assert (clock.state, clock.breached_at, clock.ended_at) == ("breached", at(1), at(2))


def test_k11_a_customers_reopening_revives_the_cancelled_first_response():
    story = [opened(), StatusSet(at(0, 30), "resolved"), StatusSet(at(5), "open", "customer")]
    clock = one("first_response", story, at(5))
    assert (clock.state, clock.seq, clock.due_at) == ("running", 1, at(5, 30))


def test_k11_a_customers_reopening_otherwise_starts_next_response():
    story = [
        opened(),
        Responded(at(0, 30)),
        CustomerWrote(at(1)),
        StatusSet(at(2), "resolved"),
        StatusSet(at(5), "open", "customer"),
    ]
    old, new = cycles("next_response", story, at(5))
    assert (old.state, old.reason) == ("cancelled", "no_response")
    assert (new.seq, new.state, new.due_at) == (2, "running", at(7))


def test_k11_an_agents_own_reopening_goes_on_with_the_unanswered_question():
    story = [
        opened(),
        Responded(at(0, 30)),
        CustomerWrote(at(1)),
        StatusSet(at(2), "resolved"),
        StatusSet(at(5), "open", "agent"),
    ]
    assert one("next_response", story, at(5)).due_at == at(6)


def test_k11_the_customers_first_message_starts_it_even_if_the_agent_wrote_before():
    story = [opened("agent"), Responded(at(1)), CustomerWrote(at(2))]
    assert one("first_response", story, at(2)).started_at == at(2)
    assert cycles("next_response", story, at(2)) == []


# --- P: pause ---


def test_p1_each_metric_pauses_in_its_own_statuses():
    story = [opened(), StatusSet(at(0, 30), "pending")]
    assert one("resolution", story, at(0, 40)).state == "paused"
    assert one("first_response", story, at(0, 40)).state == "running"


def test_p2_a_pause_freezes_what_is_used_and_nothing_breaches():
    story = [opened(), StatusSet(at(1), "pending")]
    clock = one("resolution", story, at(100))
    assert (clock.state, clock.due_at, clock.consumed) == ("paused", None, HOUR)
    assert clock.next_fire_at is None
    resumed = one("resolution", [*story, StatusSet(at(50), "open")], at(50))
    assert resumed.due_at == at(53)


def test_p3_a_pause_is_exact_to_the_second_and_heals_no_breach():
    story = [opened(), StatusSet(at(1, 0, 1), "pending"), StatusSet(at(2, 0, 4), "open")]
    assert one("resolution", story, at(3)).due_at == at(5, 0, 3)
    late = [opened(), StatusSet(at(5), "pending"), StatusSet(at(6), "open")]
    assert one("resolution", late, at(6)).breached_at == at(4)


def test_p4_the_customers_message_is_the_instant_of_resumption():
    story = [opened(), Responded(at(1)), StatusSet(at(1), "pending")]
    story += [CustomerWrote(at(9)), StatusSet(at(9), "open", "customer")]
    clock = one("resolution", story, at(9))
    assert (clock.running_since, clock.due_at) == (at(9), at(12))


def test_p5_a_paused_stretch_carries_its_reason():
    story = [opened(), StatusSet(at(1), "pending"), StatusSet(at(3), "on_hold")]
    story += [StatusSet(at(4), "open")]
    clock = one("resolution", story, at(5))
    assert [(part.state, part.status, part.start, part.end) for part in clock.segments] == [
        ("running", "new", at(0), at(1)),
        ("paused", "pending", at(1), at(3)),
        ("paused", "on_hold", at(3), at(4)),
        ("running", "open", at(4), None),
    ]
    assert sum(part.consumed for part in clock.segments) == clock.consumed == 2 * HOUR


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


# --- W: warnings ---

STEPS = {
    "resolution": (Step("half", percent=50), Step("hour", offset=-HOUR), Step("late", offset=HOUR))
}


def test_w1_a_step_is_an_offset_or_a_share_in_business_time():
    story = [Opened(at(14), terms=terms(DESK, steps=STEPS))]
    clock = one("resolution", story, at(14))
    assert [(due.step.name, due.at) for due in clock.steps] == [
        ("half", at(16)),
        ("hour", at(17)),
        ("late", at(24 + 11)),
    ]


def test_w1_no_mail_at_midnight():
    early = {"resolution": (Step("early", offset=-8 * HOUR),)}
    clock = one("resolution", [Opened(at(3), terms=terms(DESK, steps=early))], at(3))
    assert clock.steps[0].at == at(9)


def test_w1_wall_time_on_request():
    wall = {"resolution": (Step("wall", offset=-HOUR, wall=True),)}
    clock = one("resolution", [Opened(at(14), terms=terms(DESK, steps=wall))], at(14))
    assert (clock.due_at, clock.steps[0].at) == (at(24 + 10), at(24 + 9))


def test_w2_each_step_comes_once_in_a_generation():
    story = [opened(steps=STEPS), StatusSet(at(2, 30), "pending"), StatusSet(at(3), "open")]
    clock = one("resolution", story, at(3))
    assert [(fact.step, fact.generation) for fact in clock.facts] == [("half", 1)]
    assert [due.step.name for due in clock.steps] == ["hour", "late"]


def test_w2_a_new_target_lets_them_come_again():
    change = terms(targets={"resolution": 2 * HOUR}, steps=STEPS)
    clock = one("resolution", [opened(steps=STEPS), TermsSet(at(1, 30), change)], at(1, 30))
    assert [(fact.step, fact.generation) for fact in clock.facts] == [("half", 2), ("hour", 2)]


def test_w3_steps_of_a_paused_clock_wait_and_of_an_ended_one_vanish():
    story = [opened(steps=STEPS), StatusSet(at(1), "pending")]
    assert one("resolution", story, at(9)).steps == ()
    story = [opened(steps=STEPS), StatusSet(at(1), "resolved")]
    assert one("resolution", story, at(9)).steps == ()


def test_next_fire_is_the_next_step_or_just_after_due():
    assert one("resolution", [opened(steps=STEPS)], at(0)).next_fire_at == at(2)
    assert one("resolution", [opened()], at(0)).next_fire_at == at(4, 0, 1)
    assert one("resolution", [opened()], at(5)).next_fire_at is None
