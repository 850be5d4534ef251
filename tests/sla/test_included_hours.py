"""What of an agreement's included hours is used, by whom, for what, and when (docs/sla.md T11)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from accounts.actor import Actor
from sla.included_hours import Use, changed_after, newest, use_of
from sla.service_report import make, month_of
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import agree, save_policy
from tickets import actions

pytestmark = pytest.mark.django_db
EVERYTHING = Actor.system()
JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 31)
AT = datetime(2026, 3, 10, 9, tzinfo=UTC)
BEGUN = datetime(2026, 1, 20, tzinfo=UTC)


@pytest.fixture
def acme():
    return OrganisationFactory(name="Acme")


@pytest.fixture
def plan():
    return save_policy(at=BEGUN)


def bought(acme, plan, **more):
    return agree(acme, plan, at=BEGUN, **{"hours_a_month": 10, **more})


def log(ticket, minutes, on, at=AT, **more):
    return actions.log_time(
        ticket.number, minutes, on, actor=as_agent(), at=at, **more
    ).after["entry"]  # fmt: skip


def used(agreement, actor=EVERYTHING) -> list[tuple[str, int]]:
    found = use_of([agreement], JANUARY, MARCH, actor).get(agreement.pk, [])
    return [(f"{use.first} {use.last}", use.seconds // 60) for use in found]


def test_t11_each_month_has_the_billable_time_worked_while_the_agreement_held(acme, plan):
    agreement = bought(acme, plan, valid_until=datetime(2026, 3, 6, tzinfo=UTC))
    ticket = file_ticket(UserFactory(organisation=acme), at=AT)
    for minutes, day in (
        (1, date(2026, 1, 19)), (2, date(2026, 1, 20)), (4, date(2026, 2, 28)),
        (8, date(2026, 3, 1)), (16, date(2026, 3, 5)), (32, date(2026, 3, 6)),
    ):  # fmt: skip
        log(ticket, minutes, day)
    log(ticket, 64, date(2026, 2, 10), is_billable=False)
    log(file_ticket(at=AT), 128, date(2026, 2, 10))
    spam = file_ticket(UserFactory(organisation=acme), at=AT)
    log(spam, 256, date(2026, 2, 10))
    actions.mark_spam(spam.number, actor=as_agent(), at=AT)
    assert used(agreement) == [
        ("2026-01-20 2026-01-31", 2), ("2026-02-01 2026-02-28", 4), ("2026-03-01 2026-03-05", 24),
    ]  # fmt: skip


def test_t11_only_what_it_covers_uses_its_hours(acme, plan):
    ledger, courier = ProductFactory(), ProductFactory()
    ana, ben = (UserFactory(organisation=acme) for _ in range(2))
    first = bought(acme, plan, products=[ledger], contacts=[ana], most_contacts=1)
    second = bought(acme, plan, products=[courier], hours_a_month=1)
    for minutes, person, product in (
        (1, ana, ledger), (2, ben, ledger), (4, ana, courier), (8, ben, courier), (16, ana, None),
    ):  # fmt: skip
        ticket = file_ticket(person, product=product, at=AT)
        log(ticket, minutes, date(2026, 2, 3))
    both = use_of([first, second], JANUARY, MARCH, EVERYTHING)
    assert [both[each.pk][1].seconds // 60 for each in (first, second)] == [1, 12]


def test_where_no_hours_are_included_none_are_used(acme, plan):
    agreement = bought(acme, plan, hours_a_month=None)
    log(file_ticket(UserFactory(organisation=acme), at=AT), 5, date(2026, 2, 3))
    assert use_of([agreement], JANUARY, MARCH, EVERYTHING) == {}
    assert newest(agreement, EVERYTHING, AT, 12) == []


def test_who_does_not_see_a_private_team_reads_none_of_its_hours(acme, plan):
    insider = AgentFactory()
    agreement = bought(acme, plan)
    ticket = file_ticket(UserFactory(organisation=acme), at=AT)
    log(ticket, 30, date(2026, 2, 3))
    team = TeamFactory(is_private=True, members=[insider])
    actions.hand_over(ticket.number, team, actor=as_agent(insider), at=AT)
    assert used(agreement, as_agent(insider))[1][1] == 30
    assert used(agreement, as_agent())[1][1] == 0


def test_the_newest_months_come_first_up_to_this_one(acme, plan):
    agreement = bought(acme, plan)
    log(file_ticket(UserFactory(organisation=acme), at=AT), 660, date(2026, 3, 3))
    months = newest(agreement, EVERYTHING, AT, 2)
    assert [(use.first.month, use.percent, use.is_over) for use in months] == [
        (3, 110, True), (2, 0, False),
    ]  # fmt: skip
    assert newest(agreement, EVERYTHING, AT, 12)[-1].first == date(2026, 1, 20)


def test_a_change_after_the_month_is_told_with_its_day(acme, plan):
    agreement, february = bought(acme, plan), month_of(acme, date(2026, 2, 1))
    ticket = file_ticket(UserFactory(organisation=acme), at=BEGUN)
    during = datetime(2026, 2, 20, 9, tzinfo=UTC)
    agent = as_agent()

    def changed() -> datetime | None:
        return changed_after([agreement], february, EVERYTHING)

    event = actions.log_time(ticket.number, 5, date(2026, 2, 3), actor=agent, at=during)
    entry = event.after["entry"]
    log(ticket, 5, date(2026, 3, 3))
    assert changed() is None
    actions.change_time(ticket.number, entry, actor=agent, at=AT, is_billable=False)
    assert changed() == AT
    later = AT + timedelta(days=1)
    actions.change_time(ticket.number, entry, actor=agent, at=later, worked_on=date(2026, 3, 1))
    assert changed() == later
    log(ticket, 7, date(2026, 2, 28), at=later + timedelta(days=1))
    assert changed() == later + timedelta(days=1)
    assert make(acme, february, EVERYTHING).hours[agreement.pk] == Use(
        agreement, february.first, february.last, 420
    )
