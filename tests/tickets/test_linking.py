"""Links between tickets: both sides, both histories, no rings, and nothing of hidden tickets."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    TeamFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions
from tickets.errors import Conflict, Invalid, NotAllowed, NotFound
from tickets.models import Event, Link, Relation

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent():
    return as_agent(AgentFactory())


def seen(ticket, actor):
    return [
        (row.relation_seen_from(ticket.number).value, row.far_end_from(ticket.number).number)
        for row in actions.links_of(ticket.number, actor)
    ]


def link(ticket, other, relation, actor):
    return actions.link(ticket.number, other.number, relation, actor=actor, at=MONDAY)


@pytest.mark.parametrize("relation", Relation)
def test_each_kind_is_seen_from_both_sides_in_the_right_words(agent, relation):
    one, two = file_ticket(), file_ticket()
    for ticket, other in ((one, two), (two, one)):
        made = link(ticket, other, relation, agent)
        assert seen(ticket, agent) == [(relation.value, other.number)]
        assert seen(other, agent) == [(relation.inverse.value, ticket.number)]
        again = link(other, ticket, relation.inverse, agent)
        assert again == made
        actions.unlink(other.number, made.pk, actor=agent, at=MONDAY)
        assert seen(one, agent) == seen(two, agent) == []


def test_both_tickets_tell_of_a_link_and_of_its_end_once(agent):
    one, two = file_ticket(), file_ticket()
    made = link(one, two, "blocks", agent)
    link(one, two, "blocks", agent)
    actions.unlink(one.number, made.pk, actor=agent, at=MONDAY)
    for ticket, said in ((one, ("blocks", two.pk)), (two, ("blocked_by", one.pk))):
        linked, unlinked = ticket.events.filter(other__isnull=False).order_by("sequence")
        assert (linked.kind, unlinked.kind) == ("ticket.linked", "ticket.unlinked")
        assert (linked.after["relation"], linked.after["ticket"]) == said
        assert (unlinked.before["relation"], unlinked.before["ticket"]) == said
        ticket.refresh_from_db()
        assert ticket.version == 3
        assert ticket.public_version == 1


def test_nonsense_is_refused(agent):
    one, two = file_ticket(), file_ticket()
    for other, relation in ((one.pk, "blocks"), (10**9, "blocks"), (two.pk, "loves")):
        with pytest.raises(Invalid):
            actions.link(one.number, other, relation, actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        actions.link(10**9, two.number, "blocks", actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        actions.unlink(one.number, 10**9, actor=agent, at=MONDAY)
    with pytest.raises(NotAllowed):
        link(one, two, "blocks", as_customer(one.requester))


def test_parents_never_make_a_ring(agent):
    top, middle, bottom = file_ticket(), file_ticket(), file_ticket()
    link(top, middle, "parent_of", agent)
    link(bottom, middle, "child_of", agent)
    for below in (middle, bottom):
        with pytest.raises(Conflict):
            link(below, top, "parent_of", agent)
        with pytest.raises(Conflict):
            link(top, below, "child_of", agent)
    link(top, bottom, "blocks", agent)
    link(bottom, top, "blocks", agent)  # other kinds may go round


def test_a_hidden_ticket_is_as_if_it_were_not_there(agent):
    admin, insider = as_agent(AdminFactory()), AgentFactory()
    open_one, hidden = file_ticket(), file_ticket()
    made = link(open_one, hidden, "blocks", admin)
    team = TeamFactory(is_private=True, members=[insider])
    actions.hand_over(hidden.number, team, actor=admin, at=MONDAY)
    assert seen(open_one, agent) == []
    assert seen(open_one, as_agent(insider)) == [("blocks", hidden.number)]
    told = Event.objects.visible_to(agent, MONDAY).filter(ticket=open_one)
    assert "ticket.linked" not in set(told.values_list("kind", flat=True))
    refusals = []
    for number in (hidden.number, 10**9):
        with pytest.raises(Invalid) as refusal:
            actions.link(open_one.number, number, "blocks", actor=agent, at=MONDAY)
        refusals.append((str(refusal.value), refusal.value.pointer))
    assert refusals[0] == refusals[1]
    with pytest.raises(NotFound):
        actions.unlink(open_one.number, made.pk, actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        actions.link(hidden.number, open_one.number, "blocks", actor=agent, at=MONDAY)
    assert Link.objects.get() == made


def at_once(*works):
    """Run each in a thread of its own, all beginning together; give what they raised."""
    begin = threading.Barrier(len(works))

    def run(work):
        begin.wait(10)
        try:
            work()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        running = [pool.submit(run, work) for work in works]
    return [error for each in running if (error := each.exception()) is not None]


@pytest.mark.django_db(transaction=True)
def test_opposite_links_at_once_wait_for_each_other_and_make_no_ring(agent):
    for _ in range(10):
        one, two = file_ticket(), file_ticket()
        raised = at_once(
            lambda one=one, two=two: link(one, two, "parent_of", agent),
            lambda one=one, two=two: link(two, one, "parent_of", agent),
        )
        assert [type(error) for error in raised] == [Conflict]
        assert Link.objects.filter(ticket__in=[one, two]).count() == 1
