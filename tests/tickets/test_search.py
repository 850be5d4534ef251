"""By which words tickets are found, also after a name has changed."""

import pytest

from accounts.actor import Actor
from tests.factories import MONDAY, OrganisationFactory, UserFactory, as_agent, file_ticket
from tickets import actions, search, tasks
from tickets.models import Reindexing, Ticket

pytestmark = pytest.mark.django_db
DESK = Actor.system()


def found(words: str) -> set[int]:
    hits = Ticket.objects.filter(search.matching(words, actor=as_agent()))
    return set(hits.values_list("number", flat=True))


def test_a_renamed_organisations_tickets_are_found_by_the_new_name_only(monkeypatch):
    monkeypatch.setattr(search, "CHUNK", 2)
    acme, other = OrganisationFactory(name="Acme"), OrganisationFactory(name="Other")
    file_ticket(UserFactory(organisation=other))
    numbers = {file_ticket(UserFactory(organisation=acme)).number for _each in range(5)}
    actions.save_organisation(acme, actor=DESK, at=MONDAY, name="Borealis")
    tasks.reindex()
    assert (found("Borealis"), found("Acme")) == (numbers, set())
    assert not Reindexing.objects.exists()


def test_an_organisation_that_keeps_its_name_costs_no_new_documents():
    acme = OrganisationFactory(name="Acme")
    actions.save_organisation(acme, actor=DESK, at=MONDAY, name=" Acme ", notes="Good people")
    assert not Reindexing.objects.exists()


def test_a_renamed_persons_tickets_are_found_by_the_new_name_at_once():
    ana = UserFactory(name="Ana Duarte")
    ticket = file_ticket(ana)
    actions.change_person(ana, actor=DESK, at=MONDAY, name="Ana Lima")
    assert (found("Lima"), found("Duarte")) == ({ticket.number}, set())
