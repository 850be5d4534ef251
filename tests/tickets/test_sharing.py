"""Sharing out: who is given a ticket that comes to a team, and who is not."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from sla import defaults
from tests.factories import (
    MONDAY,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tickets import actions
from tickets.models import Event, Status, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def crew():
    return [AgentFactory(name=name) for name in ("Ann", "Ben", "Cem")]


def shared(crew, sharing="round_robin", **more):
    return TeamFactory(members=crew, sharing=sharing, **more)


def come(team, **filing):
    """File a ticket with this team and give who has it."""
    return file_ticket(UserFactory(), team=team, actor=as_agent(), **filing).assignee


def test_members_get_one_after_the_other(crew):
    team = shared(crew)
    assert [come(team) for _ in range(4)] == [*crew, crew[0]]


def test_who_is_away_or_has_left_gets_none(crew):
    ann, ben, cem = crew
    team = shared(crew)
    ann.is_away, cem.is_active = True, False
    ann.save()
    cem.save()
    assert [come(team) for _ in range(2)] == [ben, ben]
    ben.is_away = True
    ben.save()
    assert come(team) is None
    ann.is_away = False
    ann.save()
    assert come(team) == ann


def test_by_load_the_one_with_fewest_live_tickets_gets_it(crew):
    ann, ben, cem = crew
    team = shared(crew, "load")
    busy = [
        file_ticket(UserFactory(), assignee=ann, category="support", actor=as_agent())
        for _ in range(2)
    ]
    file_ticket(UserFactory(), assignee=cem, actor=as_agent())
    assert [come(team), come(team)] == [ben, cem]  # one each; Cem's turn is after Ben's
    for ticket in busy:
        actions.set_status(ticket.number, "resolved", actor=as_agent(), at=MONDAY)
    assert come(team) == ann


def test_a_person_who_has_it_keeps_it_and_a_chosen_one_gets_it(crew):
    ann, ben, cem = crew
    team = shared(crew)
    assert come(team, assignee=cem) == cem
    ticket = file_ticket(UserFactory(), assignee=ben, actor=as_agent())
    actions.hand_over(ticket.number, team, actor=as_agent(), at=MONDAY)
    assert Ticket.objects.get(pk=ticket.pk).assignee == ben
    actions.unassign(ticket.number, actor=as_agent(), at=MONDAY)
    assert Ticket.objects.get(pk=ticket.pk).assignee is None  # given back by a person, to stay
    assert come(team) == ann


def test_handing_over_gives_it_to_a_member_and_says_how(crew):
    defaults.ensure()
    ticket = file_ticket(UserFactory())
    assert ticket.status == Status.NEW
    later = MONDAY + timedelta(hours=1)
    actions.hand_over(ticket.number, shared(crew, "load"), actor=as_agent(), at=later)
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.status) == (crew[0], Status.OPEN)
    event = ticket.events.get(kind=Event.Kind.ASSIGNED)
    assert event.after["how"] == "load"
    assert event.actor_user is None
    before = ticket.events.count()
    actions.hand_over(ticket.number, ticket.team, actor=as_agent(), at=later)
    assert ticket.events.count() == before


def test_what_is_finished_or_comes_to_another_team_is_nobodys(crew):
    ticket = file_ticket(UserFactory(), category="support", actor=as_agent())
    actions.set_status(ticket.number, "resolved", actor=as_agent(), at=MONDAY)
    actions.hand_over(ticket.number, shared(crew), actor=as_agent(), at=MONDAY)
    assert Ticket.objects.get(pk=ticket.pk).assignee is None
    assert come(shared(crew, "off")) is None


def test_whom_a_private_team_pushes_out_is_replaced_by_a_member(crew):
    ticket = file_ticket(UserFactory(), assignee=AgentFactory(), actor=as_agent())
    team = shared(crew, is_private=True)
    actions.hand_over(ticket.number, team, actor=as_agent(), at=MONDAY)
    kinds = [event.kind for event in ticket.events.order_by("sequence")][-2:]
    assert kinds == [Event.Kind.UNASSIGNED, Event.Kind.ASSIGNED]
    assert Ticket.objects.get(pk=ticket.pk).assignee == crew[0]


@pytest.mark.django_db(transaction=True)
def test_tickets_that_come_at_once_go_to_different_members(crew):
    defaults.ensure()  # as every desk has them, but not this emptied database
    team, start = shared(crew), Barrier(3)
    people, giver = [UserFactory() for _ in crew], as_agent()

    def file(person):
        start.wait(10)
        try:
            file_ticket(person, team=team, actor=giver)
        finally:
            connection.close()

    threads = [Thread(target=file, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert {ticket.assignee for ticket in Ticket.objects.filter(team=team)} == set(crew)
