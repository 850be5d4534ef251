"""The account manager's page: own organisations, and only numbers that the reader may see."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Organisation, User
from sla import sweep
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import agree, save_policy
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Category, Ticket

pytestmark = pytest.mark.usefixtures("clock")
ACCOUNTS = reverse("workspace:accounts")


@pytest.fixture
def plan(db):
    return save_policy()  # first response within 1 h, resolution within 4 h


@pytest.fixture
def acme(agent: User, plan, clock):
    """An organisation that the agent looks after, with one late and one answered ticket."""
    acme = OrganisationFactory(name="Acme")
    agree(acme, plan, account_manager=agent, valid_until=clock.now + timedelta(days=10))
    ana, begin = UserFactory(organisation=acme), clock.now - timedelta(hours=6)
    file_ticket(ana, at=begin)
    answered = file_ticket(ana, at=begin)
    actions.reply(
        answered.pk, "Done.", actor=as_agent(agent), at=begin + timedelta(minutes=5)
    )  # fmt: skip
    actions.set_category(
        answered.pk, Category.SUPPORT, actor=as_agent(agent), at=begin + timedelta(minutes=6)
    )  # fmt: skip
    actions.resolve(answered.pk, actor=as_agent(agent), at=begin + timedelta(minutes=7))
    sweep.sweep(clock.now)
    return acme


def numbers(answer):
    return [
        (row.organisation.name, row.open, row.late, [each.share.percent for each in row.spans])
        for row in answer.context["rows"]
    ]


def test_an_account_manager_sees_how_the_own_organisations_are_served(desk: Client, acme, plan):
    agree(OrganisationFactory(name="Other"), plan, account_manager=AgentFactory())
    answer = desk.get(ACCOUNTS)
    assert numbers(answer) == [("Acme", 1, 1, [100, 100])]
    assert "10 days left" in text_of(answer)


def test_each_number_leads_to_its_tickets(desk: Client, acme, agent, clock):
    late = Ticket.objects.get(status="new")
    actions.reply(late.pk, "Late.", actor=as_agent(agent), at=clock.now)
    page = text_of(desk.get(ACCOUNTS))
    (key,) = Organisation.objects.filter(name="Acme").values_list("pk", flat=True)
    links = [
        link.replace("&amp;", "&")
        for link in re.findall(r'href="(/agent/\?[^"]+)"', page)
        if f"organisation={key}" in link or f"organisation%3A{key}" in link
    ]
    found = [
        (re.search(r"status=live|overdue|judged|breached", link)[0],
         len(desk.get(link).context["rows"]))
        for link in links
    ]  # fmt: skip
    assert found == [
        ("status=live", 1), ("overdue", 1),
        ("judged", 2), ("breached", 1), ("judged", 2), ("breached", 1),
    ]  # fmt: skip


def test_a_private_teams_tickets_are_never_counted_for_others(desk: Client, acme, admin, clock):
    team = TeamFactory(is_private=True, members=[AgentFactory()])
    for ticket in Ticket.objects.all():
        actions.hand_over(ticket.pk, team, actor=as_agent(admin), at=clock.now)
    assert numbers(desk.get(ACCOUNTS)) == [("Acme", 0, 0, [None, None])]
    manager = acme.agreements.get().account_manager
    seen = numbers(signed_in(admin).get(ACCOUNTS, {"manager": manager.pk}))
    assert seen == [("Acme", 1, 1, [100, 100])]


def test_a2_an_end_that_was_taken_back_counts_no_more(desk: Client, acme, clock):
    resolved = Ticket.objects.get(status="resolved")
    (row,) = desk.get(ACCOUNTS).context["rows"]
    assert row.spans[0].share.judged == 3
    actions.reply(
        resolved.pk, "Not yet.", actor=as_customer(resolved.requester), at=clock.now
    )  # fmt: skip
    (row,) = desk.get(ACCOUNTS).context["rows"]
    assert row.spans[0].share.judged == 1  # the first answer stays


def test_only_admins_look_at_the_accounts_of_others(desk: Client, admins_desk, acme, agent):
    other = AgentFactory()
    assert desk.get(ACCOUNTS, {"manager": other.pk}).status_code == 404
    assert desk.get(ACCOUNTS, {"manager": agent.pk}).status_code == 200
    picked = admins_desk.get(ACCOUNTS, {"manager": agent.pk})
    assert numbers(picked)[0][0] == "Acme"
    assert "No accounts" in text_of(admins_desk.get(ACCOUNTS))
    for nobody in ("9" * 30, "x", UserFactory().pk):
        assert admins_desk.get(ACCOUNTS, {"manager": nobody}).status_code == 404


def test_many_accounts_go_page_by_page_and_cost_the_same_queries(desk: Client, agent, plan):
    counts = []
    for size in (2, 60):
        for number in range(size):
            agree(OrganisationFactory(name=f"O{size}-{number:02}"), plan, account_manager=agent)
        desk.get(ACCOUNTS)
        with CaptureQueriesContext(connection) as queries:
            answer = desk.get(ACCOUNTS)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    following = desk.get(answer.context["page"]["next"])
    assert len(numbers(answer)) + len(numbers(following)) == 62
