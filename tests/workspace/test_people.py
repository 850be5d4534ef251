"""Customers and organisations in the workspace, new tickets on their behalf, search, profile."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.tokens import create_token
from accounts.models import Organisation, User
from tests.api.conftest import Caller
from tests.factories import (
    AgentFactory,
    ComponentFactory,
    OrganisationFactory,
    ProductFactory,
    ReleaseFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.workspace.conftest import text_of
from tickets import actions, tasks
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.usefixtures("clock")


def test_a_person_is_made_changed_and_found_by_name(desk: Client):
    acme = OrganisationFactory(name="Acme")
    answer = desk.post(
        reverse("workspace:new_person"),
        {"email": "Ana@acme.example", "name": "Ana Duarte", "organisation": acme.pk},
    )
    ana = User.objects.get(email="ana@acme.example")
    assert answer["Location"] == reverse("workspace:person", args=[ana.pk])
    assert ana.email_verified_at is not None
    desk.post(
        answer["Location"],
        {"email": "ana@acme.example", "name": "Ana Lima", "organisation": acme.pk,
         "sees_organisation": "on"},
    )  # fmt: skip
    ana.refresh_from_db()
    assert (ana.name, ana.sees_organisation) == ("Ana Lima", True)
    assert "Ana Lima" in text_of(desk.get(reverse("workspace:people"), {"q": "lim"}))
    assert "Nobody by that name" in text_of(desk.get(reverse("workspace:people"), {"q": "zzz"}))
    suggested = text_of(desk.get(reverse("workspace:suggest_people"), {"to": "ana"}))
    assert 'value="ana@acme.example"' in suggested


def test_a_taken_address_stands_at_its_field_and_keeps_what_was_typed(desk: Client):
    UserFactory(email="ana@acme.example")
    answer = desk.post(
        reverse("workspace:new_person"), {"email": "ana@acme.example", "name": "Somebody"}
    )
    assert answer.status_code == 422
    assert answer.context["form"].errors["email"] == [
        "Another person already has this e-mail address."
    ]
    assert 'value="Somebody"' in text_of(answer)


def test_people_are_listed_page_by_page(desk: Client):
    for number in range(60):
        UserFactory(name=f"Same Name {number % 3}")
    seen: list[int] = []
    address = reverse("workspace:people")
    while address:
        answer = desk.get(address)
        seen += [person.pk for person in answer.context["people"]]
        address = answer.context["page"]["next"]
    assert len(seen) == len(set(seen)) == 60


def test_agents_are_not_changed_on_the_customers_page(desk: Client):
    colleague = AgentFactory(name="Tom")
    address = reverse("workspace:person", args=[colleague.pk])
    desk.post(address, {"email": "evil@desk.example", "name": "Evil"})
    colleague.refresh_from_db()
    assert colleague.name == "Tom"


def test_two_accounts_become_one_by_an_admin_only(desk: Client, admins_desk: Client):
    old, new = UserFactory(email="old@acme.example"), UserFactory(email="new@acme.example")
    ticket = file_ticket(old)
    address = reverse("workspace:merge", args=[old.pk])
    assert desk.post(address, {"into": new.email}).status_code == 403
    assert "Nobody has this address." in text_of(
        admins_desk.post(address, {"into": "none@acme.example"}, follow=True)
    )
    page = text_of(admins_desk.post(address, {"into": new.email}, follow=True))
    assert "Merged; 1 tickets moved" in page
    ticket.refresh_from_db()
    assert ticket.requester == new
    assert "merged into" in text_of(desk.get(reverse("workspace:person", args=[old.pk])))


def test_an_organisation_has_its_domains(desk: Client):
    answer = desk.post(
        reverse("workspace:new_organisation"),
        {"name": "Acme", "domains": "acme.example\n@acme.test", "time_zone": "Europe/Vienna"},
    )
    acme = Organisation.objects.get()
    domains = sorted(each.domain for each in acme.domains.all())
    assert domains == ["acme.example", "acme.test"]
    refused = desk.post(answer["Location"], {"name": "Acme", "domains": "no domain"})
    assert refused.status_code == 422
    assert "no domain" in text_of(refused)
    OrganisationFactory(name="Borealis")
    taken = desk.post(answer["Location"], {"name": "borealis", "domains": ""})
    assert taken.context["form"].errors["name"] == ["This name is already used."]


def test_a_ticket_is_opened_on_behalf_of_somebody_new(desk: Client, agent: User):
    product = ProductFactory(name="Ledger")
    component, release = ComponentFactory(product=product), ReleaseFactory(product=product)
    field = FieldDefinition.objects.create(
        key="environment", label="Environment", type="choice", choices=["production", "test"],
        is_required=True,
    )  # fmt: skip
    field.products.add(product)
    team = TeamFactory()
    address = reverse("workspace:new")
    form = {
        "requester": "ana@acme.example", "requester_name": "Ana", "subject": "Called about export",
        "body": "She cannot export.", "category": "corrective", "priority": "high",
        "product": product.pk, "component": component.pk, "affected_release": release.pk,
        "assignee": agent.pk, "team": team.pk, "tags": "phone, export",
    }  # fmt: skip
    again = desk.post(address, {**form, "again": "1"})
    assert "Environment" in text_of(again)
    assert not Ticket.objects.exists()
    missing = desk.post(address, form)
    assert missing.status_code == 422
    assert "fields.environment" in missing.context["form"].errors
    assert "She cannot export." in text_of(missing)
    answer = desk.post(address, {**form, "fields.environment": "test"})
    ticket = Ticket.objects.get()
    assert answer["Location"] == reverse("workspace:ticket", args=[ticket.number])
    assert ticket.requester.name == "Ana"
    assert (ticket.source, ticket.status, ticket.priority) == ("agent", "open", "high")
    assert ticket.category_confirmed_at is not None
    assert ticket.fields == {"environment": "test"}
    assert (ticket.component, ticket.affected_release) == (component, release)
    assert ticket.tags.count() == 2


@pytest.mark.parametrize("door", ["new", "change", "api"])
@pytest.mark.parametrize("address", ["old@acme.example", "stranger@acme.example"])
def test_a_requester_is_found_or_made_alike_at_every_door(
    desk: Client, agent: User, admin: User, clock, door: str, address: str
):
    acme = OrganisationFactory(domain="acme.example")
    old, new = UserFactory(email="old@acme.example"), UserFactory(email="new@acme.example")
    actions.merge_people(old, new, actor=as_agent(admin), at=clock.now)
    if door == "new":
        form = {"requester": address, "subject": "x", "body": "y", "priority": "normal"}
        desk.post(reverse("workspace:new"), form)
    elif door == "change":
        number = file_ticket(at=clock.now).number
        desk.post(reverse("workspace:change", args=[number, "requester"]), {"to": address})
    else:
        _token, text = create_token(
            "x", ["tickets:write", "people:act_as"], actor=as_agent(agent), at=clock.now,
            user=agent,
        )  # fmt: skip
        body = {"subject": "x", "body": "y", "requester": {"email": address}}
        Caller(text)("POST", "/tickets/", body)
    requester = Ticket.objects.get().requester
    expected = (new.email, None) if address == old.email else (address, acme)
    assert (requester.email, requester.organisation) == expected


def test_a_refused_opening_makes_nobody(desk: Client):
    answer = desk.post(
        reverse("workspace:new"),
        {"requester": "ana@acme.example", "subject": "x", "body": "y", "priority": "normal",
         "tags": "t" * 61},
    )  # fmt: skip
    assert answer.status_code == 422
    assert not User.objects.filter(email="ana@acme.example").exists()


def test_search_finds_words_notes_people_and_numbers(desk: Client, agent: User):
    ana = UserFactory(name="Ana Duarte", organisation=OrganisationFactory(name="Acme"))
    ticket = file_ticket(ana, subject="Ledger export", body="The quarterly statement fails.")
    actions.note(ticket.number, "zebra", actor=as_agent(agent), at=ticket.created_at)
    address = reverse("workspace:search")
    for words in ("quarterly", "zebra", "duarte led", "Acme"):
        assert "Ledger export" in text_of(desk.get(address, {"q": words})), words
    assert "No ticket matches" in text_of(desk.get(address, {"q": "giraffe"}))
    assert desk.get(address, {"q": f"#{ticket.number}"})["Location"] == reverse(
        "workspace:ticket", args=[ticket.number]
    )
    page = text_of(desk.get(address, {"q": "Ana"}))
    assert reverse("workspace:person", args=[ana.pk]) in page


def test_search_asks_whether_something_else_was_meant(desk: Client, clock):
    file_ticket(subject="Ledger export", category="support", at=clock.now)
    tasks.count_words()
    address = reverse("workspace:search")
    page = text_of(desk.get(address, {"q": 'category:support "ledgre export"'}))
    right = "category:support &quot;ledger export&quot;"
    link = "?q=category%3Asupport+%22ledger+export%22"
    assert f'Did you mean <a href="{address}{link}">{right}</a>?' in page
    assert "No ticket matches" in page
    assert "Ledger export" in text_of(desk.get(f"{address}{link}"))
    for nothing in ("ledger", "category:corrective ledgre", "giraffe", "+"):
        assert "Did you mean" not in text_of(desk.get(address, {"q": nothing})), nothing


def test_a_search_with_few_hits_costs_the_same_for_many_words(desk: Client, clock):
    desk.get(reverse("workspace:search"))  # what is remembered from page to page
    counts = []
    for size in (1, 20):
        for place in range(size):
            subject = f"Export exported{'abcdefghijklmnopqrstuvw'[place]}"
            file_ticket(subject=subject, at=clock.now)
        tasks.count_words()
        with CaptureQueriesContext(connection) as queries:
            page = text_of(desk.get(reverse("workspace:search"), {"q": "exprot"}))
        assert "Did you mean" in page
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 25


def test_who_goes_away_says_so_in_the_profile_and_comes_back(desk: Client, agent: User):
    said = {"name": "Mia", "theme": "dark", "language": "en", "time_zone": ""}
    for given, is_away in (({"is_away": "on"}, True), ({}, False)):
        desk.post(reverse("workspace:profile"), {**said, **given})
        agent.refresh_from_db()
        assert agent.is_away is is_away


def test_the_profile_switches_single_keys_off_and_remembers_colours(desk: Client, agent: User):
    address = reverse("workspace:profile")
    answer = desk.post(
        address, {"name": "Mia", "time_zone": "Europe/Berlin", "theme": "dark", "language": "en"}
    )
    agent.refresh_from_db()
    assert (agent.name, agent.time_zone, agent.single_keys) == ("Mia", "Europe/Berlin", False)
    assert answer.cookies["desk_theme"].value == "dark"
    page = text_of(desk.get("/agent/"))
    assert 'data-keys="off"' in page
    assert 'data-theme="dark"' in page
