"""Tallies say what counting the tickets one by one would say, whatever happened to them."""

import contextlib
import random
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.actor import Actor
from accounts.errors import Refused
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
from tickets.models import Tally, TallyState, Ticket, TimeEntry
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
    for ticket in Ticket.objects.filter(is_spam=False, merged_into__isnull=True):
        kind = ticket.category if ticket.category_confirmed_at else "none"
        for measure, instant in (("created", ticket.created_at), ("resolved", ticket.resolved_at)):
            if instant:
                counted[measure, instant.astimezone(ZoneInfo(zone)).date(), str(kind)] += 1
    return counted


def worked_one_by_one() -> Counter[tuple[str, date, str]]:
    """Add up logged time the slow way: (breakdown, day, key), in minutes."""
    worked: Counter[tuple[str, date, str]] = Counter()
    for entry in TimeEntry.objects.filter(ticket__is_spam=False).select_related("ticket"):
        ticket = entry.ticket
        kind = entry.category or (ticket.category if ticket.category_confirmed_at else "none")
        for breakdown, key in (
            ("all", ""), ("category", kind), ("product", ticket.product_id or 0),
            ("balance", f"{kind}/{ticket.product_id or 0}"), ("team", ticket.team_id or 0),
            ("agent", entry.author_id or 0),
        ):  # fmt: skip
            worked[breakdown, entry.worked_on, str(key)] += entry.minutes
    return worked


def worked_tallied() -> Counter[tuple[str, date, str]]:
    worked: Counter[tuple[str, date, str]] = Counter()
    rows = Tally.objects.filter(span="day", measure="effort")
    for breakdown, first, key, seconds in rows.values_list("breakdown", "first", "key", "seconds"):
        worked[breakdown, first, key] += seconds // 60
    return worked


def tallied(span: str = "day") -> Counter[tuple[str, date, str]]:
    rows = Tally.objects.filter(span=span, breakdown="category").exclude(measure="effort")
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
    assert lines["support"].resolutions.mean == 2 * DAY.total_seconds()
    assert lines["support"].resolutions.quantile(0.5) == pytest.approx(
        2 * DAY.total_seconds(), rel=0.12
    )
    day = MONDAY.date()
    by_day = reports.by_day(reports.readable(admin()), Span(day, day + 2 * DAY))
    assert [(on, line.filed, line.resolved) for on, line in by_day.items()] == [
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
    actor, changes = as_agent(AdminFactory()), somehow_changed_by(dice)
    at = datetime(2026, 1, 25, 9, 30, tzinfo=ZoneInfo("UTC"))
    numbers: list[int] = []
    for step in range(90):
        at += timedelta(hours=dice.randrange(1, 30))
        if not numbers or dice.random() < 0.3:
            numbers.append(file_ticket(category=dice.choice(["support", None]), at=at).number)
            continue
        with contextlib.suppress(Refused):
            dice.choice(changes)(dice.choice(numbers), actor=actor, at=at)
        if step % 7 == 0:
            follow(at)
    follow(at)
    assert tallied() == one_by_one("Pacific/Auckland")
    months: Counter[tuple[str, date, str]] = Counter()
    for (measure, day, key), count in tallied().items():
        months[measure, day.replace(day=1), key] += count
    assert tallied("month") == months
    assert worked_tallied() == worked_one_by_one()


def somehow_changed_by(dice: random.Random) -> list[Callable[..., object]]:
    """What may happen to a ticket, work on it the most often; some of it is refused at times."""
    product, team, private = ProductFactory(), TeamFactory(), TeamFactory(is_private=True)

    def work(number: int, *, actor: Actor, at: datetime) -> None:
        on = at.date() - timedelta(days=dice.randrange(40))
        entry = TimeEntry.objects.filter(ticket=number).order_by("pk").first()
        given = {"actor": actor, "at": at}
        if entry is None or dice.random() < 0.4:
            kind = dice.choice(["corrective", None])
            actions.log_time(number, dice.randrange(1, 99), on, category=kind, **given)
        elif dice.random() < 0.6:
            values = dice.choice([{"minutes": 5}, {"worked_on": on}, {"category": "adaptive"}])
            actions.change_time(number, entry.pk, **values, **given)
        else:
            actions.delete_time(number, entry.pk, **given)

    def merge(number: int, **given: Any) -> None:
        actions.merge(number, dice.choice(list(Ticket.objects.order_by("pk"))).number, **given)

    def classify(number: int, **given: Any) -> None:
        actions.set_category(number, dice.choice(["corrective", "support"]), **given)

    def hand_over(number: int, **given: Any) -> None:
        actions.hand_over(number, dice.choice([team, private, None]), **given)

    return [
        classify, actions.resolve, actions.resolve, actions.reopen, actions.mark_spam,
        actions.mark_spam, actions.unmark_spam,
        lambda number, **given: actions.set_product(number, product, **given),
        actions.take, hand_over, merge, actions.unmerge, work, work, work,
    ]  # fmt: skip


def test_one_old_day_of_work_costs_no_count_of_all_the_days_since(clock):
    ticket = file_ticket(at=clock.now)
    actions.log_time(ticket.number, 30, date(1970, 5, 1), actor=as_agent(), at=clock.now)
    days = 0
    while (progress := tallies.follow(clock.now)).is_behind:
        days += progress.days
    assert 31 < days < 70
    assert worked_tallied() == worked_one_by_one() != Counter()


@pytest.mark.parametrize("days", [-400, 1])
def test_work_before_the_first_ticket_and_of_tomorrow_is_counted_too(clock, days: int):
    ticket = file_ticket(at=clock.now)
    on = clock.now.date() + timedelta(days=days)
    actions.log_time(ticket.number, 30, on, actor=as_agent(), at=clock.now)
    follow(clock.now)
    assert worked_tallied() == worked_one_by_one() != Counter()
    assert reports.by_day(reports.readable(admin()), Span(on, on))[on].effort == 1_800


def test_another_version_of_what_is_counted_asks_for_a_recount(clock):
    ticket = file_ticket(at=clock.now)
    actions.log_time(ticket.number, 30, MONDAY.date(), actor=as_agent(), at=clock.now)
    follow(clock.now)
    Tally.objects.filter(measure="effort").delete()
    TallyState.objects.update(version=0)
    follow(clock.now)
    assert worked_tallied() == worked_one_by_one() != Counter()


def test_the_work_in_a_private_team_is_not_told_to_others(clock):
    ticket, insider = file_ticket(at=clock.now), AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    actions.log_time(ticket.number, 30, MONDAY.date(), actor=as_agent(insider), at=clock.now)
    follow(clock.now)
    mia = as_agent()
    assert reports.lines(reports.readable(mia), ALL, "all")[""].effort == 1_800
    actions.hand_over(ticket.number, team, actor=mia, at=clock.now)
    follow(clock.now)
    assert reports.lines(reports.readable(mia), ALL, "all") == {}
    assert reports.lines(reports.readable(as_agent(insider)), ALL, "all")[""].effort == 1_800


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
    third = date(2026, 3, 3)
    assert reports.by_day(reports.readable(mia), Span(third, third))[third].filed == 0
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
        by_day = reports.by_day(reports.readable(admin()), span)
        assert sum(line.filed for line in by_day.values()) == len(
            [n for n in range(40) if first <= 3 * n <= last]
        )


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


def test_the_work_on_spam_counts_nowhere_while_it_is_spam(clock):
    ticket, mia = file_ticket(at=clock.now), as_agent()
    actions.log_time(ticket.number, 30, MONDAY.date(), actor=mia, at=clock.now)
    follow(clock.now)
    for turn, seconds in ((actions.mark_spam, None), (actions.unmark_spam, 1_800)):
        turn(ticket.number, actor=mia, at=clock.now)
        follow(clock.now)
        line = reports.lines(reports.readable(mia), ALL, "all").get("")
        assert (line and line.effort) == seconds
