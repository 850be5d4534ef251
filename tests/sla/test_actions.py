"""Calendars, policies and agreements: what is refused, what becomes a version, who follows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import translation

from accounts.actions.groups import save_organisation
from accounts.errors import Invalid, NameTaken, NotAllowed
from sla import actions
from sla.audit import drift
from sla.calendar_documents import zone_version
from sla.models import CalendarVersion, Clock, Cover, Rollout
from sla.rollout import CHUNK, follow_changes
from tests.dying import dying_at, in_threads
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import (
    ALWAYS,
    WEEKDAYS,
    agree,
    amounts,
    make_default,
    save_calendar,
    save_policy,
)
from tickets import actions as desk

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def clock(ticket, metric="resolution"):
    return ticket.clocks.filter(metric=metric).order_by("-seq").first()


def test_an_edit_makes_the_next_version():
    calendar = save_calendar()
    save_calendar(calendar, document=WEEKDAYS)
    calendar.refresh_from_db()
    assert [version.number for version in calendar.versions.order_by("number")] == [1, 2]
    assert calendar.current.document["weekly"] == WEEKDAYS["weekly"]
    policy = save_policy()
    save_policy(policy)
    policy.refresh_from_db()
    assert policy.current.number == 2


def test_c6_what_cannot_be_kept_is_refused_in_the_readers_language():
    with translation.override("de"), pytest.raises(Invalid) as refusal:
        save_calendar(document={"timezone": "Europe/Atlantis", "weekly": WEEKDAYS["weekly"]})
    assert str(refusal.value) == "„Europe/Atlantis“ ist keine Zeitzone der tz-Datenbank."


def test_c6_what_cannot_be_kept_is_refused_with_its_field():
    with pytest.raises(Invalid) as refusal:
        save_calendar(document={"timezone": "UTC", "weekly": {"mon": [["17:00", "09:99"]]}})
    assert refusal.value.pointer == "document.weekly.mon[0]"


@pytest.mark.parametrize(
    ("targets", "pointer"),
    [
        ({"resolution": {"": {"low": "1h"}}}, "targets.resolution"),
        ({"resolution": {"corrective": {"low": "1h"}}}, "targets.resolution"),
        ({"waiting": amounts("1h")}, "targets"),
        ({"resolution": amounts("0h")}, "targets.resolution.any.low"),
        ({"resolution": amounts(-5)}, "targets.resolution.any.low"),
        ({"resolution": amounts("soon")}, "targets.resolution.any.low"),
        ({"resolution": amounts("900000h")}, "targets.resolution.any.low"),
        ({"resolution": {**amounts("1h"), "broken": {}}}, "targets.resolution"),
    ],
)
def test_t8_targets_that_cannot_be_kept_are_refused(targets, pointer):
    with pytest.raises(Invalid) as refusal:
        save_policy(targets=targets)
    assert refusal.value.pointer == pointer


@pytest.mark.parametrize(
    "document",
    [
        {"pause": {"resolution": ["closed"]}},
        {"on_reopen": "forget"},
        {"reopen_minimum_percent": 101},
        {"match": {"colour": ["red"]}},
        {"match": {"teams": []}},
        {"steps": {"resolution": [{"name": "x"}]}},
        {"steps": {"resolution": [{"name": "x", "percent": 0}]}},
        {"steps": {"resolution": [{"name": "", "percent": 5}]}},
        {"steps": {"resolution": [{"name": "x", "offset": "1h"}]}},
        {"surprise": 1},
    ],
)
def test_rules_that_make_no_sense_are_refused(document):
    with pytest.raises(Invalid):
        save_policy(document=document)


def test_c4_a_target_in_days_is_business_days_of_its_calendar():
    policy = save_policy(
        calendar=save_calendar(document=WEEKDAYS), targets={"resolution": amounts("2d")}
    )
    assert set(policy.current.targets.values_list("seconds", flat=True)) == {16 * 3600}


def test_only_an_admin_edits_promises():
    agent = as_agent(AgentFactory())
    with pytest.raises(NotAllowed):
        actions.save_calendar(None, actor=agent, at=MONDAY, name="Mine", document=ALWAYS)
    admin = as_agent(AdminFactory())
    version = actions.save_calendar(None, actor=admin, at=MONDAY, name="Mine", document=ALWAYS)
    assert version.created_by == admin.name
    with pytest.raises(NameTaken):
        actions.save_calendar(None, actor=admin, at=MONDAY, name="MINE", document=ALWAYS)


def test_t6_live_clocks_follow_an_edited_policy_and_ended_ones_do_not():
    policy = make_default(save_policy(targets={"resolution": amounts("4h")}))
    live, ended = file_ticket(category="support"), file_ticket(category="support")
    desk.resolve(ended.number, actor=as_agent(), at=MONDAY + HOUR)
    save_policy(policy, at=MONDAY + HOUR, targets={"resolution": amounts("8h")})
    follow_changes(MONDAY + HOUR)
    assert clock(live).due_at == MONDAY + 8 * HOUR
    assert (clock(ended).state, clock(ended).target) == ("met", 4 * 3600)
    assert list(drift(MONDAY + HOUR)) == []
    assert not Rollout.objects.filter(done_at=None).exists()


def test_t6_an_unchanged_clock_notices_nothing():
    policy = make_default(save_policy(targets={"resolution": amounts("4h")}))
    ticket = file_ticket()
    save_policy(policy, at=MONDAY + HOUR, targets={"resolution": amounts("4h")})
    follow_changes(MONDAY + HOUR)
    assert (clock(ticket).generation, clock(ticket).due_at) == (1, MONDAY + 4 * HOUR)


@pytest.mark.django_db(transaction=True)
def test_t6_a_rollout_goes_on_where_it_was_interrupted():
    policy = make_default(save_policy(targets={"resolution": amounts("4h")}))
    person = UserFactory()
    tickets = [file_ticket(person) for _ in range(CHUNK + 2)]
    follow_changes(MONDAY)
    save_policy(policy, at=MONDAY + HOUR, targets={"resolution": amounts("8h")})
    with (
        dying_at("sla_clock", f"NEW.ticket_id = {tickets[-1].pk}"),
        pytest.raises(OperationalError, match="terminat"),
    ):
        in_threads(1, lambda: follow_changes(MONDAY + HOUR))
    begun = Rollout.objects.get(done_at=None, next_number__gt=0)
    assert begun.next_number == tickets[CHUNK - 1].pk + 1
    followed = Clock.objects.filter(due_at=MONDAY + 8 * HOUR)
    assert followed.count() == CHUNK
    assert follow_changes(MONDAY + HOUR) >= 2
    assert followed.count() == CHUNK + 2
    assert list(drift(MONDAY + HOUR)) == []


def test_t6_a_forgotten_holiday_is_counted_out_of_live_clocks():
    calendar = save_calendar(document=WEEKDAYS)
    make_default(save_policy(calendar=calendar, targets={"resolution": amounts("24h")}))
    ticket = file_ticket()
    wednesday = MONDAY + 2 * DAY
    save_calendar(
        calendar,
        document={**WEEKDAYS, "holidays": ["2026-01-06"]},
        at=wednesday,
        counted_from=MONDAY,
    )
    assert clock(ticket).due_at == MONDAY + 2 * DAY + 8 * HOUR
    follow_changes(wednesday)
    assert clock(ticket).due_at == MONDAY + 3 * DAY + 8 * HOUR
    assert clock(ticket).banked == 8 * 3600
    assert list(drift(wednesday)) == []


def test_t9_an_organisation_that_moves_swaps_its_calendar():
    make_default(
        save_policy(
            calendar=save_calendar(document=WEEKDAYS), targets={"resolution": amounts("16h")}
        )
    )
    acme = OrganisationFactory(time_zone="UTC")
    ticket = file_ticket(UserFactory(organisation=acme))
    save_organisation(
        acme, actor=as_agent(AdminFactory()), at=MONDAY + HOUR, time_zone="Europe/Athens"
    )
    follow_changes(MONDAY + HOUR)
    # One hour is used; Athens closes two hours earlier, so 5 + 8 + 2 hours are left there.
    assert clock(ticket).due_at == MONDAY + 2 * DAY
    assert list(drift(MONDAY + HOUR)) == []
    assert follow_changes(MONDAY + 2 * HOUR) == 0


def test_c8_newer_zone_rules_make_a_new_version():
    calendar = save_calendar(document=WEEKDAYS)
    calendar.current = CalendarVersion.objects.create(
        calendar=calendar, number=2, document=WEEKDAYS, tzdata="2020.1", created_at=MONDAY
    )
    calendar.save()
    follow_changes(MONDAY)
    calendar.refresh_from_db()
    assert (calendar.current.number, calendar.current.tzdata) == (3, zone_version())
    assert calendar.current.document == WEEKDAYS
    follow_changes(MONDAY)
    assert CalendarVersion.objects.filter(calendar=calendar).count() == 3


def test_t9_a_metric_may_have_a_calendar_of_its_own():
    always = save_calendar()
    policy = save_policy(
        calendar=save_calendar(document=WEEKDAYS),
        document={"calendars": {"first_response": always.pk}},
    )
    make_default(policy)
    saturday = MONDAY + 5 * DAY
    ticket = file_ticket(at=saturday)
    assert clock(ticket, "first_response").due_at == saturday + HOUR
    assert clock(ticket).due_at == saturday + 2 * DAY + 4 * HOUR


def test_an_agreement_holds_from_its_first_instant_to_its_last():
    make_default(save_policy(targets={"resolution": amounts("40h")}))
    acme = OrganisationFactory()
    ticket = file_ticket(UserFactory(organisation=acme))
    plan = save_policy(is_plan=True, targets={"resolution": amounts("10h")})
    agree(acme, plan, valid_from=MONDAY + HOUR, valid_until=MONDAY + 3 * HOUR)
    follow_changes(MONDAY)
    assert clock(ticket).due_at == MONDAY + 40 * HOUR
    follow_changes(MONDAY + HOUR)
    assert clock(ticket).due_at == MONDAY + 10 * HOUR
    follow_changes(MONDAY + 3 * HOUR)
    assert clock(ticket).due_at == MONDAY + 40 * HOUR
    assert list(drift(MONDAY + 3 * HOUR)) == []


def test_t9_two_agreements_never_cover_one_product_at_an_instant():
    acme, plan = OrganisationFactory(), save_policy(is_plan=True)
    ledger, courier = ProductFactory(), ProductFactory()
    first = agree(acme, plan, products=[ledger], valid_until=MONDAY + 10 * DAY)
    agree(acme, plan, products=[courier])
    agree(acme, plan, products=[ledger], valid_from=MONDAY + 10 * DAY)
    agree(OrganisationFactory(), plan)
    for products in ([ledger], []):
        with pytest.raises(actions.AgreementOverlaps):
            agree(acme, plan, products=products, valid_from=MONDAY + DAY)
    with pytest.raises(IntegrityError, match="one_valid_agreement"), transaction.atomic():
        Cover.objects.create(
            agreement=first, organisation=acme, product=None, valid_from=MONDAY + DAY
        )


def test_an_agreement_may_be_changed_in_place():
    acme, plan = OrganisationFactory(), save_policy(is_plan=True)
    agreement = agree(acme, plan)
    actions.save_agreement(
        agreement, actor=as_agent(AdminFactory()), at=MONDAY, organisation=acme, policy=plan,
        valid_from=MONDAY, valid_until=MONDAY + DAY, account_manager=AgentFactory(),
    )  # fmt: skip
    agreement.refresh_from_db()
    assert agreement.valid_until == MONDAY + DAY
    assert agreement.covers.get().valid_until == MONDAY + DAY


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"valid_until": MONDAY}, "valid_until"),
        ({"account_manager": "customer"}, "account_manager"),
    ],
)
def test_an_agreement_that_makes_no_sense_is_refused(more, pointer):
    if "account_manager" in more:
        more = {"account_manager": UserFactory()}
    with pytest.raises(Invalid) as refusal:
        agree(OrganisationFactory(), save_policy(is_plan=True), **more)
    assert refusal.value.pointer == pointer


def test_a_due_time_in_the_past_or_for_nothing_is_refused():
    make_default(save_policy(targets={"resolution": amounts("4h")}))
    ticket, agent = file_ticket(), as_agent()
    for metric, due_at in (("update", MONDAY + DAY), ("resolution", MONDAY - HOUR)):
        with pytest.raises(Invalid):
            actions.set_due(ticket.number, metric, due_at, actor=agent, at=MONDAY + HOUR)


@pytest.mark.parametrize("since", [datetime(1, 1, 1, tzinfo=UTC), MONDAY + DAY])
def test_also_for_the_past_begins_in_a_past_that_there_was(since):
    calendar = save_calendar(document=WEEKDAYS)
    with pytest.raises(Invalid) as refusal:
        save_calendar(calendar, document=WEEKDAYS, counted_from=since)
    assert refusal.value.pointer == "counted_from"


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"holidays": ["0001-01-01"]}, "document.holidays[0]"),
        ({"holidays": ["9999-12-31"]}, "document.holidays[0]"),
        ({"holidays": ["20261224"]}, "document.holidays[0]"),
        ({"exceptions": {"0001-01-01": []}}, "document.exceptions.0001-01-01"),
        (
            {"weekly": {"mon": [[f"{h:02d}:{m:02d}", f"{h:02d}:{m + 1:02d}"]
                                for h in range(24) for m in (0, 30)]}},
            "document.weekly.mon",
        ),
    ],
)  # fmt: skip
def test_dates_and_days_that_nobody_means_are_refused(document, place):
    with pytest.raises(Invalid) as refusal:
        save_calendar(document={**WEEKDAYS, **document})
    assert refusal.value.pointer == place


def test_t6_an_edit_that_cannot_be_followed_does_not_stop_the_others(caplog):
    calendar = save_calendar(document=WEEKDAYS)
    policy = make_default(save_policy(calendar=calendar, targets={"resolution": amounts("4h")}))
    ticket = file_ticket()
    follow_changes(MONDAY)
    with connection.cursor() as cursor:  # as an older release may have left it
        cursor.execute(
            "INSERT INTO sla_rollout (calendar_version_id, what, created_by, effective_from,"
            " looked_at, changed, next_number) VALUES (%s, '', '', '0001-01-01 BC', 0, 0, 0)",
            [calendar.current_id],
        )
    save_policy(policy, at=MONDAY + HOUR, targets={"resolution": amounts("8h")})
    follow_changes(MONDAY + HOUR)
    assert clock(ticket).due_at == MONDAY + 8 * HOUR
    assert "cannot be followed" in caplog.text
