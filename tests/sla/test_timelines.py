"""Whole lives of tickets through the real actions: after each event, stored = recomputed.

A seed gives a life: who does what, when, and when the sweep comes by. DRILL=1 lives a thousand.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from accounts.errors import Refused
from sla import actions as promises
from sla.audit import drift
from sla.models import Clock, Record
from sla.rollout import follow_changes
from sla.sweep import sweep
from tests.conftest import IS_DRILL
from tests.factories import (
    MONDAY,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.offline import owed, recorded
from tests.sla.promises import (
    EVERY_PRIORITY,
    WEEKDAYS,
    agree,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions
from tickets.models import Event, Message, Ticket

pytestmark = pytest.mark.django_db
LIVES = 1000 if IS_DRILL else 50
EVENTS = (6, 16)
TARGETS = {
    "first_response": {"": {"low": "8h", "normal": "2h", "high": "1h", "urgent": "15m"}},
    "next_response": amounts("2h"),
    "update": amounts("3h"),
    "resolution": {**amounts("6h"), "corrective": {"urgent": "1h", "high": "2h"}},
}
STEPS = {
    metric: [
        {"name": "half", "percent": 50},
        {"name": "soon", "offset": -900, "wall": True},
        {"name": "now", "offset": 0, "actions": [{"do": "raise_priority"}]},
        {"name": "later", "offset": 1800},
    ]
    for metric in TARGETS
}
# How long until the next act, in seconds, and how often.
GAPS = ((0, 0), (1, 59), (60, 3600), (60, 3600), (3600, 86_400), (86_400, 4 * 86_400))


class Life:
    """One ticket, its desk, and a dice that decides what happens next."""

    def __init__(self, seed: int) -> None:
        self.dice = Random(seed)
        self.now = MONDAY + timedelta(seconds=self.dice.randrange(7 * 86_400))
        self.agent = as_agent()
        self.customer = UserFactory(organisation=OrganisationFactory())
        self.product = ProductFactory()
        self.calendar = save_calendar(document=WEEKDAYS)
        self.rules = {
            "steps": STEPS,
            "on_reopen": self.dice.choice(["resume", "restart"]),
            "reopen_minimum_percent": self.dice.choice([0, 25]),
            "change_minimum_percent": self.dice.choice([0, 25]),
        }
        self.policy = make_default(
            save_policy(calendar=self.calendar, targets=TARGETS, document=self.rules)
        )
        self.policy.refresh_from_db()
        match = {"product": self.product.key}
        save_policy(targets={"resolution": amounts("1h")}, document={"match": match})
        actor = self.dice.choice([self.agent, as_customer(self.customer)])
        self.number = file_ticket(self.customer, actor=actor, at=self.now).number
        self.is_rewritten = False  # by words that were taken back

    def live(self) -> Iterator[str]:
        """Go on event by event; gives what was done."""
        yield "opened"
        for _ in range(self.dice.randint(*EVENTS)):
            self.now = self._next_moment()
            act = self.dice.choice(ACTS)
            with suppress(Refused):  # the desk may refuse; that must leave no trace either
                act(self)
            yield act.__name__

    def _next_moment(self) -> datetime:
        """Some time later; often the very second in which a clock is due, or the one after."""
        due = Clock.objects.filter(ticket=self.number, due_at__gt=self.now).order_by("due_at")
        soonest = due.values_list("due_at", flat=True).first()
        if soonest is not None and self.dice.random() < 0.25:
            return soonest + timedelta(seconds=self.dice.randint(-1, 1))
        return self.now + timedelta(seconds=self.dice.randint(*self.dice.choice(GAPS)))

    def do(self, action: Callable[..., Any], *args: Any, **options: Any) -> None:
        """Do it as the agent, unless told as whom."""
        action(self.number, *args, actor=options.pop("by", self.agent), at=self.now, **options)


def answer(life: Life) -> None:
    life.do(actions.reply, "Hello")


def ask(life: Life) -> None:
    life.do(actions.reply, "And?", by=as_customer(life.customer))


def note(life: Life) -> None:
    life.do(actions.note, "Hm")


def move(life: Life) -> None:
    verbs = (actions.pend, actions.start, actions.resolve, actions.reopen, actions.close)
    life.do(life.dice.choice(verbs))


def hold(life: Life) -> None:
    life.do(actions.hold, reason="A release")


def customer_moves(life: Life) -> None:
    verb = life.dice.choice([actions.resolve, actions.reopen])
    life.do(verb, by=as_customer(life.customer))


def withdraw(life: Life) -> None:
    last = Message.objects.filter(ticket=life.number, withdrawn_at=None).order_by("-id").first()
    if last is not None:
        life.do(actions.withdraw, last.pk)
        life.is_rewritten = True


def triage(life: Life) -> None:
    life.do(actions.set_category, life.dice.choice(["corrective", "support"]))


def set_priority(life: Life) -> None:
    life.do(actions.set_priority, life.dice.choice(EVERY_PRIORITY))


def set_product(life: Life) -> None:
    life.do(actions.set_product, life.dice.choice([None, life.product]))


def spam(life: Life) -> None:
    life.do(life.dice.choice([actions.mark_spam, actions.unmark_spam]))


def set_due(life: Life) -> None:
    ahead = life.dice.choice([None, timedelta(minutes=life.dice.randint(1, 5000))])
    life.do(promises.set_due, life.dice.choice([*TARGETS]), ahead and life.now + ahead)


def edit_policy(life: Life) -> None:
    targets = {**TARGETS, "resolution": amounts(f"{life.dice.randint(1, 12)}h")}
    save_policy(
        life.policy, at=life.now, calendar=life.calendar, targets=targets, document=life.rules
    )
    follow_changes(life.now)


def add_a_holiday(life: Life) -> None:
    back = timedelta(days=life.dice.randint(0, 3))
    document = {**WEEKDAYS, "holidays": [(life.now - back).date().isoformat()]}
    save_calendar(life.calendar, document=document, at=life.now, counted_from=life.now - back)
    follow_changes(life.now)


def buy_a_plan(life: Life) -> None:
    until = life.now + timedelta(minutes=life.dice.randint(1, 10_000))
    agree(life.customer.organisation, save_policy(is_plan=True), at=life.now, valid_until=until)
    follow_changes(life.now)


def follow(life: Life) -> None:
    follow_changes(life.now)


def watch(life: Life) -> None:
    """The sweep comes by; a second one finds nothing left."""
    sweep(life.now)
    before = Record.objects.count(), Event.objects.count()
    assert sweep(life.now) == 0
    assert (Record.objects.count(), Event.objects.count()) == before
    assert not Clock.objects.filter(next_fire_at__lte=life.now).exists()


ACTS = (
    answer, answer, answer, ask, ask, ask, note, move, move, move, hold, customer_moves, withdraw,
    triage, set_priority, set_product, spam, set_due, edit_policy, add_a_holiday, buy_a_plan,
    follow, watch, watch, watch, watch,
)  # fmt: skip


@pytest.mark.parametrize("seed", range(LIVES))
def test_after_every_event_of_a_life_what_is_stored_is_what_history_gives(seed: int) -> None:
    life, done = Life(seed), []
    for act in life.live():
        done.append(f"{act} {life.now:%a %H:%M:%S}")
        lines = [line for line in drift(life.now) if "no sweep since" not in line]
        assert lines == [], done
    watch(life)
    assert list(drift(life.now)) == [], done
    if not life.is_rewritten:
        assert recorded([life.number]) == owed([life.number], life.now), done
    sequences = Event.objects.filter(ticket=life.number).order_by("sequence")
    assert [event.sequence for event in sequences] == list(range(1, len(sequences) + 1))


def test_the_lives_reach_what_can_become_of_a_promise() -> None:
    for seed in range(8):
        for _ in (life := Life(seed)).live():
            pass
        watch(life)
    assert set(Clock.objects.values_list("state", flat=True)) >= {"met", "breached", "cancelled"}
    kinds = set(Record.objects.values_list("kind", flat=True))
    assert kinds >= {"warned", "escalated", "breached"}
    assert Ticket.objects.exclude(due_at=None).exists()
