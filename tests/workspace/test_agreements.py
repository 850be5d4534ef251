"""Agreements on their pages: made, changed and ended in days, and nothing typed is lost."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import DeskSettings
from products.models import Product
from sla import rollout
from sla.models import Agreement
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import agree, save_policy
from tests.workspace.conftest import text_of
from tickets.actions import log_time

pytestmark = pytest.mark.usefixtures("clock")
NEW, LIST = reverse("workspace:new_agreement"), reverse("workspace:agreements")


@pytest.fixture
def acme(db):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Berlin"})
    return OrganisationFactory(name="Acme")


@pytest.fixture
def plan(db):
    return save_policy()


def typed(organisation, plan, **more):
    return {"organisation": organisation.pk, "policy": plan.pk, "first_day": "2026-03-01",
            "last_day": "2026-12-31", "notes": "As signed.", **more}  # fmt: skip


def edit(agreement):
    return reverse("workspace:edit_agreement", args=[agreement.pk])


def test_an_admin_makes_an_agreement_in_days_of_the_desk(admins_desk: Client, acme, plan):
    mia, ana, ledger = AgentFactory(), UserFactory(organisation=acme), ProductFactory()
    sent = typed(acme, plan, products=[ledger.pk], account_manager=mia.pk, contacts=[ana.pk],
                 most_contacts=3, hours_a_month=0)  # fmt: skip
    answer = admins_desk.post(NEW, sent)
    made = Agreement.objects.get()
    assert answer["Location"] == reverse("workspace:agreement", args=[made.pk])
    assert made.valid_from == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert made.valid_until == datetime(2026, 12, 31, 23, tzinfo=UTC)
    assert [cover.product for cover in made.covers.all()] == [ledger]
    assert (made.account_manager, list(made.contacts.all())) == (mia, [ana])
    assert (made.most_contacts, made.hours_a_month, made.notes) == (3, 0, "As signed.")


def test_the_tickets_of_the_organisation_are_due_by_its_plan(
    admins_desk: Client, acme, plan, clock
):
    ticket = file_ticket(UserFactory(organisation=acme), at=clock.now)
    admins_desk.post(NEW, typed(acme, plan))
    rollout.follow_changes(clock.now)
    ticket.refresh_from_db()
    assert ticket.due_at == clock.now + timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"last_day": "2026-02-01"}, "last_day", "An agreement ends after it begins."),
        ({"first_day": ""}, "first_day", "This field is required."),
        ({"first_day": "9999-12-31"}, "first_day", "Choose a day between 1970 and 2200."),
        ({"last_day": "0001-01-01"}, "last_day", "Choose a day between 1970 and 2200."),
        ({"most_contacts": "1"}, "contacts", "The agreement allows 1 named contacts."),
        ({"hours_a_month": "-1"}, "hours_a_month", "greater than or equal to 0"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(
    admins_desk: Client, acme, plan, change, field, sentence
):
    people = [UserFactory(organisation=acme, name=f"P{number}").pk for number in range(2)]
    answer = admins_desk.post(NEW, typed(acme, plan, contacts=people, **change))
    assert answer.status_code == 422
    form = answer.context["form"]
    assert sentence in " ".join(form.errors[field])
    assert list(form.errors) == [field]
    page = text_of(answer)
    assert "As signed." in page
    for pk in people:
        assert f'value="{pk}"' in page
    assert page.count("checked") == len(people)
    assert not Agreement.objects.exists()


def test_two_agreements_for_one_product_at_a_time_are_refused_at_the_first_day(
    admins_desk: Client, acme, plan
):
    agree(acme, plan)
    answer = admins_desk.post(NEW, typed(acme, plan))
    assert list(answer.context["form"].errors) == ["first_day"]


def test_contacts_ticked_before_another_organisation_was_chosen_are_refused_by_name(
    admins_desk: Client, acme, plan
):
    stranger = UserFactory(name="Zoe Stranger", organisation=OrganisationFactory())
    answer = admins_desk.post(NEW, typed(acme, plan, contacts=[stranger.pk]))
    assert answer.context["form"].errors["contacts"] == [
        "Named contacts belong to the organisation."
    ]
    assert "Zoe Stranger" in text_of(answer)


def test_choosing_the_organisation_brings_its_people_and_keeps_what_was_typed(
    admins_desk: Client, acme, plan
):
    UserFactory(name="Ana Duarte", organisation=acme)
    assert "Named contacts" not in text_of(admins_desk.get(NEW))
    again = text_of(admins_desk.post(NEW, {**typed(acme, plan), "again": "1"}))
    assert "Ana Duarte" in again
    assert "As signed." in again
    assert 'value="2026-12-31"' in again


def test_a_change_keeps_the_exact_instants_of_days_that_nobody_touched(
    admins_desk: Client, acme, plan
):
    made = agree(acme, plan, valid_until=MONDAY + timedelta(days=100, minutes=7))
    page = admins_desk.get(edit(made))
    begun = page.context["form"].initial
    sent = {"policy": plan.pk, "first_day": begun["first_day"], "last_day": begun["last_day"],
            "notes": "New"}  # fmt: skip
    admins_desk.post(edit(made), sent)
    after = Agreement.objects.get()
    assert (after.valid_from, after.valid_until) == (made.valid_from, made.valid_until)
    assert after.notes == "New"


def test_an_agreement_is_ended_after_a_day(admins_desk: Client, acme, plan):
    made = agree(acme, plan)
    end = reverse("workspace:end_agreement", args=[made.pk])
    admins_desk.post(end, {"last_day": "2026-03-03"})
    made.refresh_from_db()
    assert made.valid_until == datetime(2026, 3, 3, 23, tzinfo=UTC)
    assert made.covers.get().valid_until == made.valid_until
    for wrong in ("2020-01-01", "", "2026-02-30", "9" * 19):
        refused = admins_desk.post(end, {"last_day": wrong}, follow=True)
        assert "An agreement ends" in text_of(refused) or "Choose a day" in text_of(refused)
    made.refresh_from_db()
    assert made.valid_until == datetime(2026, 3, 3, 23, tzinfo=UTC)


def test_a_plan_that_is_offered_no_more_stays_with_those_who_bought_it(
    admins_desk: Client, acme, plan
):
    made = agree(acme, plan)
    plan.is_plan = False
    plan.save()
    other = OrganisationFactory()
    assert "policy" in admins_desk.post(NEW, typed(other, plan)).context["form"].errors
    answer = admins_desk.post(edit(made), typed(acme, plan))
    assert answer.status_code == 302


def test_agents_read_agreements_and_change_none(desk: Client, acme, plan):
    made = agree(acme, plan, notes="For us")
    assert "Acme" in text_of(desk.get(LIST))
    page = text_of(desk.get(reverse("workspace:agreement", args=[made.pk])))
    assert "For us" in page
    assert "End the agreement" not in page
    assert desk.get(NEW).status_code == 403
    assert desk.post(edit(made), {}).status_code == 403
    assert desk.post(reverse("workspace:end_agreement", args=[made.pk])).status_code == 403


def names(answer):
    return [line.agreement.organisation.name for line in answer.context["lines"]]


def test_the_list_shows_what_is_valid_ends_soon_or_ended(desk: Client, plan, clock):
    def bought(name, **days):
        moments = {key: clock.now + timedelta(days=count) for key, count in days.items()}
        return agree(OrganisationFactory(name=name), plan, **moments)

    bought("Endless")
    bought("Over", valid_until=-1)
    bought("Month", valid_until=20)
    bought("Quarter", valid_until=80)
    bought("Later", valid_from=10)
    renewed = bought("Renewed", valid_until=15)
    agree(renewed.organisation, plan, valid_from=renewed.valid_until)
    assert names(desk.get(LIST)) == [
        "Renewed", "Month", "Quarter", "Endless", "Later", "Renewed",
    ]  # fmt: skip
    assert names(desk.get(LIST, {"show": "30"})) == ["Month"]
    assert names(desk.get(LIST, {"show": "90"})) == ["Month", "Quarter"]
    assert names(desk.get(LIST, {"show": "ended"})) == ["Over"]
    assert names(desk.get(LIST, {"show": "any", "organisation": renewed.organisation_id})) == [
        "Renewed", "Renewed",
    ]  # fmt: skip
    assert names(desk.get(LIST, {"policy": "9" * 30})) == []
    assert names(desk.get(LIST, {"after": "x|y"})) != []


@pytest.mark.parametrize("show", ["any", "ended"])
def test_a_long_list_goes_on_page_by_page_with_a_constant_number_of_queries(
    desk: Client, plan, clock, show, django_assert_max_num_queries
):
    ends = clock.now - timedelta(days=2)
    for number in range(120):
        until = ends - timedelta(hours=number // 3)
        agree(OrganisationFactory(name=f"O{number}"), plan, valid_until=until)
    seen, address = [], f"{LIST}?show={show}"
    desk.get(address)
    while address:
        with django_assert_max_num_queries(14):
            answer = desk.get(address)
        seen += names(answer)
        address = answer.context["page"]["next"]
    assert len(seen) == len(set(seen)) == 120


def test_the_page_of_an_organisation_shows_its_agreements(desk: Client, admins_desk, acme, plan):
    mia, ana = AgentFactory(name="Mia Berger"), UserFactory(organisation=acme, name="Ana Duarte")
    agree(
        acme, plan, account_manager=mia, contacts=[ana], products=[ProductFactory(name="Ledger")]
    )
    address = reverse("workspace:organisation", args=[acme.pk])
    page = text_of(desk.get(address))
    for word in (plan.name, "Mia Berger", "Ana Duarte", "Ledger", "no end"):
        assert word in page
    button = f"{NEW}?organisation={acme.pk}"
    assert button not in page
    assert button in text_of(admins_desk.get(address))
    assert admins_desk.get(button).context["form"].initial["organisation"] == str(acme.pk)
    assert Product.objects.count() == 1


def test_the_hours_used_are_shown_by_month_lead_to_their_tickets_and_leave_as_a_file(
    desk: Client, acme, plan, clock
):
    ana, ledger = UserFactory(organisation=acme), ProductFactory()
    bought = agree(
        acme, plan, at=MONDAY, hours_a_month=1, products=[ledger], contacts=[ana], most_contacts=2
    )
    ticket = file_ticket(ana, product=ledger, at=clock.now)
    for person, product in ((ana, None), (UserFactory(organisation=acme), ledger)):
        other = file_ticket(person, product=product, at=clock.now)
        log_time(other.number, 5, date(2026, 2, 3), actor=as_agent(), at=clock.now)
    log_time(ticket.number, 90, date(2026, 2, 3), actor=as_agent(), at=clock.now)
    page = desk.get(reverse("workspace:agreement", args=[bought.pk]))
    hours = page.context["hours"]
    assert [(line.use.first.month, line.use.seconds, line.share) for line in hours] == [
        (3, 0, 0), (2, 5_400, 100), (1, 0, 0),
    ]  # fmt: skip
    for words in ("1 h 30 m", "150 %", "February 2026"):
        assert words in text_of(page)
    assert [row.ticket for row in desk.get(hours[1].href).context["rows"]] == [ticket]
    sent = text_of(desk.get(reverse("workspace:agreement_hours", args=[bought.pk])))
    assert sent.split()[-3:] == ["Acme,2026-03,1,0.0", "Acme,2026-02,1,1.5", "Acme,2026-01,1,0.0"]
    assert desk.get(reverse("workspace:agreement_hours", args=[bought.pk + 1])).status_code == 404


def test_an_agreement_without_included_hours_shows_none(desk: Client, acme, plan, clock):
    bought = agree(acme, plan, at=MONDAY)
    page = desk.get(reverse("workspace:agreement", args=[bought.pk]))
    assert page.context["hours"] == []
    assert "Hours used" not in text_of(page)
