"""The sample desk: loaded once, complete, and with keys that work."""

import io
import json

import pytest
from django.core.management import call_command
from django.db.models import Count

from accounts.actions.signing_in import peek_sign_in_link
from accounts.actions.tokens import find_token
from accounts.models import Organisation, Team, User
from channels.models import Outgoing
from helpdesk import welcome
from products.models import Product
from sla.models import Agreement, Policy, Standing
from tests.conftest import Clock
from tickets.models import Category, Event, FieldDefinition, Status, Ticket
from tickets.models.tickets import LIVE

pytestmark = pytest.mark.django_db


def demo() -> dict[str, dict[str, str]]:
    said = io.StringIO()
    call_command("demo", json=True, stdout=said)
    found: dict[str, dict[str, str]] = json.loads(said.getvalue())
    return found


def test_the_sample_desk_holds_what_the_documentation_speaks_of(clock: Clock) -> None:
    found = demo()
    people = {"admin": "admin", "agent": "agent", "customer": "customer",
              "other_customer": "customer"}  # fmt: skip
    assert set(found) == {*people, "tokens"}
    for role, kind in people.items():
        assert set(found[role]) == {"email", "sign_in_url"}
        person = User.objects.get(email=found[role]["email"])
        assert person.role == kind
        secret = found[role]["sign_in_url"].rstrip("/").rpartition("/")[2]
        assert peek_sign_in_link(secret, at=clock.now).user == person
    customers = [User.objects.get(email=found[key]["email"]) for key in people][2:]
    assert customers[0].organisation != customers[1].organisation

    assert set(found["tokens"]) == {"admin", "agent", "customer", "integration"}
    for role, text in found["tokens"].items():
        token = find_token(text, at=clock.now)
        assert token is not None
        assert token.is_integration == (role == "integration")

    ledger = Product.objects.get(key="ledger")
    versions = set(ledger.releases.values_list("version", flat=True))
    assert {"2.4.0", "2.4.1", "2.5.0"} <= versions
    assert FieldDefinition.objects.get(key="environment").choices[0] == "production"
    assert Organisation.objects.get(name="Acme").domains.get().domain == "acme.example"
    assert Team.objects.filter(is_private=True).count() == 1
    plans = Policy.objects.filter(is_plan=True).order_by("position")
    assert list(plans.values_list("name", flat=True)) == ["Standard", "Business", "Premium"]
    assert Agreement.objects.count() == 3
    assert Agreement.objects.ending_within(30, clock.now).get().organisation.name == "Acme"
    assert Standing.objects.filter(cover="product", ticket__status__in=LIVE).exists()

    by_status = dict(Ticket.objects.values_list("status").annotate(Count("pk")))
    assert set(by_status) == set(Status.values)
    assert set(Ticket.objects.values_list("category", flat=True)) == {*Category.values, None}
    assert Ticket.objects.filter(clocks__breached_at__isnull=False).exists()


def test_loading_it_twice_changes_nothing_and_keeps_the_tokens(clock: Clock) -> None:
    first = demo()
    counts = (Ticket.objects.count(), Event.objects.count(), User.objects.count())
    second = demo()
    assert (Ticket.objects.count(), Event.objects.count(), User.objects.count()) == counts
    assert first["tokens"] == second["tokens"]
    assert first["admin"]["sign_in_url"] != second["admin"]["sign_in_url"]


def test_old_stories_are_told_to_nobody(clock: Clock) -> None:
    demo()
    waiting = Event.objects.filter(delivered_at__isnull=True)
    assert all(event.at > clock.now.replace(hour=8) for event in waiting)
    assert Outgoing.objects.count() == 0


def test_an_empty_desk_is_greeted_with_its_set_up_link(clock: Clock) -> None:
    said = welcome.greeting(clock.now, empty=True)
    assert "http://localhost:8000/signin/setup/" in said
    assert Ticket.objects.count() == 0


def test_a_new_desk_is_greeted_with_samples_and_the_way_in(clock: Clock) -> None:
    said = welcome.greeting(clock.now, empty=False)
    assert said.count("/signin/link/") == 3
    assert "curl -H 'Authorization: Bearer hd_" in said
