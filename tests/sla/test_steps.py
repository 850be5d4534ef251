"""Warnings and escalations: every rule W of docs/sla.md that needs no database, by example."""

from sla.happenings import (
    Opened,
    StatusSet,
    Step,
    TermsSet,
)
from tests.sla.stories import DESK, HOUR, at, one, opened, terms

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


def test_w1_what_silence_brought_is_told_in_its_order_however_late_the_look():
    clock = one("resolution", [opened(steps=STEPS)], at(48))
    assert [fact.step or fact.kind for fact in clock.facts] == ["half", "hour", "breached", "late"]


def test_next_fire_is_the_next_step_or_just_after_due():
    assert one("resolution", [opened(steps=STEPS)], at(0)).next_fire_at == at(2)
    assert one("resolution", [opened()], at(0)).next_fire_at == at(4, 0, 1)
    assert one("resolution", [opened()], at(5)).next_fire_at is None
