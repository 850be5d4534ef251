"""Merging and unmerging: status, histories, clocks, refusals, and who reads whose words."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from sla import audit, defaults, tasks
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.tickets.test_actions import put_to
from tests.tickets.test_linking import at_once
from tickets import actions, search
from tickets.errors import Conflict, Invalid, Merged, NotAllowed, NotFound
from tickets.models import Event, Message, Status, Ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def agent():
    return as_agent(AgentFactory())


def merge(source, target, actor, at=MONDAY):
    event = actions.merge(source.number, target.number, actor=actor, at=at)
    source.refresh_from_db()
    target.refresh_from_db()
    return event


def story(ticket, actor, at=MONDAY + HOUR):
    ticket = Ticket.objects.get(pk=ticket.pk)
    rows = Message.objects.visible_to(actor, at).of_story(ticket, actor)
    return list(rows.order_by("created_at", "pk").values_list("body", flat=True))


@pytest.mark.parametrize("status", Status)
def test_a_merge_closes_from_any_status_and_unmerging_restores_it(agent, status):
    source, target = file_ticket(), file_ticket()
    put_to(source, status, agent, MONDAY)
    before = Ticket.objects.values().get(pk=source.pk)
    merge(source, target, agent)
    assert (source.status, source.merged_into) == ("closed", target)
    assert source.closed_at is not None
    assert source.waiting_since is None
    actions.unmerge(source.number, actor=agent, at=MONDAY)
    after = Ticket.objects.values().get(pk=source.pk)
    moved = {"version", "public_version", "updated_at", "public_updated_at"}
    assert {name for name in before if before[name] != after[name]} <= moved
    assert actions.unmerge(source.number, actor=agent, at=MONDAY + HOUR) is None


def test_both_tell_of_it_and_nobody_gets_a_mail(agent):
    source, target = file_ticket(), file_ticket()
    merge(source, target, agent)
    actions.unmerge(source.number, actor=agent, at=MONDAY)
    told = [
        list(ticket.events.order_by("sequence").values_list("kind", "other"))[1:]
        for ticket in (source, target)
    ]
    assert told == [
        [("ticket.merged", target.pk), ("ticket.unmerged", target.pk)],
        [("ticket.merged_in", source.pk), ("ticket.merged_out", source.pk)],
    ]
    from channels.notices import _WHO

    assert not {kind for pair in told for kind, _ in pair} & set(_WHO)


def test_what_cannot_be_merged_is_refused(agent):
    hidden = file_ticket(team=TeamFactory(is_private=True), actor=as_agent())
    source, target, third = file_ticket(), file_ticket(), file_ticket()
    closed, spam = file_ticket(), file_ticket()
    put_to(closed, Status.CLOSED, agent, MONDAY)
    actions.mark_spam(spam.number, actor=agent, at=MONDAY)
    for other in (closed, spam):
        with pytest.raises(Conflict):
            merge(source, other, agent)
    with pytest.raises(Conflict):
        merge(spam, target, agent)
    for other in (source.number, hidden.number, 10**9):
        with pytest.raises(Invalid):
            actions.merge(source.number, other, actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        merge(hidden, target, agent)
    with pytest.raises(NotAllowed):
        merge(source, target, as_customer(source.requester))
    merge(source, target, agent)
    with pytest.raises(Merged):
        merge(source, third, agent)
    with pytest.raises(Conflict):
        merge(third, source, agent)
    with pytest.raises(Merged):
        actions.mark_spam(source.number, actor=agent, at=MONDAY)
    with pytest.raises(Merged):
        actions.reply(source.number, "Hello", actor=agent, at=MONDAY)


def test_the_words_of_a_chain_stand_in_the_last_tickets_story_in_order_of_time(agent):
    first = file_ticket(body="one", at=MONDAY)
    third = file_ticket(body="three", at=MONDAY + 2 * SECOND)
    second = file_ticket(body="two", at=MONDAY + SECOND)
    merge(first, second, agent)
    merge(second, third, agent)
    assert story(third, agent) == ["one", "two", "three"]
    assert story(second, agent) == ["one", "two"]
    actions.unmerge(second.number, actor=agent, at=MONDAY)
    assert story(third, agent) == ["three"]
    assert story(second, agent) == ["one", "two"]


def test_two_customers_never_read_each_other(agent):
    ana, ben = UserFactory(name="Ana"), UserFactory(name="Ben")
    source = file_ticket(ben, body="ben asks", subject="b")
    target = file_ticket(ana, body="ana asks", subject="a", category="support")
    merge(source, target, agent)
    actions.set_status(target.number, "pending", actor=agent, at=MONDAY)
    event = actions.receive(source.number, "benword", actor=as_customer(ben), at=MONDAY)
    assert event.ticket == target
    target.refresh_from_db()
    assert target.status == "open"
    actions.reply(target.number, "to ana", actor=agent, at=MONDAY)
    actions.reply(target.number, "ana again", actor=as_customer(ana), at=MONDAY)
    assert story(target, as_customer(ana)) == ["ana asks", "to ana", "ana again"]
    assert story(source, as_customer(ben)) == ["ben asks", "benword"]
    everything = ["ben asks", "ana asks", "benword", "to ana", "ana again"]
    assert sorted(story(target, agent)) == sorted(everything)
    for person, foreign in ((ana, "Ben"), (ben, "Ana")):
        seen = Event.objects.visible_to(as_customer(person), MONDAY + HOUR)
        assert foreign not in set(seen.values_list("actor_name", flat=True))
    found = search.matching("benword", actor=as_customer(ana))
    assert not Ticket.objects.filter(found).exists()
    assert Ticket.objects.filter(search.matching("benword", actor=agent)).get() == target
    target.refresh_from_db()
    assert target.version == target.events.count()
    public = target.events.filter(public_sequence__isnull=False)
    assert target.public_version == public.count()


def test_one_customer_is_heard_at_the_target_and_reads_it_all(agent):
    ana = UserFactory()
    source, target = file_ticket(ana, body="first"), file_ticket(ana, body="second")
    merge(source, target, agent)
    event = actions.receive(source.number, "more", actor=as_customer(ana), at=MONDAY)
    assert (event.ticket, event.message.sent_to) == (target, None)
    assert story(target, as_customer(ana)) == ["first", "second", "more"]


def test_an_address_that_is_not_proven_is_nobodys(agent):
    ana = UserFactory()
    for source_proven, target_proven in ((True, False), (False, True), (False, False)):
        source = file_ticket(ana, body="source", requester_confirmed=source_proven)
        target = file_ticket(ana, body="target", requester_confirmed=target_proven)
        merge(source, target, agent)
        for ticket, own in ((source, ["source", "more"]), (target, ["target"])):
            holder = Actor(user=ana, door="web", only_ticket=ticket.number)
            if ticket == source:
                actions.receive(source.number, "more", actor=holder, at=MONDAY)
            assert story(ticket, holder) == own


def test_a_follow_up_of_words_to_a_merged_ticket_is_their_writers(agent):
    ana, ben = UserFactory(), UserFactory()
    source, target = file_ticket(ben), file_ticket(ana)
    merge(source, target, agent)
    actions.mark_spam(target.number, actor=agent, at=MONDAY)
    event = actions.receive(source.number, "still?", actor=as_customer(ben), at=MONDAY)
    assert (event.ticket.requester, event.ticket.follows_up) == (ben, source)


def test_a_private_source_and_a_private_target_stay_hidden(agent):
    admin, insider = as_agent(AdminFactory()), AgentFactory()
    private = TeamFactory(is_private=True, members=[insider])
    source, target = file_ticket(body="secret", actor=admin, team=private), file_ticket(body="x")
    merge(source, target, admin)
    assert story(target, agent) == ["x"]
    assert story(target, as_agent(insider)) == ["secret", "x"]
    other, hidden = file_ticket(), file_ticket(team=private, actor=admin)
    merge(other, hidden, admin)
    for ticket in (target, other):
        told = Event.objects.visible_to(agent, MONDAY).filter(ticket=ticket)
        assert not told.filter(kind__startswith="ticket.merged").exists()
    with pytest.raises(NotAllowed):
        actions.unmerge(other.number, actor=agent, at=MONDAY)


def test_words_that_go_on_in_a_private_ticket_stay_there(agent):
    ben, insider = UserFactory(), AgentFactory()
    private = TeamFactory(is_private=True, members=[insider])
    source, target = (
        file_ticket(ben, body="asks"),
        file_ticket(actor=as_agent(insider), team=private),
    )
    merge(source, target, as_agent(insider))
    actions.receive(source.number, "since then", actor=as_customer(ben), at=MONDAY)
    assert story(source, agent) == ["asks"]
    assert story(source, as_agent(insider)) == ["asks", "since then"]
    assert story(source, as_customer(ben)) == ["asks", "since then"]


def test_colleagues_who_see_both_tickets_read_both():
    acme = OrganisationFactory()
    ana, ben = UserFactory(organisation=acme), UserFactory(organisation=acme)
    boss = UserFactory(organisation=acme, sees_organisation=True)
    source, target = file_ticket(ben, body="ben"), file_ticket(ana, body="ana")
    merge(source, target, as_agent())
    assert story(target, as_customer(boss)) == ["ben", "ana"]
    assert story(target, as_customer(ana)) == ["ana"]


def test_r4_the_clocks_of_the_source_rest_while_it_is_merged_and_then_go_on(agent):
    defaults.ensure()
    source, target = file_ticket(at=MONDAY + HOUR), file_ticket(at=MONDAY)
    own = target.clocks.get(metric="first_response").due_at
    merge(source, target, agent, at=MONDAY + HOUR)
    assert {(row.state, row.reason) for row in source.clocks.all()} == {("cancelled", "merged")}
    assert target.clocks.get(metric="first_response").due_at == own
    actions.unmerge(source.number, actor=agent, at=MONDAY + 2 * HOUR)
    assert {row.state for row in source.clocks.all()} == {"running"}
    tasks.sweep()
    assert list(audit.drift()) == []


def test_r4_the_oldest_wait_of_those_merged_in_counts_for_the_first_response(agent):
    defaults.ensure()
    oldest, older = file_ticket(at=MONDAY), file_ticket(at=MONDAY + HOUR / 4)
    target = file_ticket(at=MONDAY + HOUR / 2)

    def began():
        return target.clocks.get(metric="first_response").started_at

    now = MONDAY + HOUR
    assert began() == MONDAY + HOUR / 2
    merge(older, target, agent, at=now)
    assert began() == MONDAY + HOUR / 4
    merge(oldest, target, agent, at=now)
    assert began() == MONDAY
    actions.unmerge(oldest.number, actor=agent, at=now)
    assert began() == MONDAY + HOUR / 4
    actions.unmerge(older.number, actor=agent, at=now)
    assert began() == MONDAY + HOUR / 2
    tasks.sweep()
    assert list(audit.drift()) == []


@pytest.mark.django_db(transaction=True)
def test_opposite_merges_and_words_at_once_wait_for_each_other(agent):
    for _ in range(8):
        one, two = file_ticket(), file_ticket()
        raised = at_once(
            lambda one=one, two=two: merge(one, two, agent),
            lambda one=one, two=two: merge(two, one, agent),
            lambda one=one: actions.receive(
                one.number, "a", actor=as_customer(one.requester), at=MONDAY
            ),
            lambda two=two: actions.receive(
                two.number, "b", actor=as_customer(two.requester), at=MONDAY
            ),
        )
        assert [type(error) for error in raised] in ([Conflict], [Merged])
        assert Ticket.objects.filter(merged_into__in=[one, two]).count() == 1
        assert Message.objects.filter(body__in=["a", "b"], ticket__in=[one, two]).count() == 2
        for ticket in (one, two):
            ticket.refresh_from_db()
            assert ticket.version == ticket.events.count()
