"""Each event of a ticket moves its clocks as docs/sla.md says, in the event's transaction."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import Token
from sla import actions as promises
from sla.audit import drift
from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Clock, Outcome, Policy, Record
from sla.rollout import follow_changes
from sla.sweep import sweep
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.sla.promises import amounts, make_default, save_calendar, save_policy
from tickets import actions
from tickets.models import Event

pytestmark = pytest.mark.django_db
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def policy():
    return make_default(save_policy())


@pytest.fixture
def agent():
    return as_agent()


def clock(ticket, metric):
    return ticket.clocks.filter(metric=metric).order_by("-seq").first()


def kinds(ticket):
    return list(ticket.events.order_by("sequence").values_list("kind", flat=True))


def no_drift(at):
    assert list(drift(at)) == []


def test_a_new_installation_promises_something():
    assert Policy.objects.filter(is_default=True, current__isnull=False).count() == 1
    ticket = file_ticket(category="corrective")
    assert ticket.due_at == MONDAY + 8 * HOUR
    assert clock(ticket, "first_response").state == "running"


def test_a_desk_whose_policies_were_swept_away_gets_the_default_again():
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sla_policy, sla_calendar CASCADE")
    assert file_ticket().due_at is not None
    assert Policy.objects.filter(is_default=True).count() == 1


def test_opening_starts_first_response_and_resolution(policy):
    ticket = file_ticket()
    found = {row.metric: row.due_at for row in ticket.clocks.all()}
    assert found == {"first_response": MONDAY + HOUR, "resolution": MONDAY + 4 * HOUR}
    assert ticket.due_at == MONDAY + HOUR


def test_k7_what_was_promised_before_an_event_of_the_same_second_counts_for_it(agent):
    steps = {"first_response": [{"name": "half", "percent": 50}]}
    policy = make_default(
        save_policy(targets={"first_response": amounts("1h")}, document={"steps": steps})
    )
    ticket, at = file_ticket(), MONDAY + HOUR / 2
    sweep(at)  # which leaves an event of its own before the new promise
    save_policy(policy, at=at, targets={"first_response": amounts("45m")})
    follow_changes(at)
    actions.reply(ticket.number, "Here", actor=agent, at=at)
    assert (clock(ticket, "first_response").target, clock(ticket, "first_response").state) == (
        2700, "met"
    )  # fmt: skip
    no_drift(at)


def test_opening_costs_few_queries(policy):
    file_ticket()
    person = UserFactory()
    with CaptureQueriesContext(connection) as captured:
        file_ticket(person)
    ours = [query["sql"] for query in captured if "sla_" in query["sql"]]
    assert len(ours) <= 4


def test_a_reply_costs_few_queries(policy, agent):
    ticket = file_ticket()
    actions.reply(ticket.number, "One", actor=agent, at=MONDAY + MINUTE)
    with CaptureQueriesContext(connection) as captured:
        actions.reply(ticket.number, "Two", actor=agent, at=MONDAY + 2 * MINUTE)
    ours = [query["sql"] for query in captured if "sla_" in query["sql"]]
    assert len(ours) <= 6


def test_an_agents_reply_is_the_first_response_and_starts_update(policy, agent):
    ticket = file_ticket()
    actions.reply(ticket.number, "Hello", actor=agent, at=MONDAY + 10 * MINUTE)
    assert clock(ticket, "first_response").state == "met"
    assert clock(ticket, "update").due_at == MONDAY + 10 * MINUTE + 8 * HOUR
    outcome = Outcome.objects.get(clock=clock(ticket, "first_response"))
    assert (outcome.state, outcome.business_seconds, outcome.wall_seconds) == ("met", 600, 600)
    no_drift(MONDAY + HOUR)


def test_k6_a_note_and_a_bot_are_no_response(policy, agent):
    ticket = file_ticket()
    actions.note(ticket.number, "Looking", actor=agent, at=MONDAY + MINUTE)
    token = Token(name="monitor", scopes=["tickets:write"])
    bot = Actor(token=token, door="api")
    actions.reply(ticket.number, "Noticed", actor=bot, at=MONDAY + 2 * MINUTE)
    assert clock(ticket, "first_response").state == "running"
    no_drift(MONDAY + 3 * MINUTE)


def test_k6_an_agent_who_is_the_requester_speaks_as_a_customer(policy):
    person = AgentFactory()
    ticket = file_ticket(person, actor=as_agent(person))
    actions.reply(ticket.number, "And more", actor=as_agent(person), at=MONDAY + MINUTE)
    assert clock(ticket, "first_response").state == "running"


def test_k2_a_ticket_that_an_agent_opened_waits_for_the_customer(policy, agent):
    customer = UserFactory()
    ticket = file_ticket(customer, actor=agent, source="agent")
    assert [row.metric for row in ticket.clocks.all()] == ["resolution"]
    actions.reply(ticket.number, "Hi", actor=as_customer(customer), at=MONDAY + HOUR)
    assert clock(ticket, "first_response").due_at == MONDAY + 2 * HOUR


def test_a_late_reply_records_the_breach_it_reveals(policy, agent):
    ticket = file_ticket()
    actions.reply(ticket.number, "Sorry", actor=agent, at=MONDAY + 90 * MINUTE)
    late = clock(ticket, "first_response")
    assert (late.state, late.breached_at) == ("breached", MONDAY + HOUR)
    breach = late.records.get(kind="breached")
    assert (breach.occurred_at, breach.recorded_at) == (MONDAY + HOUR, MONDAY + 90 * MINUTE)
    assert kinds(ticket)[:3] == ["ticket.opened", "message.added", "sla.breached"]
    told = ticket.events.get(kind="sla.breached")
    assert (told.door, told.after["metric"]) == ("system", "first_response")
    no_drift(MONDAY + 91 * MINUTE)


def test_a_warning_that_nobody_needs_any_more_is_recorded_as_skipped(policy, agent):
    ticket = file_ticket()
    actions.reply(ticket.number, "Just", actor=agent, at=MONDAY + 50 * MINUTE)
    warning = Record.objects.get(clock=clock(ticket, "first_response"))
    assert (warning.kind, warning.is_skipped) == ("warned", True)
    assert "sla.warned" not in kinds(ticket)


def test_p4_a_customers_message_resumes_a_pending_ticket(policy, agent):
    customer = UserFactory()
    ticket = file_ticket(customer)
    actions.reply(ticket.number, "Which one?", actor=agent, at=MONDAY + 10 * MINUTE)
    actions.pend(ticket.number, actor=agent, at=MONDAY + 10 * MINUTE)
    paused = clock(ticket, "resolution")
    assert (paused.state, paused.due_at, paused.next_fire_at) == ("paused", None, None)
    ticket.refresh_from_db()
    assert ticket.due_at is None
    actions.reply(ticket.number, "That one", actor=as_customer(customer), at=MONDAY + 5 * HOUR)
    assert clock(ticket, "resolution").due_at == MONDAY + 5 * HOUR + 230 * MINUTE
    assert clock(ticket, "next_response").due_at == MONDAY + 7 * HOUR
    ticket.refresh_from_db()
    assert ticket.due_at == MONDAY + 7 * HOUR
    no_drift(MONDAY + 5 * HOUR)


def test_r3_a_reopened_ticket_goes_on_and_its_met_outcome_is_revoked(policy, agent):
    customer = UserFactory()
    ticket = file_ticket(customer, category="corrective")
    actions.reply(ticket.number, "Done", actor=agent, at=MONDAY + 30 * MINUTE)
    actions.resolve(ticket.number, actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "resolution").state == "met"
    actions.reopen(ticket.number, actor=as_customer(customer), at=MONDAY + 24 * HOUR)
    again = clock(ticket, "resolution")
    assert (again.seq, again.state, again.due_at) == (1, "running", MONDAY + 27 * HOUR)
    assert again.records.get(kind="revoked").outcome.state == "met"
    assert "sla.revoked" in kinds(ticket)
    assert clock(ticket, "next_response").due_at == MONDAY + 26 * HOUR
    no_drift(MONDAY + 24 * HOUR)
    actions.resolve(ticket.number, actor=agent, at=MONDAY + 29 * HOUR)
    assert clock(ticket, "resolution").state == "breached"
    assert [row.number for row in again.outcomes.order_by("number")] == [1, 2]
    no_drift(MONDAY + 29 * HOUR)


def test_a_withdrawn_reply_gives_the_clock_back(policy, agent):
    ticket = file_ticket()
    sent = actions.reply(ticket.number, "Oops", actor=agent, at=MONDAY + MINUTE)
    actions.withdraw(
        ticket.number, sent.message_id, actor=agent, at=MONDAY + MINUTE + timedelta(seconds=5)
    )
    again = clock(ticket, "first_response")
    assert (again.state, again.due_at) == ("running", MONDAY + HOUR)
    assert (clock(ticket, "update").state, clock(ticket, "update").reason) == (
        "cancelled",
        "withdrawn",
    )
    no_drift(MONDAY + 2 * MINUTE)
    actions.reply(ticket.number, "Right", actor=agent, at=MONDAY + 3 * MINUTE)
    assert clock(ticket, "update").state == "running"
    no_drift(MONDAY + 4 * MINUTE)


def test_r4_spam_cancels_every_clock_and_taking_it_back_revives_them(policy, agent):
    ticket = file_ticket()
    actions.mark_spam(ticket.number, actor=agent, at=MONDAY + 10 * MINUTE)
    assert {row.reason for row in ticket.clocks.all()} == {"spam"}
    ticket.refresh_from_db()
    assert ticket.due_at is None
    actions.unmark_spam(ticket.number, actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "first_response").due_at == MONDAY + HOUR + 50 * MINUTE
    no_drift(MONDAY + HOUR)


def test_w4_a_reply_that_was_accepted_in_time_voids_the_breach(policy, agent):
    ticket = file_ticket()
    with transaction.atomic():  # the sweep comes a moment before the reply is stored
        settle([ticket], happenings_of([ticket.pk]), MONDAY + HOUR + timedelta(seconds=2))
    assert clock(ticket, "first_response").state == "breached"
    actions.reply(ticket.number, "In time", actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "first_response").state == "met"
    voided = Record.objects.get(kind="voided")
    assert voided.corrects.kind == "breached"
    assert kinds(ticket).count("sla.revoked") == 1
    no_drift(MONDAY + HOUR + MINUTE)


def test_t8_an_empty_category_uses_the_row_any_category_and_setting_it_re_enters_t1(agent):
    make_default(save_policy(targets={
        "resolution": {**amounts("4h"), "corrective": {"normal": "2h"}},
    }))  # fmt: skip
    ticket = file_ticket()
    assert clock(ticket, "resolution").due_at == MONDAY + 4 * HOUR
    actions.set_category(ticket.number, "corrective", actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "resolution").due_at == MONDAY + 2 * HOUR
    actions.set_category(ticket.number, "support", actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "resolution").due_at == MONDAY + 4 * HOUR
    no_drift(MONDAY + HOUR)


def test_t1_a_higher_priority_takes_effect_at_the_change(agent):
    targets = {"resolution": {"": {"low": "8h", "normal": "4h", "high": "2h", "urgent": "1h"}}}
    make_default(save_policy(targets=targets))
    ticket = file_ticket()
    actions.set_priority(ticket.number, "urgent", actor=agent, at=MONDAY + 2 * HOUR)
    tight = clock(ticket, "resolution")
    assert (tight.due_at, tight.cause) == (MONDAY + 2 * HOUR, "target_change")
    no_drift(MONDAY + 2 * HOUR)


def test_t5_a_policy_that_promises_less_cancels_at_once(agent, policy):
    product = ProductFactory()
    save_policy(
        targets={"first_response": amounts("1h")}, document={"match": {"product": product.key}}
    )
    ticket = file_ticket()
    actions.set_product(ticket.number, product, actor=agent, at=MONDAY + MINUTE)
    gone = clock(ticket, "resolution")
    assert (gone.state, gone.reason, gone.next_fire_at) == ("cancelled", "no_policy", None)
    actions.set_product(ticket.number, None, actor=agent, at=MONDAY + HOUR)
    assert clock(ticket, "resolution").due_at == MONDAY + HOUR + 239 * MINUTE
    no_drift(MONDAY + HOUR)


def test_t7_a_due_time_set_by_hand_is_shown_as_manual(policy, agent):
    ticket = file_ticket()
    due = MONDAY + 30 * HOUR
    promises.set_due(ticket.number, "resolution", due, actor=agent, at=MONDAY + MINUTE)
    by_hand = clock(ticket, "resolution")
    assert (by_hand.due_at, by_hand.is_manual) == (due, True)
    promises.set_due(ticket.number, "resolution", None, actor=agent, at=MONDAY + 2 * MINUTE)
    assert clock(ticket, "resolution").due_at == MONDAY + 4 * HOUR
    no_drift(MONDAY + 3 * MINUTE)


def test_t9_the_calendar_is_counted_in_the_organisations_zone():
    calendar = save_calendar(document={
        "timezone": "organisation", "weekly": {"mon": [["09:00", "17:00"]]}, "hours_per_day": 8,
    })  # fmt: skip
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts("1h")}))
    tokyo = OrganisationFactory(time_zone="Asia/Tokyo")
    # Monday 9:00 UTC is 18:00 in Tokyo, where the next opening is a week away.
    away = file_ticket(UserFactory(organisation=tokyo))
    assert clock(away, "resolution").due_at == MONDAY + timedelta(days=6, hours=16)
    assert clock(file_ticket(), "resolution").due_at == MONDAY + HOUR


def test_versions_records_and_outcomes_are_never_changed(policy, agent):
    ticket = file_ticket()
    actions.reply(ticket.number, "Sorry", actor=agent, at=MONDAY + 2 * HOUR)
    for table in ("record", "outcome", "policyversion", "calendarversion", "target", "choice"):
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            connection.cursor().execute(f"UPDATE sla_{table} SET id = id")


def test_the_due_time_is_the_earliest_of_live_clocks_breached_ones_included(policy, agent):
    ticket = file_ticket()
    actions.set_tags(ticket.number, ["slow"], actor=agent, at=MONDAY + 2 * HOUR)
    ticket.refresh_from_db()
    assert ticket.due_at == MONDAY + HOUR
    assert Clock.objects.filter(ticket=ticket).count() == 2
    assert Event.objects.filter(ticket=ticket, kind="sla.breached").count() == 0
