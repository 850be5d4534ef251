"""An organisation's month: what was filed, solved, open and promised, in numbers that stay."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from sla.attainment import Period
from sla.service_report import Count, make, month_of
from sla.sweep import sweep
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import agree, amounts, make_default, save_policy
from tickets import actions

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
EVERYTHING = Actor.system()
JANUARY, FEBRUARY = date(2026, 1, 1), date(2026, 2, 1)
MID_JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)
MID_FEBRUARY = datetime(2026, 2, 10, 9, tzinfo=UTC)


@pytest.fixture
def acme():
    make_default(save_policy(targets={"resolution": amounts("4h")}, at=MID_JANUARY - 60 * DAY))
    return OrganisationFactory(name="Acme")


@pytest.fixture
def kim(acme):
    return UserFactory(organisation=acme)


def report(organisation, day=JANUARY, actor=EVERYTHING):
    return make(organisation, month_of(organisation, day), actor)


def counts(organisation, day=JANUARY, actor=EVERYTHING):
    return report(organisation, day, actor).counts


def solved(requester, at, after=HOUR, category="support"):
    ticket = file_ticket(requester, at=at, category=category)
    actions.resolve(ticket.pk, actor=as_agent(), at=at + after)
    return ticket


def test_a_month_has_its_days_and_is_counted_in_the_organisations_zone(acme):
    assert month_of(acme, date(2028, 2, 17)) == Period(
        date(2028, 2, 1), date(2028, 2, 29), ZoneInfo("UTC")
    )
    acme.time_zone = "Pacific/Auckland"
    period = month_of(acme, date(2025, 12, 31))
    assert (period.first, period.last) == (date(2025, 12, 1), date(2025, 12, 31))
    assert period.end == datetime(2025, 12, 31, 11, tzinfo=UTC)


def test_tickets_are_counted_by_the_category_that_an_agent_confirmed(acme, kim):
    solved(kim, MID_JANUARY)
    solved(kim, MID_JANUARY, category="corrective")
    file_ticket(kim, at=MID_JANUARY, category="corrective")  # nobody has confirmed it
    solved(UserFactory(organisation=OrganisationFactory()), MID_JANUARY)
    assert counts(acme) == [
        Count("corrective", 1, 1, 0), Count("support", 1, 1, 0), Count("", 1, 0, 1),
    ]  # fmt: skip
    assert report(acme).total == Count("", 3, 2, 1)


def test_what_was_open_before_counts_until_it_is_solved(acme, kim):
    old = file_ticket(kim, at=MID_JANUARY - 30 * DAY, category="support")
    assert counts(acme) == [Count("", 0, 0, 1)]
    actions.resolve(old.pk, actor=as_agent(), at=MID_JANUARY)
    assert counts(acme) == [Count("support", 0, 1, 0)]
    actions.close(old.pk, actor=as_agent(), at=MID_FEBRUARY)
    assert counts(acme, FEBRUARY) == []


def test_what_was_opened_again_in_the_month_is_open_at_its_end(acme, kim):
    ticket = solved(kim, MID_JANUARY)
    actions.reopen(ticket.pk, actor=as_customer(kim), at=MID_JANUARY + DAY)
    assert counts(acme) == [Count("support", 1, 0, 1)]


def test_the_first_and_the_last_instant_of_the_month(acme, kim):
    end = datetime(2026, 2, 1, tzinfo=UTC)
    file_ticket(kim, at=end - timedelta(seconds=1))
    file_ticket(kim, at=end)
    assert counts(acme) == [Count("", 1, 0, 1)]
    assert counts(acme, FEBRUARY) == [Count("", 1, 0, 2)]


def test_a2_nothing_that_happens_later_changes_a_month_that_is_over(acme, kim):
    other, agent = OrganisationFactory(name="Other"), as_agent()
    reopened, moved = solved(kim, MID_JANUARY), solved(kim, MID_JANUARY)
    spam, classed = file_ticket(kim, at=MID_JANUARY), file_ticket(kim, at=MID_JANUARY)
    solved(kim, MID_JANUARY, after=5 * HOUR)
    foreign = solved(UserFactory(organisation=other), MID_JANUARY, category="corrective")
    before = report(acme), report(other)
    assert before[0].total == Count("", 5, 3, 2)

    later = MID_FEBRUARY
    actions.reopen(reopened.pk, actor=as_customer(kim), at=later)
    actions.resolve(reopened.pk, actor=agent, at=later + HOUR)
    actions.reopen(reopened.pk, actor=as_customer(kim), at=later + 2 * HOUR)
    actions.set_organisation(moved.pk, other, actor=agent, at=later)
    actions.set_organisation(moved.pk, None, actor=agent, at=later + HOUR)
    actions.set_organisation(foreign.pk, acme, actor=agent, at=later)
    actions.set_organisation(foreign.pk, other, actor=agent, at=later + HOUR)
    actions.mark_spam(spam.pk, actor=agent, at=later)
    actions.set_category(classed.pk, "adaptive", actor=agent, at=later)
    actions.resolve(classed.pk, actor=agent, at=later)
    solved(kim, later)

    assert (report(acme), report(other)) == before


def test_spam_of_the_month_does_not_count(acme, kim):
    spam = file_ticket(kim, at=MID_JANUARY)
    actions.mark_spam(spam.pk, actor=as_agent(), at=MID_JANUARY + HOUR)
    assert report(acme).is_empty
    actions.unmark_spam(spam.pk, actor=as_agent(), at=MID_FEBRUARY)
    assert report(acme).is_empty


def test_what_was_merged_in_the_month_does_not_count_but_what_it_missed_does(acme, kim):
    kept, doubled = (file_ticket(kim, at=MID_JANUARY) for _ in range(2))
    sweep(MID_JANUARY + 5 * HOUR)
    actions.merge(doubled.pk, kept.pk, actor=as_agent(), at=MID_JANUARY + 6 * HOUR)
    made = report(acme)
    assert made.counts == [Count("", 1, 0, 1)]
    assert [missed.clock.ticket_id for missed in made.missed] == [doubled.pk]
    actions.unmerge(doubled.pk, actor=as_agent(), at=MID_FEBRUARY)
    later = file_ticket(kim, at=MID_FEBRUARY)
    actions.merge(kept.pk, later.pk, actor=as_agent(), at=MID_FEBRUARY)
    assert counts(acme) == made.counts
    assert counts(acme, FEBRUARY) == [Count("", 1, 0, 2)]


def test_promises_kept_and_those_that_were_missed(acme, kim):
    solved(kim, MID_JANUARY)
    late = solved(kim, MID_JANUARY, after=5 * HOUR)
    made = report(acme)
    (line,) = made.promises
    assert (line.key, line.met, line.breached, line.percent) == ("resolution", 1, 1, 50)
    assert (made.kept.met, made.kept.judged) == (1, 2)
    (missed,) = made.missed
    assert (missed.clock.ticket_id, missed.late_business_seconds, missed.late_wall_seconds) == (
        late.pk, 3600, 3600,
    )  # fmt: skip
    assert missed.ended_at == MID_JANUARY + 5 * HOUR
    assert report(acme, FEBRUARY).promises == []


@pytest.mark.parametrize("moved_at", [MID_JANUARY + DAY, MID_FEBRUARY])
def test_what_was_missed_on_a_ticket_of_another_organisation_counts_without_its_subject(
    acme, kim, moved_at
):
    other = OrganisationFactory(name="Other")
    moved, kept = (solved(kim, MID_JANUARY, after=5 * HOUR) for _ in range(2))
    actions.set_organisation(moved.pk, other, actor=as_agent(), at=moved_at)
    made = report(acme)
    assert made.kept.breached == 2
    assert [missed.clock.ticket_id for missed in made.missed] == [kept.pk]
    assert made.missed_unlisted == 1
    assert report(other).missed == []


def test_a_ticket_that_came_back_after_the_month_is_not_listed(acme, kim):
    moved = solved(kim, MID_JANUARY, after=5 * HOUR)
    other = OrganisationFactory(name="Other")
    actions.set_organisation(moved.pk, other, actor=as_agent(), at=MID_JANUARY + DAY)
    actions.set_organisation(moved.pk, acme, actor=as_agent(), at=MID_FEBRUARY)
    made = report(acme)
    assert (made.total.filed, made.missed, made.missed_unlisted) == (0, [], 1)


def test_agreements_of_the_month_are_named(acme):
    plan = save_policy()
    agree(acme, plan, valid_from=MID_JANUARY - 400 * DAY, valid_until=MID_JANUARY)
    second = agree(acme, plan, valid_from=MID_JANUARY, valid_until=month_of(acme, JANUARY).end)
    assert len(report(acme).agreements) == 2
    assert second not in report(acme, FEBRUARY).agreements


def test_a_private_teams_tickets_count_for_nobody_else(acme, kim):
    insider = AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    hidden = solved(kim, MID_JANUARY, after=5 * HOUR)
    actions.hand_over(hidden.pk, team, actor=as_agent(insider), at=MID_JANUARY + 6 * HOUR)
    assert report(acme, actor=as_agent(insider)).total == Count("", 1, 1, 0)
    outside = report(acme, actor=as_agent())
    assert outside.is_empty
    assert outside.missed == []


def test_a_busy_month_costs_the_same_queries(acme, kim):
    used = []
    for size in (2, 12):
        for n in range(size):
            ticket = solved(kim, MID_JANUARY + n * HOUR, after=n * HOUR)
            actions.close(ticket.pk, actor=as_agent(), at=MID_FEBRUARY)
        sweep(MID_FEBRUARY)
        report(acme)  # makes the desk's settings, once
        with CaptureQueriesContext(connection) as queries:
            made = report(acme)
            [missed.clock.ticket.subject for missed in made.missed]
        used.append(len(queries))
    assert used[0] == used[1]
