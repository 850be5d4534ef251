"""Clocks and pauses: every rule K and P of docs/sla.md that needs no database, by example."""

from datetime import timedelta

import pytest

from sla.happenings import (
    CustomerWrote,
    MessageWithdrawn,
    Opened,
    Responded,
    StatusSet,
)
from tests.sla.stories import DESK, HOUR, at, cycles, one, opened, terms

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
