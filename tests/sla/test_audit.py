"""Stored clocks = recomputed clocks, whatever people do and in whatever order."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)

from accounts.errors import Refused
from sla import actions as promises
from sla.audit import drift
from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Clock, Record
from sla.rollout import follow_changes
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
from tests.sla.promises import (
    WEEKDAYS,
    agree,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions
from tickets.models import Event, Message, Ticket

TARGETS = {
    "first_response": {"": {"low": "8h", "normal": "2h", "high": "1h", "urgent": "15m"}},
    "next_response": amounts("2h"),
    "update": amounts("3h"),
    "resolution": {**amounts("6h"), "corrective": {"urgent": "1h", "high": "2h"}},
}
STEPS = {
    metric: [{"name": "half", "percent": 50}, {"name": "late", "offset": 1800}]
    for metric in TARGETS
}
CATEGORIES = ("corrective", "support", "preventive")
PRIORITIES = ("low", "normal", "high", "urgent")


class Desk(RuleBasedStateMachine):
    """A desk where people and sweeps act in any order; after each step nothing has drifted."""

    tickets = Bundle("tickets")

    def __init__(self):
        super().__init__()
        self.undo = transaction.atomic()  # every story begins with an empty desk
        self.undo.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize(on_reopen=st.sampled_from(["resume", "restart"]), percent=st.sampled_from([0, 25]))
    def open_the_desk(self, on_reopen, percent):
        self.now = MONDAY
        self.agent, self.customer = as_agent(), UserFactory(organisation=OrganisationFactory())
        self.product = ProductFactory()
        self.calendar = save_calendar(document=WEEKDAYS)
        rules = {
            "steps": STEPS, "on_reopen": on_reopen,
            "reopen_minimum_percent": percent, "change_minimum_percent": percent,
        }  # fmt: skip
        self.rules = rules
        self.policy = make_default(
            save_policy(calendar=self.calendar, targets=TARGETS, document=rules)
        )
        self.policy.refresh_from_db()
        save_policy(
            targets={"first_response": amounts("1h")},
            document={"match": {"product": self.product.key}, "steps": STEPS},
        )

    def nothing_drifted(self):
        lines = [line for line in drift(self.now) if "no sweep since" not in line]
        assert lines == []

    def do(self, action, *args, **options):
        with suppress(Refused):  # the desk may refuse; that must leave no trace either
            action(*args, at=self.now, **options)
        self.nothing_drifted()

    @rule(minutes=st.one_of(st.integers(0, 3), st.integers(4, 600), st.integers(601, 4000)))
    def wait(self, minutes):
        self.now += timedelta(minutes=minutes, seconds=minutes % 60)

    @rule(
        target=tickets, by_agent=st.booleans(), priority=st.sampled_from(PRIORITIES),
        category=st.sampled_from([None, *CATEGORIES]),
    )  # fmt: skip
    def file(self, by_agent, priority, category):
        actor = self.agent if by_agent or priority != "normal" else None
        ticket = file_ticket(
            self.customer, at=self.now, actor=actor, category=category, priority=priority
        )
        return ticket.number

    @rule(number=tickets)
    def agent_replies(self, number):
        self.do(actions.reply, number, "Hello", actor=self.agent)

    @rule(number=tickets)
    def customer_writes(self, number):
        self.do(actions.reply, number, "And?", actor=as_customer(self.customer))

    @rule(number=tickets, action=st.sampled_from(["pend", "start", "resolve", "reopen", "close"]))
    def agent_moves(self, number, action):
        self.do(getattr(actions, action), number, actor=self.agent)

    @rule(number=tickets)
    def agent_holds(self, number):
        self.do(actions.hold, number, actor=self.agent, reason="A release")

    @rule(number=tickets, action=st.sampled_from(["resolve", "reopen"]))
    def customer_moves(self, number, action):
        self.do(getattr(actions, action), number, actor=as_customer(self.customer))

    @rule(number=tickets)
    def agent_withdraws(self, number):
        last = Message.objects.filter(ticket=number, withdrawn_at=None).order_by("-id").first()
        if last is not None:
            self.do(actions.withdraw, number, last.pk, actor=self.agent)

    @rule(number=tickets, priority=st.sampled_from(PRIORITIES))
    def agent_sets_priority(self, number, priority):
        self.do(actions.set_priority, number, priority, actor=self.agent)

    @rule(number=tickets, category=st.sampled_from(CATEGORIES))
    def agent_sets_category(self, number, category):
        self.do(actions.set_category, number, category, actor=self.agent)

    @rule(number=tickets, is_set=st.booleans())
    def agent_sets_product(self, number, is_set):
        self.do(actions.set_product, number, self.product if is_set else None, actor=self.agent)

    @rule(number=tickets, action=st.sampled_from(["mark_spam", "unmark_spam"]))
    def spam(self, number, action):
        self.do(getattr(actions, action), number, actor=self.agent)

    @rule(
        number=tickets, metric=st.sampled_from(sorted(TARGETS)),
        hours=st.one_of(st.none(), st.integers(1, 90)),
    )  # fmt: skip
    def agent_sets_due(self, number, metric, hours):
        due_at = None if hours is None else self.now + timedelta(hours=hours)
        self.do(promises.set_due, number, metric, due_at, actor=self.agent)

    @rule(hours=st.integers(1, 12))
    def admin_edits_the_policy(self, hours):
        targets = {**TARGETS, "resolution": amounts(f"{hours}h")}
        save_policy(
            self.policy, at=self.now, calendar=self.calendar, targets=targets, document=self.rules
        )
        follow_changes(self.now)
        self.nothing_drifted()

    @rule(back=st.integers(0, 3))
    def admin_adds_a_holiday(self, back):
        day = (self.now - timedelta(days=back)).date().isoformat()
        since = self.now - timedelta(days=back)
        document = {**WEEKDAYS, "holidays": [day]}
        save_calendar(self.calendar, document=document, at=self.now, counted_from=since)
        follow_changes(self.now)
        self.nothing_drifted()

    @rule()
    def the_organisation_buys_a_plan(self):
        if not self.customer.organisation.agreements.exists():
            agree(self.customer.organisation, save_policy(is_plan=True), at=self.now)
            follow_changes(self.now)
        self.nothing_drifted()

    @rule(times=st.integers(1, 2))
    def sweep(self, times):
        tickets = list(Ticket.objects.filter(clocks__next_fire_at__lte=self.now).distinct())
        stories = happenings_of(ticket.pk for ticket in tickets)
        settle(tickets, stories, self.now)
        before = Record.objects.count(), Event.objects.count()
        for _ in range(times - 1):  # sweep twice = once
            settle(tickets, stories, self.now)
        assert (Record.objects.count(), Event.objects.count()) == before
        assert not Clock.objects.filter(next_fire_at__lte=self.now).exists()
        self.nothing_drifted()


@pytest.mark.django_db
def test_nothing_drifts_whatever_happens_in_whatever_order():
    size = (150, 30) if IS_DRILL else (8, 20)
    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=size[0],
            stateful_step_count=size[1],
            deadline=None,
            phases=[Phase.generate],
        ),
    )


@pytest.mark.django_db
def test_the_command_says_that_nothing_has_drifted(capsys):
    file_ticket(category="support", at=timezone.now())
    call_command("sla_audit")
    assert "No drift" in capsys.readouterr().out


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("column", "value"),
    [("target", 5), ("banked", 7), ("state", "met"), ("due_at", None), ("generation", 3)],
)
def test_the_command_finds_what_somebody_changed_by_hand(capsys, column, value):
    ticket = file_ticket(at=MONDAY + timedelta(days=3650))
    Clock.objects.filter(ticket=ticket, metric="resolution").update(**{column: value})
    assert any(f"#{ticket.number} resolution 1" in line for line in drift(ticket.created_at))
    for how in ({}, {"sample": 10}):
        with pytest.raises(SystemExit) as exit_:
            call_command("sla_audit", **how)
        assert exit_.value.code == 1


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, -1])
def test_a_sample_of_nothing_is_refused(size):
    with pytest.raises(CommandError, match="1 ticket or more"):
        call_command("sla_audit", sample=size)


@pytest.mark.django_db
def test_an_unswept_breach_is_forgotten_after_five_minutes():
    make_default(save_policy(targets={"resolution": amounts("1h")}))
    file_ticket()
    assert list(drift(MONDAY + timedelta(minutes=48))) == []
    assert "no sweep" in next(iter(drift(MONDAY + timedelta(hours=2))))
