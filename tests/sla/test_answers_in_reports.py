"""First responses in the tallies: on their day, with the wait until the answer, whatever came."""

import contextlib
import random
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
from sla.models import Outcome
from sla.sweep import sweep
from tests.factories import (
    MONDAY,
    AdminFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import make_default, save_policy
from tests.tickets.test_tallies import ALL, follow
from tickets import actions, reports
from tickets.models import Event, Message, Tally, Ticket
from tickets.models.tickets import LIVE

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _an_hour_is_promised(db):
    make_default(save_policy(at=MONDAY - 90 * DAY))


def answered(breakdown: str = "all", key: str = "") -> tuple[int, float | None]:
    """How many were answered, and the mean wait in hours."""
    actor = Actor.of(AdminFactory(), door="agent")
    lines = reports.lines(reports.readable(actor), ALL, breakdown)
    answers = lines.get(key, reports.Line()).answers
    return answers.count, answers.mean and answers.mean / 3600


def test_an_answer_counts_on_its_day_with_the_wait_for_it():
    product = ProductFactory()
    ticket = file_ticket(product=product, category="support", at=MONDAY)
    actions.reply(ticket.number, "Yes.", actor=as_agent(), at=MONDAY + 26 * HOUR)
    actions.reply(ticket.number, "More.", actor=as_agent(), at=MONDAY + 50 * HOUR)
    follow(MONDAY + 60 * HOUR)
    assert answered() == answered("product", str(product.pk)) == answered("category", "none")
    assert answered() == (1, 26)
    assert (
        Tally.objects.get(span="day", measure="answered", breakdown="all").first
        == (MONDAY + DAY).date()
    )
    actions.confirm_category(ticket.number, actor=as_agent(), at=MONDAY + 61 * HOUR)
    follow(MONDAY + 62 * HOUR)
    assert answered("category", "support") == (1, 26)
    assert answered("category", "none") == (0, None)
    actions.mark_spam(ticket.number, actor=as_agent(), at=MONDAY + 63 * HOUR)
    follow(MONDAY + 64 * HOUR)
    assert answered() == (0, None)


def test_what_is_merged_counts_no_more_until_it_is_taken_apart():
    first, second = (file_ticket(at=MONDAY) for _ in range(2))
    for ticket, hours in ((first, 1), (second, 3)):
        actions.reply(ticket.number, "Yes.", actor=as_agent(), at=MONDAY + hours * HOUR)
    follow(MONDAY + DAY)
    assert answered() == (2, 2)
    actions.merge(first.number, second.number, actor=as_agent(), at=MONDAY + 2 * DAY)
    follow(MONDAY + 2 * DAY)
    assert answered() == (1, 3)
    actions.unmerge(first.number, actor=as_agent(), at=MONDAY + 3 * DAY)
    follow(MONDAY + 3 * DAY)
    assert answered() == (2, 2)


def test_a_broken_promise_waits_until_the_answer():
    ticket = file_ticket(at=MONDAY)
    sweep(MONDAY + 2 * HOUR)
    follow(MONDAY + 2 * HOUR)
    assert answered() == (0, None)
    actions.reply(ticket.number, "Sorry.", actor=as_agent(), at=MONDAY + 5 * HOUR)
    follow(MONDAY + 6 * HOUR)
    assert answered() == (1, 5)


def test_what_was_closed_without_an_answer_counts_once_it_is_answered_after_all():
    person = UserFactory()
    ticket = file_ticket(person, category="support", at=MONDAY)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 3 * HOUR)
    follow(MONDAY + 3 * HOUR)
    assert Outcome.objects.get(metric="first_response").state == "breached"
    assert answered() == (0, None)
    actions.reply(ticket.number, "And?", actor=as_customer(person), at=MONDAY + 30 * HOUR)
    actions.reply(ticket.number, "Here.", actor=as_agent(), at=MONDAY + 31 * HOUR)
    follow(MONDAY + 32 * HOUR)
    assert Outcome.objects.get(metric="first_response").ended_at == MONDAY + 3 * HOUR
    assert answered() == (1, 31)


@pytest.mark.parametrize("wait", [HOUR / 2, 3 * HOUR], ids=["in time", "late"])
def test_an_answer_that_is_taken_back_counts_no_more(wait: timedelta):
    ticket, mia = file_ticket(at=MONDAY), as_agent()
    said = actions.reply(ticket.number, "Oops.", actor=mia, at=MONDAY + wait)
    follow(MONDAY + wait)
    assert answered()[0] == 1
    later = MONDAY + wait + timedelta(seconds=5)
    actions.withdraw(ticket.number, said.message_id, actor=mia, at=later)
    follow(later)
    assert answered() == (0, None)
    actions.reply(ticket.number, "Yes.", actor=mia, at=MONDAY + 9 * HOUR)
    follow(MONDAY + 9 * HOUR)
    assert answered() == (1, 9)


def one_by_one(zone: str) -> Counter[tuple[str, date, str]]:
    """Find first responses the slow way, in the stories: (breakdown, day, key), in seconds + 1."""
    found: Counter[tuple[str, date, str]] = Counter()
    for ticket in Ticket.objects.filter(is_spam=False, merged_into__isnull=True):
        answer = first_answer(ticket)
        if answer is None:
            continue
        kind = ticket.category if ticket.category_confirmed_at else "none"
        day = answer.astimezone(ZoneInfo(zone)).date()
        for key in (("all", day, ""), ("category", day, str(kind)),
                    ("product", day, str(ticket.product_id or 0))):  # fmt: skip
            found[key] += int((answer - ticket.created_at).total_seconds()) + 1
    return found


def first_answer(ticket: Ticket) -> datetime | None:
    """When somebody of the team first wrote to the customer, before the ticket was over."""
    status = "new"
    for event in ticket.events.select_related("message__author").order_by("sequence"):
        status = event.after.get("status", status)
        said = event.message
        is_reply = event.kind == Event.Kind.MESSAGE_ADDED and said and not said.is_note
        if is_reply and said.author.is_staff_member and not said.withdrawn_at:
            return event.at if status in LIVE else None
    return None


def tallied() -> Counter[tuple[str, date, str]]:
    found: Counter[tuple[str, date, str]] = Counter()
    rows = Tally.objects.filter(
        span="day", measure="answered", breakdown__in=["all", "category", "product"]
    )
    for breakdown, first, key, count, seconds in rows.values_list(
        "breakdown", "first", "key", "count", "seconds"
    ):
        found[breakdown, first, key] += seconds + count
    return found


@pytest.mark.parametrize("seed", range(4))
def test_after_any_history_they_say_what_the_stories_say(seed: int, clock: Any):
    dice, mia, product = random.Random(seed), as_agent(AdminFactory()), ProductFactory()
    at = datetime(2026, 1, 25, 9, 30, tzinfo=ZoneInfo("UTC"))
    numbers: list[int] = []

    def write_and_take_back(number: int, *, actor: Actor, at: datetime) -> None:
        said = actions.reply(number, "No.", actor=actor, at=at)
        if dice.random() < 0.5:
            follow(at)
        actions.withdraw(number, said.message_id, actor=actor, at=at + timedelta(seconds=3))

    def classify(number: int, **given: Any) -> None:
        actions.set_category(number, dice.choice(["corrective", "support"]), **given)

    changes = [
        lambda number, **given: actions.reply(number, "Yes.", **given),
        lambda number, **given: actions.note(number, "Hm.", **given),
        lambda number, **given: actions.reply(
            number, "And?",
            **given | {"actor": as_customer(Ticket.objects.get(pk=number).requester)},
        ),
        write_and_take_back, classify, actions.resolve, actions.reopen, actions.mark_spam,
        actions.unmark_spam, actions.pend,
        lambda number, **given: actions.set_product(number, product, **given),
    ]  # fmt: skip
    for step in range(90):
        at += timedelta(minutes=dice.randrange(10, 1500))
        if not numbers or dice.random() < 0.35:
            numbers.append(file_ticket(at=at, category=dice.choice(["support", None])).number)
            continue
        with contextlib.suppress(Refused):
            dice.choice(changes)(dice.choice(numbers), actor=mia, at=at)
        if step % 7 == 0:
            sweep(at)
            follow(at)
    follow(at)
    assert tallied() == one_by_one("UTC") != Counter()
    assert Message.objects.filter(withdrawn_at__isnull=False).exists()
