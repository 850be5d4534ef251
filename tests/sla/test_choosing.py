"""Which policy a ticket is promised, why, and whether an agreement covers it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Invalid
from sla import actions as promises
from sla.audit import drift
from sla.models import Standing
from sla.rollout import follow_changes
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import SYSTEM, agree, amounts, make_default, save_calendar, save_policy
from tickets import actions

pytestmark = pytest.mark.django_db
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def policy():
    return make_default(save_policy())


def standing(ticket):
    return Standing.objects.select_related("choice__policy_version__policy").get(ticket=ticket)


def promised(ticket):
    return standing(ticket).choice.policy_version.policy


def test_t7_the_first_policy_that_matches_in_order_and_why_those_before_did_not(policy):
    team, product = TeamFactory(), ProductFactory()
    save_policy(position=3, document={"match": {"product": product.key}})
    first = save_policy(position=2, document={"match": {"team": str(team.pk)}})
    passed = save_policy(
        position=1,
        document={"match": {"team": str(team.pk), "category": "adaptive", "tag": "vip"}},
    )
    ticket = file_ticket(actor=as_agent(), product=product, team=team, source="agent")
    choice = standing(ticket).choice
    assert choice.policy_version.policy == first
    assert choice.reasons["because"] == "match"
    assert choice.reasons["match"] == {"team": str(team.pk)}
    assert choice.reasons["passed_over"] == [
        {"policy": passed.name, "failed": ["category", "tag"]}
    ]


def test_t7_policies_in_their_order_come_before_the_agreement_and_that_before_the_default(policy):
    acme = OrganisationFactory()
    plan = save_policy(is_plan=True, targets={"first_response": amounts("15m")})
    agreement = agree(acme, plan)
    urgent = save_policy(
        document={"match": {"agreement": str(agreement.pk), "priority": "urgent"}}
    )
    ticket = file_ticket(UserFactory(organisation=acme))
    assert promised(ticket) == plan
    assert standing(ticket).agreement == agreement
    actions.set_priority(ticket.number, "urgent", actor=as_agent(), at=MONDAY + MINUTE)
    assert promised(ticket) == urgent
    assert standing(ticket).agreement == agreement
    assert promised(file_ticket(UserFactory())) == policy


@pytest.mark.parametrize(
    ("match", "change"),
    [
        ({"tag": "vip"}, lambda n, **by: actions.set_tags(n, ["vip"], **by)),
        ({"category": "adaptive"}, lambda n, **by: actions.set_category(n, "adaptive", **by)),
        ({"emergency": "true"}, lambda n, **by: actions.set_emergency(n, True, **by)),
    ],
)
def test_t7_a_change_that_a_policy_asks_about_is_followed_at_once(policy, match, change):
    special = save_policy(document={"match": match})
    ticket = file_ticket(category="corrective")
    assert promised(ticket) == policy
    change(ticket.number, actor=as_agent(), at=MONDAY + MINUTE)
    assert promised(ticket) == special
    assert list(drift(MONDAY + MINUTE)) == []


def test_choosing_costs_as_many_queries_for_many_policies_as_for_few(policy):
    acme = OrganisationFactory()
    agree(acme, save_policy(is_plan=True))
    person = UserFactory(organisation=acme)
    save_policy(document={"match": {"tag": "a"}})
    file_ticket(person)

    def cost():
        with CaptureQueriesContext(connection) as captured:
            file_ticket(person)
        return len(captured)

    cost()
    before = cost()
    for name in ("b", "c", "d", "e"):
        save_policy(document={"match": {"tag": name, "priority": "low"}})
    cost()  # a version is read once
    assert cost() == before


@pytest.mark.parametrize(
    ("match", "pointer"),
    [
        ({"colour": "red"}, "match"),
        ({"category": "broken"}, "match.category"),
        ({"product": "no-such"}, "match.product"),
        ({"organisation": "99999999"}, "match.organisation"),
        ({"agreement": "99999999"}, "match.agreement"),
        ({"agreement": "x"}, "match.agreement"),
        ({"team": ""}, "match.team"),
        ({"emergency": "maybe"}, "match.emergency"),
    ],
)
def test_a_policy_that_could_match_nothing_is_refused_at_its_field(match, pointer):
    with pytest.raises(Invalid) as refusal:
        save_policy(document={"match": match})
    assert refusal.value.pointer == pointer


def test_a_policy_without_conditions_that_is_no_plan_is_refused():
    with pytest.raises(Invalid) as refusal:
        save_policy(is_plan=False)
    assert refusal.value.pointer == "match"


# --- Cover ---


def test_t10_a_ticket_is_covered_or_it_is_said_why_not(policy):
    acme, ledger = OrganisationFactory(), ProductFactory()
    ana, bob = UserFactory(organisation=acme), UserFactory(organisation=acme)
    plan = save_policy(is_plan=True)
    agree(
        acme, plan, products=[ledger], contacts=[ana], valid_until=MONDAY + 10 * DAY,
        most_contacts=1,
    )  # fmt: skip
    states = {
        "none": file_ticket(UserFactory()),
        "covered": file_ticket(ana, product=ledger),
        "product": file_ticket(ana),
        "contact": file_ticket(bob, product=ledger),
        "expired": file_ticket(ana, product=ledger, at=MONDAY + 10 * DAY),
        "ahead": file_ticket(ana, product=ledger, at=MONDAY - DAY),
    }
    assert {state: standing(ticket).cover for state, ticket in states.items()} == {
        state: state for state in states
    }
    for state, ticket in states.items():
        assert promised(ticket) == (plan if state == "covered" else policy)


def test_t10_cover_follows_the_requester_and_the_end_of_the_agreement(policy):
    acme = OrganisationFactory()
    ana, bob = UserFactory(organisation=acme), UserFactory(organisation=acme)
    agree(acme, save_policy(is_plan=True), contacts=[ana], valid_until=MONDAY + DAY)
    ticket = file_ticket(bob)
    assert standing(ticket).cover == "contact"
    actions.set_requester(ticket.number, ana, actor=as_agent(), at=MONDAY + HOUR)
    assert standing(ticket).cover == "covered"
    follow_changes(MONDAY + DAY)
    assert standing(ticket).cover == "expired"
    assert list(drift(MONDAY + DAY)) == []


def test_named_contacts_are_of_the_organisation_and_no_more_than_agreed():
    acme = OrganisationFactory()
    plan = save_policy(is_plan=True)
    inside = [UserFactory(organisation=acme) for _ in range(2)]
    for contacts, most in (([UserFactory()], None), (inside, 1)):
        with pytest.raises(Invalid) as refusal:
            agree(acme, plan, contacts=contacts, most_contacts=most)
        assert refusal.value.pointer == "contacts"
    agreement = agree(acme, plan, contacts=inside, most_contacts=2, hours_a_month=20)
    assert set(agreement.contacts.all()) == set(inside)
    assert agreement.hours_a_month == 20


# --- Following edits ---


def test_t6_an_edited_calendar_is_followed_by_its_own_tickets_only(policy):
    ours = save_calendar()
    special = save_policy(calendar=ours, document={"match": {"tag": "x"}})
    other, ticket = file_ticket(), file_ticket(actor=as_agent(), tags=["x"])
    assert promised(ticket) == special
    follow_changes(MONDAY)
    save_calendar(ours, at=MONDAY + HOUR)
    assert follow_changes(MONDAY + HOUR) == 1
    assert ticket.choices.count() == 2
    assert other.choices.count() == 1


def test_t6_an_edited_policy_is_followed_by_all_when_it_may_now_be_for_others(policy):
    special = save_policy(document={"match": {"tag": "x"}})
    for _ in range(3):
        file_ticket()
    follow_changes(MONDAY)
    save_policy(special, document={"match": {"tag": "x"}})
    assert follow_changes(MONDAY) == 0
    save_policy(special, document={"match": {"tag": "y"}})
    assert follow_changes(MONDAY) == 3


def test_a_calendar_in_use_is_not_deleted_and_an_unused_one_is(policy):
    with pytest.raises(promises.CalendarInUse, match=policy.name):
        promises.delete_calendar(policy.current.calendar, actor=SYSTEM, at=MONDAY)
    unused = save_calendar()
    save_calendar(unused, at=MONDAY + HOUR)
    promises.delete_calendar(unused, actor=SYSTEM, at=MONDAY + HOUR)
    assert not type(unused).objects.filter(pk=unused.pk).exists()


def test_a_closed_agent_manages_no_agreement():
    with pytest.raises(Invalid):
        agree(
            OrganisationFactory(), save_policy(is_plan=True),
            account_manager=AgentFactory(is_active=False),
        )  # fmt: skip
