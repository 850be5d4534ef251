"""The one door: what each action changes, records and refuses."""

from datetime import timedelta

import pytest

from accounts.actor import Actor
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    ComponentFactory,
    OrganisationFactory,
    ProductFactory,
    ReleaseFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions, steps
from tickets.errors import (
    BlockedSender,
    CategoryMissing,
    ExternalIdTaken,
    ImpossibleStatus,
    Invalid,
    NotAllowed,
    NotFound,
    StaleVersion,
    TooLateToUndo,
)
from tickets.models import Draft, Event, FieldDefinition, Message, Status, Ticket
from tickets.models.tickets import MAY_GO_TO

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


def kinds(ticket):
    return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def put_to(ticket, status, actor, at):
    """Bring a new ticket to a status by the steps of the table."""
    if ticket.category is None:
        actions.set_category(ticket.number, "support", actor=actor, at=at)
    if status == Status.NEW:
        return
    if status == Status.CLOSED:
        actions.close(ticket.number, actor=actor, at=at)
        return
    actions.set_status(ticket.number, status, actor=actor, at=at, reason="a release")


def test_opening_makes_one_event_with_the_first_message():
    ticket = file_ticket(category="corrective")
    assert kinds(ticket) == ["ticket.opened"]
    event = ticket.events.get()
    assert (event.sequence, event.public_sequence, event.message.body) == (1, 1, "It says 500.")
    assert ticket.version == 1
    assert ticket.waiting_since == MONDAY
    assert ticket.category_confirmed_at is None


@pytest.mark.parametrize("now", Status.values)
@pytest.mark.parametrize("wanted", Status.values)
def test_the_status_table_is_enforced(now, wanted):
    agent = as_agent()
    ticket = file_ticket()
    put_to(ticket, now, agent, MONDAY)

    def move():
        return actions.set_status(
            ticket.number, wanted, actor=agent, at=MONDAY + MINUTE, reason="another release"
        )

    if wanted == now == Status.ON_HOLD:
        assert move().after == {"hold_reason": "another release"}
    elif wanted == now:
        assert move() is None
    elif wanted in MAY_GO_TO[now]:
        assert move().after["status"] == wanted
    else:
        with pytest.raises(ImpossibleStatus):
            move()


@pytest.mark.parametrize("now", ["pending", "on_hold", "resolved"])
def test_a_customers_message_opens_again_in_the_same_transaction(now):
    ticket = file_ticket()
    put_to(ticket, now, as_agent(), MONDAY)
    actions.receive(
        ticket.number, "Still broken", actor=as_customer(ticket.requester), at=MONDAY + MINUTE
    )
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.waiting_since == (MONDAY + MINUTE if now == "resolved" else MONDAY)
    assert ticket.resolved_at is None


def test_an_agents_first_reply_opens_but_a_note_does_not():
    agent, ticket = as_agent(), file_ticket()
    actions.note(ticket.number, "Looks like #3", actor=agent, at=MONDAY + MINUTE)
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW
    actions.reply(ticket.number, "We look into it", actor=agent, at=MONDAY + MINUTE)
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.waiting_since is None


def test_a_note_changes_nothing_that_a_customer_could_count():
    agent, ticket = as_agent(), file_ticket()
    actions.note(ticket.number, "secret", actor=agent, at=MONDAY + MINUTE)
    ticket.refresh_from_db()
    assert (ticket.version, ticket.public_version) == (2, 1)
    assert ticket.public_updated_at == MONDAY
    customer = as_customer(ticket.requester)
    later = MONDAY + timedelta(days=1)
    assert Message.objects.visible_to(customer, later).filter(ticket=ticket).count() == 1
    assert Event.objects.visible_to(customer, later).filter(ticket=ticket).count() == 1
    assert Event.objects.visible_to(agent, later).filter(ticket=ticket).count() == 2


def test_resolving_needs_a_category_and_confirms_it():
    agent, ticket = as_agent(), file_ticket()
    with pytest.raises(CategoryMissing):
        actions.resolve(ticket.number, actor=agent, at=MONDAY)
    other = file_ticket(category="perfective")
    actions.resolve(other.number, actor=agent, at=MONDAY)
    other.refresh_from_db()
    assert other.category_confirmed_at == MONDAY
    assert kinds(other) == ["ticket.opened", "ticket.category_confirmed", "ticket.resolved"]


def test_a_customer_may_say_solved_without_a_category_and_object():
    ticket = file_ticket()
    customer = as_customer(ticket.requester)
    actions.resolve(ticket.number, actor=customer, at=MONDAY)
    actions.reopen(ticket.number, actor=customer, at=MONDAY + MINUTE)
    ticket.refresh_from_db()
    assert ticket.status == Status.OPEN
    assert ticket.is_untriaged


def test_a_message_on_a_closed_ticket_opens_a_linked_follow_up():
    ticket = file_ticket(category="support")
    agent = as_agent()
    actions.close(ticket.number, actor=agent, at=MONDAY)
    event = actions.reply(
        ticket.number, "It is back", actor=as_customer(ticket.requester), at=MONDAY + MINUTE
    )
    follow_up = event.ticket
    assert follow_up.number != ticket.number
    assert (follow_up.follows_up_id, follow_up.status) == (ticket.number, Status.NEW)
    assert kinds(ticket)[-1] == "ticket.followed_up"


def test_withdrawing_within_ten_seconds_gives_the_words_back_and_undoes_the_status():
    agent = as_agent(request_id="send-1")
    ticket = file_ticket(category="support")
    steps.apply(
        ticket.number,
        [{"do": "status", "to": "resolved"}, {"do": "reply", "body": "Done"}],
        actor=agent,
        at=MONDAY,
    )
    message = ticket.messages.latest("id")
    actions.withdraw(ticket.number, message.pk, actor=agent, at=MONDAY + 9 * SECOND)
    ticket.refresh_from_db()
    assert ticket.status == Status.NEW
    assert ticket.waiting_since == MONDAY
    assert Draft.objects.get(ticket=ticket, user=agent.user).body == "Done"


def test_withdrawing_after_ten_seconds_or_by_another_is_refused():
    agent, ticket = as_agent(), file_ticket()
    event = actions.reply(ticket.number, "Done", actor=agent, at=MONDAY)
    for who, when in ((agent, MONDAY + 10 * SECOND), (as_agent(), MONDAY)):
        with pytest.raises(TooLateToUndo):
            actions.withdraw(ticket.number, event.message_id, actor=who, at=when)


def test_redacting_wipes_the_words_and_leaves_a_trace():
    agent, ticket = as_agent(), file_ticket(body="my password is hunter2")
    actions.redact_message(ticket.number, ticket.messages.get().pk, actor=agent, at=MONDAY)
    message = ticket.messages.get()
    assert message.body == ""
    assert message.redacted_at == MONDAY
    ticket.refresh_from_db()
    assert "hunter2" not in ticket.snippet


def test_spam_closes_from_any_status_and_can_be_undone():
    agent, ticket = as_agent(), file_ticket()
    actions.take(ticket.number, actor=agent, at=MONDAY)
    actions.mark_spam(ticket.number, actor=agent, at=MONDAY, block_sender=True)
    with pytest.raises(BlockedSender):
        file_ticket(type(ticket.requester).objects.get(pk=ticket.requester_id))
    actions.unmark_spam(ticket.number, actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert (ticket.status, ticket.is_spam, ticket.closed_at) == (Status.OPEN, False, None)
    assert ticket.requester.is_blocked is False


@pytest.mark.parametrize("answered", [False, True])
def test_whoever_waited_before_the_mark_of_spam_waits_again(answered):
    agent, ticket = as_agent(), file_ticket()
    if answered:
        actions.reply(ticket.number, "Look", actor=agent, at=MONDAY + MINUTE)
    actions.mark_spam(ticket.number, actor=agent, at=MONDAY + MINUTE)
    actions.unmark_spam(ticket.number, actor=agent, at=MONDAY + 2 * MINUTE)
    ticket.refresh_from_db()
    assert ticket.waiting_since == (None if answered else MONDAY)


def test_an_objection_without_words_waits_on_us_also_after_an_undo():
    agent, ticket = as_agent(), file_ticket(category="support")
    actions.reply(ticket.number, "Done", actor=agent, at=MONDAY)
    actions.resolve(ticket.number, actor=agent, at=MONDAY)
    customer = as_customer(ticket.requester)
    actions.reopen(ticket.number, actor=customer, at=MONDAY + MINUTE)
    ticket.refresh_from_db()
    assert ticket.waiting_since == MONDAY + MINUTE
    late = MONDAY + 2 * MINUTE
    reply = actions.reply(ticket.number, "Hm", actor=agent, at=late).message
    actions.withdraw(ticket.number, reply.pk, actor=agent, at=late)
    ticket.refresh_from_db()
    assert ticket.waiting_since == MONDAY + MINUTE


def test_a_new_requester_sees_it_at_once_and_old_links_die():
    agent, ticket = as_agent(), file_ticket()
    other = UserFactory(organisation=OrganisationFactory())
    actions.make_link(ticket, at=MONDAY, was_mailed=True)
    old = ticket.requester
    actions.set_requester(ticket.number, other, actor=agent, at=MONDAY)
    assert not Ticket.objects.visible_to(as_customer(old)).exists()
    assert Ticket.objects.visible_to(as_customer(other)).get().organisation == other.organisation
    assert not ticket.public_links.filter(revoked_at__isnull=True).exists()


def test_a_strangers_filing_joins_the_account_only_after_the_mailed_link():
    organisation = OrganisationFactory(domain="acme.example")
    person = UserFactory(email="ana@acme.example", email_verified_at=None)
    ticket = file_ticket(person, actor=Actor.anonymous(), requester_confirmed=False)
    assert not Ticket.objects.visible_to(as_customer(person)).exists()
    shown = actions.make_link(ticket, at=MONDAY, was_mailed=False)
    actions.use_link(shown, at=MONDAY)
    assert not Ticket.objects.visible_to(as_customer(person)).exists()
    mailed = actions.make_link(ticket, at=MONDAY, was_mailed=True)
    actions.use_link(mailed, at=MONDAY)
    assert Ticket.objects.visible_to(as_customer(person)).get().organisation == organisation


def test_merging_two_people_moves_tickets_and_closes_the_first_account():
    admin = Actor.of(AdminFactory(), door="agent")
    ticket = file_ticket()
    source, target = ticket.requester, UserFactory()
    actions.merge_people(source, target, actor=admin, at=MONDAY)
    ticket.refresh_from_db()
    source.refresh_from_db()
    assert ticket.requester == target
    assert (source.is_active, source.merged_into) == (False, target)
    with pytest.raises(NotAllowed):
        actions.merge_people(target, UserFactory(), actor=as_agent(), at=MONDAY)


def test_handing_over_to_a_private_team_hides_the_ticket_from_the_giver():
    giver, insider = AgentFactory(), AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    ticket = file_ticket()
    actions.take(ticket.number, actor=as_agent(giver), at=MONDAY)
    actions.hand_over(ticket.number, team, actor=as_agent(giver), at=MONDAY)
    with pytest.raises(NotFound):
        actions.note(ticket.number, "?", actor=as_agent(giver), at=MONDAY)
    seen = Ticket.objects.visible_to(as_agent(insider)).get()
    assert seen.assignee is None
    with pytest.raises(Invalid):
        actions.assign(ticket.number, giver, actor=as_agent(insider), at=MONDAY)


def test_steps_after_a_hand_over_to_a_private_team_are_done_too():
    giver, insider = as_agent(), AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    ticket = file_ticket()
    wanted = [
        {"do": "status", "to": "pending"}, {"do": "team", "to": team},
        {"do": "assign", "to": insider}, {"do": "reply", "body": "My colleague will answer."},
    ]  # fmt: skip
    steps.apply(ticket.number, wanted, actor=giver, at=MONDAY)
    ticket.refresh_from_db()
    assert (ticket.team, ticket.assignee, ticket.status) == (team, insider, "pending")
    assert ticket.messages.count() == 2
    with pytest.raises(NotFound):
        steps.apply(ticket.number, wanted, actor=giver, at=MONDAY)


def test_steps_go_on_in_the_follow_up_of_what_was_handed_over():
    giver, team = as_agent(), TeamFactory(is_private=True)
    ticket = file_ticket(category="support")
    actions.close(ticket.number, actor=giver, at=MONDAY)
    wanted = [{"do": "team", "to": team}, {"do": "reply", "body": "One more thing."},
              {"do": "status", "to": "pending"}]  # fmt: skip
    steps.apply(ticket.number, wanted, actor=giver, at=MONDAY)
    assert Ticket.objects.get(follows_up=ticket).status == Status.PENDING


@pytest.mark.parametrize("change", [{"is_active": False}, {"role": "customer"}])
def test_who_leaves_the_desk_gives_everything_back_but_closed_tickets(change):
    admin, agent = Actor.of(AdminFactory(), door="agent"), AgentFactory()
    TeamFactory(members=[agent])
    kept = {}
    for status in (Status.OPEN, Status.RESOLVED, Status.CLOSED):
        ticket = file_ticket(category="support")
        actions.assign(ticket.number, agent, actor=admin, at=MONDAY)
        actions.watch(ticket.number, actor=as_agent(agent), at=MONDAY)
        if status != Status.OPEN:
            actions.resolve(ticket.number, actor=admin, at=MONDAY)
        if status == Status.CLOSED:
            actions.close(ticket.number, actor=admin, at=MONDAY)
        kept[status] = ticket
    actions.change_person(agent, actor=admin, at=MONDAY, **change)
    assignees = {status: Ticket.objects.get(pk=kept[status].pk).assignee for status in kept}
    assert assignees == {Status.OPEN: None, Status.RESOLVED: None, Status.CLOSED: agent}
    assert not agent.teams.exists()
    assert not agent.watches.exists()


def test_component_and_releases_belong_to_the_product():
    agent, ticket = as_agent(), file_ticket()
    product = ProductFactory()
    component = ComponentFactory(product=product)
    with pytest.raises(Invalid):
        actions.set_component(ticket.number, component, actor=agent, at=MONDAY)
    actions.set_product(ticket.number, product, actor=agent, at=MONDAY)
    actions.set_component(ticket.number, component, actor=agent, at=MONDAY)
    release = ReleaseFactory(product=product)
    actions.set_affected_release(ticket.number, release, actor=agent, at=MONDAY)
    actions.set_product(ticket.number, ProductFactory(), actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert (ticket.component, ticket.affected_release) == (None, None)


def test_fields_can_be_changed_after_another_product_was_set():
    ledger, other = ProductFactory(), ProductFactory()
    FieldDefinition.objects.create(key="module", label="Module", type="text").products.add(ledger)
    FieldDefinition.objects.create(key="place", label="Place", type="text")
    agent, ticket = as_agent(), file_ticket(product=ledger, fields={"module": "tax"})
    actions.set_product(ticket.number, other, actor=agent, at=MONDAY)
    actions.set_fields(ticket.number, {"place": "Graz"}, actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert ticket.fields == {"module": "tax", "place": "Graz"}
    with pytest.raises(Invalid):
        actions.set_fields(ticket.number, {"module": "pay"}, actor=agent, at=MONDAY)
    actions.set_fields(ticket.number, {"module": None}, actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert ticket.fields == {"place": "Graz"}


def test_only_corrective_tickets_are_emergencies():
    agent, ticket = as_agent(), file_ticket(category="corrective")
    actions.set_emergency(ticket.number, True, actor=agent, at=MONDAY)
    actions.set_category(ticket.number, "support", actor=agent, at=MONDAY)
    ticket.refresh_from_db()
    assert ticket.emergency is False
    with pytest.raises(Invalid):
        actions.set_emergency(ticket.number, True, actor=agent, at=MONDAY)


def test_equal_values_make_no_event():
    agent, ticket = as_agent(), file_ticket()
    assert actions.set_priority(ticket.number, "normal", actor=agent, at=MONDAY) is None
    assert actions.set_tags(ticket.number, [], actor=agent, at=MONDAY) is None
    assert actions.set_subject(ticket.number, " Export  fails ", actor=agent, at=MONDAY) is None


@pytest.mark.parametrize(
    ("verb", "values"),
    [
        ("note", ["x"]), ("take", []), ("set_priority", ["high"]), ("set_tags", [["a"]]),
        ("mark_spam", []), ("close", []), ("set_category", ["support"]), ("hand_over", [None]),
        ("watch", []), ("set_subject", ["x"]),
    ],
)  # fmt: skip
def test_customers_may_not_do_what_agents_do(verb, values):
    ticket = file_ticket()
    with pytest.raises(NotAllowed):
        getattr(actions, verb)(
            ticket.number, *values, actor=as_customer(ticket.requester), at=MONDAY
        )


@pytest.mark.parametrize(
    "values",
    [{"priority": "high"}, {"tags": ("x",)}, {"external_source": "s", "external_id": "1"}],
)
def test_customers_may_not_file_what_agents_set(values):
    with pytest.raises(NotAllowed) as refusal:
        file_ticket(**values)
    assert refusal.value.pointer in values


def test_an_external_id_is_taken_once():
    agent = as_agent()
    person = UserFactory()
    first = file_ticket(person, actor=agent, external_source="sentry", external_id="42")
    with pytest.raises(ExternalIdTaken) as refusal:
        file_ticket(person, actor=agent, external_source="sentry", external_id="42")
    assert refusal.value.number == first.number


def test_steps_are_all_or_nothing_and_share_the_request():
    agent = as_agent(request_id="r-7")
    ticket = file_ticket()
    with pytest.raises(ImpossibleStatus):
        steps.apply(
            ticket.number,
            [{"do": "priority", "to": "high"}, {"do": "category", "to": "support"},
             {"do": "status", "to": "closed"}, {"do": "assign", "to": agent.user}],
            actor=agent, at=MONDAY,
        )  # fmt: skip
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.version) == ("normal", 1)
    events = steps.apply(
        ticket.number,
        [{"do": "status", "to": "pending"}, {"do": "priority", "to": "high"}],
        actor=agent,
        at=MONDAY,
        expected_version=1,
    )
    assert [event.kind for event in events] == ["ticket.priority_set", "ticket.status_changed"]
    assert {event.request_id for event in events} == {"r-7"}
    with pytest.raises(StaleVersion):
        steps.apply(
            ticket.number, [{"do": "priority", "to": "low"}], actor=agent, at=MONDAY,
            expected_version=1,
        )  # fmt: skip


def test_a_resolved_ticket_closes_after_seven_days():
    from tickets.housekeeping import close_resolved

    agent, ticket = as_agent(), file_ticket(category="support")
    actions.resolve(ticket.number, actor=agent, at=MONDAY)
    assert close_resolved(MONDAY + timedelta(days=6, hours=23)) == 0
    assert close_resolved(MONDAY + timedelta(days=7)) == 1
    ticket.refresh_from_db()
    assert ticket.status == Status.CLOSED


def test_the_words_that_opened_a_ticket_are_not_taken_back():
    agent = as_agent()
    ticket = file_ticket(actor=agent, source="agent")
    opening = ticket.messages.get()
    with pytest.raises(TooLateToUndo):
        actions.withdraw(ticket.number, opening.pk, actor=agent, at=MONDAY + SECOND)
