"""Tallies say what counting the tickets one by one would say, whatever happened to them."""

import random
from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts.actor import Actor
from accounts.models import DeskSettings, Token
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    ProductFactory,
    TeamFactory,
    as_agent,
    file_ticket,
)
from tickets import actions, publishing, reports, tallies
from tickets.models import Tally, TallyState, Ticket
from tickets.reports import Span

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
ALL = Span(date(2026, 1, 1), date(2026, 12, 31))


def follow(at: datetime) -> None:
    publishing.publish_pending(at)
    while tallies.follow(at).is_behind:
        pass


def admin() -> Actor:
    return Actor.of(AdminFactory(), door="agent")


def one_by_one(zone: str) -> Counter[tuple[str, date, str]]:
    """Count tickets the slow way: (measure, day, category)."""
    counted: Counter[tuple[str, date, str]] = Counter()
    for ticket in Ticket.objects.filter(is_spam=False):
        kind = ticket.category if ticket.category_confirmed_at else "none"
        for measure, instant in (("created", ticket.created_at), ("resolved", ticket.resolved_at)):
            if instant:
                counted[measure, instant.astimezone(ZoneInfo(zone)).date(), str(kind)] += 1
    return counted


def tallied(span: str = "day") -> Counter[tuple[str, date, str]]:
    rows = Tally.objects.filter(span=span, breakdown="category")
    counted: Counter[tuple[str, date, str]] = Counter()
    for measure, first, key, count in rows.values_list("measure", "first", "key", "count"):
        counted[measure, first, key] += count
    return counted


def test_what_was_filed_and_resolved_counts_on_its_day(clock):
    ticket = file_ticket(category="support", at=MONDAY)
    file_ticket(at=MONDAY + DAY)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + 2 * DAY)
    follow(clock.now)
    lines = reports.lines(reports.readable(admin()), ALL, "category")
    assert (lines["support"].filed, lines["support"].resolved) == (1, 1)
    assert lines["none"].filed == 1  # nobody has confirmed what it is
    assert lines["support"].mean == 2 * DAY.total_seconds()
    assert lines["support"].quantile(0.5) == pytest.approx(2 * DAY.total_seconds(), rel=0.12)
    day = MONDAY.date()
    assert reports.by_day(reports.readable(admin()), Span(day, day + 2 * DAY)) == [
        (day, 1, 0), (day + DAY, 1, 0), (day + 2 * DAY, 0, 1),
    ]  # fmt: skip


def test_what_is_opened_again_leaves_the_day_on_which_it_was_resolved(clock):
    ticket = file_ticket(category="support", at=MONDAY)
    actions.resolve(ticket.number, actor=as_agent(), at=MONDAY + DAY)
    follow(clock.now)
    actions.reopen(ticket.number, actor=as_agent(), at=MONDAY + 2 * DAY)
    follow(clock.now)
    assert not Tally.objects.filter(measure="resolved").exists()
    actions.mark_spam(ticket.number, actor=as_agent(), at=MONDAY + 3 * DAY)
    follow(clock.now)
    assert not Tally.objects.exists()


@pytest.mark.parametrize("seed", range(3))
def test_after_any_history_they_say_what_counting_says(seed: int, clock):
    desk = DeskSettings.current()
    desk.time_zone = "Pacific/Auckland"
    desk.save()
    dice = random.Random(seed)
    agent, product = AgentFactory(), ProductFactory()
    actor = as_agent(agent)
    at = datetime(2026, 1, 25, 9, 30, tzinfo=ZoneInfo("UTC"))
    numbers: list[int] = []
    for step in range(60):
        at += timedelta(hours=dice.randrange(1, 30))
        number = dice.choice(numbers) if numbers and dice.random() < 0.7 else None
        if number is None:
            numbers.append(file_ticket(category=dice.choice(["support", None]), at=at).number)
            continue
        ticket = Ticket.objects.get(pk=number)
        act = dice.choice(["resolve", "reopen", "spam", "product", "assign"])
        if act == "resolve" and ticket.is_live:
            actions.set_category(
                number, dice.choice(["corrective", "support"]), actor=actor, at=at
            )
            actions.resolve(number, actor=actor, at=at)
        elif act == "reopen" and ticket.status == "resolved":
            actions.reopen(number, actor=actor, at=at)
        elif act == "spam":
            turn = actions.unmark_spam if ticket.is_spam else actions.mark_spam
            turn(number, actor=actor, at=at)
        elif act == "product":
            actions.set_product(number, product, actor=actor, at=at)
        if step % 7 == 0:
            follow(at)
    follow(at)
    assert tallied() == one_by_one("Pacific/Auckland")
    months: Counter[tuple[str, date, str]] = Counter()
    for (measure, day, key), count in tallied().items():
        months[measure, day.replace(day=1), key] += count
    assert tallied("month") == months


def test_another_zone_or_another_private_team_asks_for_a_recount(clock):
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("UTC"))
    team = TeamFactory()
    ticket = file_ticket(category="support", at=late)
    actions.hand_over(ticket.number, team, actor=as_agent(), at=late)
    follow(late)
    mia = Actor.of(AgentFactory(), door="agent")
    assert reports.lines(reports.readable(mia), ALL, "all")[""].filed == 1
    team.is_private = True
    team.save()
    assert reports.lines(reports.readable(mia), ALL, "all") == {}  # not even before the recount
    desk = DeskSettings.current()
    desk.time_zone = "Europe/Berlin"
    desk.save()
    follow(late + DAY)
    for outsider in (mia, Actor(token=Token(scopes=["tickets:read"]), door="api")):
        assert reports.lines(reports.readable(outsider), ALL, "all") == {}
    assert (
        reports.by_day(reports.readable(mia), Span(date(2026, 3, 3), date(2026, 3, 3)))[0][1] == 0
    )
    assert reports.lines(reports.readable(admin()), ALL, "team")[str(team.pk)].filed == 1
    assert Tally.objects.filter(span="day", breakdown="all").get().first == date(2026, 3, 3)
    team.members.add(mia.user)
    assert reports.lines(reports.readable(mia), ALL, "all")[""].filed == 1


def test_whole_months_and_the_days_at_both_ends_add_up(clock):
    start = datetime(2026, 1, 20, 12, tzinfo=ZoneInfo("UTC"))
    for n in range(40):
        file_ticket(at=start + 3 * n * DAY)
    follow(start + 120 * DAY)
    for first, last in ((0, 100), (11, 60), (12, 12), (5, 90)):
        span = Span((start + first * DAY).date(), (start + last * DAY).date())
        assert reports.lines(reports.readable(admin()), span, "all")[""].filed == len(
            [n for n in range(40) if first <= 3 * n <= last]
        )
        assert sum(
            filed for _day, filed, _done in reports.by_day(reports.readable(admin()), span)
        ) == len([n for n in range(40) if first <= 3 * n <= last])


def test_what_was_merged_counts_once_until_it_is_taken_apart_again(clock):
    kept, merged = (file_ticket(category="support", at=MONDAY) for _ in range(2))
    actions.merge(merged.number, kept.number, actor=as_agent(), at=clock.now)
    follow(clock.now)
    assert reports.lines(reports.readable(admin()), ALL, "all")[""].filed == 1
    actions.unmerge(merged.number, actor=as_agent(), at=clock.now)
    follow(clock.now)
    assert reports.lines(reports.readable(admin()), ALL, "all")[""].filed == 2


def test_a_second_worker_leaves_it_to_the_first_and_nothing_new_costs_nothing(clock):
    file_ticket(at=MONDAY)
    follow(clock.now)
    assert tallies.follow(clock.now) == tallies.Progress(0, is_behind=False)
    assert TallyState.objects.get().followed_at == clock.now


def test_the_backlog_is_counted_by_age_without_private_teams(clock):
    for days in (0, 2, 40, 400):
        file_ticket(at=clock.now - timedelta(days=days, minutes=1))
    done = file_ticket(category="support", at=clock.now - 5 * DAY)
    actions.resolve(done.number, actor=as_agent(), at=clock.now)
    hidden = file_ticket(at=clock.now - 2 * DAY)
    actions.hand_over(hidden.number, TeamFactory(is_private=True), actor=as_agent(), at=clock.now)
    mia = Actor.of(AgentFactory(), door="agent")
    counted = {low: n for low, _high, n in reports.backlog(mia, clock.now) if n}
    assert counted == {0: 1, 1: 1, 30: 1, 90: 1}
