"""Snoozing: what it hides, what wakes a ticket, and that its promises know nothing of it."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from sla import audit, defaults, sweep
from tests.factories import (
    MONDAY,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.tickets.test_actions import put_to
from tickets import actions, housekeeping
from tickets.errors import Conflict, Invalid, NotAllowed, NotFound
from tickets.events import plain
from tickets.models import Event, Status, Ticket

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def agent():
    return as_agent(AgentFactory())


def snoozed(agent, until=MONDAY + DAY, **filing):
    ticket = file_ticket(at=MONDAY, **filing)
    actions.snooze(ticket.number, until, actor=agent, at=MONDAY)
    return ticket


def kinds(ticket):
    return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def is_awake(ticket):
    return Ticket.objects.awake().filter(pk=ticket.pk).exists()


def test_it_wakes_when_its_time_has_come_and_once(agent):
    ticket, other = snoozed(agent), snoozed(agent, until=None)
    assert not is_awake(ticket)
    assert housekeeping.wake_snoozed(MONDAY + DAY - SECOND) == 0
    assert housekeeping.wake_snoozed(MONDAY + DAY) == 1
    assert housekeeping.wake_snoozed(MONDAY + DAY) == 0
    assert is_awake(ticket)
    assert not is_awake(other)
    assert kinds(ticket) == ["ticket.opened", "ticket.snoozed", "ticket.woken"]
    woken = ticket.events.get(kind=Event.Kind.WOKEN)
    assert (woken.door, woken.at, woken.public_sequence) == ("system", MONDAY + DAY, None)


def test_who_snoozed_it_for_longer_meanwhile_is_heard(agent):
    ticket = snoozed(agent)
    actions.snooze(ticket.number, MONDAY + 2 * DAY, actor=agent, at=MONDAY)
    assert actions.wake_if_due(ticket.number, actor=Actor.system(), at=MONDAY + DAY) is None
    assert not is_awake(ticket)
    again = actions.snooze(ticket.number, MONDAY + 2 * DAY, actor=agent, at=MONDAY)
    assert again is None


@pytest.mark.parametrize("until", [None, MONDAY + DAY])
def test_the_customers_message_wakes_it_at_once_and_the_desks_words_do_not(agent, until):
    ticket = snoozed(agent, until)
    actions.note(ticket.number, "Hm", actor=agent, at=MONDAY)
    actions.reply(ticket.number, "Soon", actor=agent, at=MONDAY)
    assert not is_awake(ticket)
    actions.reply(ticket.number, "And?", actor=as_customer(ticket.requester), at=MONDAY)
    assert is_awake(ticket)
    assert kinds(ticket)[-2:] == ["message.added", "ticket.woken"]


def test_words_to_a_merged_ticket_wake_the_one_where_the_work_goes_on(agent):
    home, merged = snoozed(agent), file_ticket(UserFactory(name="Ben"), at=MONDAY)
    actions.merge(merged.number, home.number, actor=agent, at=MONDAY)
    assert not is_awake(home)
    actions.receive(merged.number, "Me too", actor=as_customer(merged.requester), at=MONDAY)
    assert is_awake(home)
    assert home.events.get(kind=Event.Kind.WOKEN).actor_name != "Ben"


def finish(ticket, how, agent):
    if how == "merge":
        actions.merge(ticket.number, file_ticket(at=MONDAY).number, actor=agent, at=MONDAY)
    else:
        getattr(actions, how)(ticket.number, actor=agent, at=MONDAY)


@pytest.mark.parametrize("how", ["resolve", "close", "mark_spam", "merge"])
def test_what_finishes_a_ticket_wakes_it_in_the_same_event(agent, how):
    ticket = snoozed(agent, category="support")
    finish(ticket, how, agent)
    ticket.refresh_from_db()
    assert (ticket.snoozed_at, ticket.snoozed_until) == (None, None)
    assert "ticket.woken" not in kinds(ticket)
    last = ticket.events.latest("sequence")
    assert last.before["snoozed_until"] == plain(MONDAY + DAY)
    actions.revert(ticket.number, last.sequence, last.sequence, actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert ticket.snoozed_until == MONDAY + DAY


@pytest.mark.parametrize("until", [MONDAY, MONDAY - DAY, MONDAY + timedelta(days=367)])
def test_a_time_that_is_over_or_too_far_is_refused(agent, until):
    ticket = file_ticket(at=MONDAY)
    with pytest.raises(Invalid) as refused:
        actions.snooze(ticket.number, until, actor=agent, at=MONDAY)
    assert refused.value.pointer == "until"
    assert is_awake(ticket)


def test_what_is_finished_hidden_or_not_ones_own_to_snooze_is_refused(agent):
    done, own = file_ticket(at=MONDAY), file_ticket(at=MONDAY)
    hidden = file_ticket(team=TeamFactory(is_private=True), actor=agent, at=MONDAY)
    for status in (Status.RESOLVED, Status.CLOSED):
        put_to(done, status, agent, MONDAY)
        with pytest.raises(Conflict):
            actions.snooze(done.number, None, actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        actions.snooze(hidden.number, None, actor=agent, at=MONDAY)
    for act in (actions.wake, lambda *args, **told: actions.snooze(*args, None, **told)):
        with pytest.raises(NotAllowed):
            act(own.number, actor=as_customer(own.requester), at=MONDAY)


def test_its_promises_go_on_as_if_nothing_had_happened(agent):
    defaults.ensure()
    ticket = snoozed(agent, category="corrective")
    due_at = Ticket.objects.get(pk=ticket.pk).due_at
    assert due_at is not None
    later = due_at + SECOND
    sweep.sweep(later)
    assert "sla.breached" in kinds(ticket)
    assert not is_awake(ticket)
    housekeeping.wake_snoozed(later + DAY)
    assert list(audit.drift(later + DAY)) == []
