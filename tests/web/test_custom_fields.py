"""Custom fields are asked for and judged alike on the customers' form and on the agents'."""

from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from tests.factories import AgentFactory
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.django_db
WORDS = {"subject": "Export fails", "body": "It says 500.", "category": "", "priority": "normal"}


@pytest.fixture(params=["portal", "workspace"])
def file(request: Any, client: Client) -> Any:
    """File a ticket through the form of one door with values for custom fields."""
    opened = signing.dumps(timezone.now().timestamp() - 20, salt="filing")
    address, who = "/new/", {"name": "Ana", "email": "ana@acme.example", "opened": opened}
    if request.param == "workspace":
        client.force_login(AgentFactory())
        address, who = "/agent/tickets/new/", {"requester": "ana@acme.example"}

    def send(**fields: str) -> Any:
        named = {f"fields.{key}": value for key, value in fields.items()}
        return client.post(address, {**WORDS, **who, "form_key": "k", **named})

    return send


def test_each_type_is_stored_as_what_it_is(file):
    for kind in FieldDefinition.Type.values:
        FieldDefinition.objects.create(key=kind, label=kind, type=kind, choices=["a", "b"])
    answer = file(text="free", choice="b", number="2.5", date="2026-03-31", boolean="false")
    assert answer.status_code == 302
    assert Ticket.objects.get().fields == {
        "text": "free", "choice": "b", "number": 2.5, "date": "2026-03-31", "boolean": False,
    }  # fmt: skip


def test_what_is_not_said_is_not_stored(file):
    for kind in FieldDefinition.Type.values:
        FieldDefinition.objects.create(key=kind, label=kind, type=kind, choices=["a", "b"])
    assert file().status_code == 302
    assert Ticket.objects.get().fields == {}


@pytest.mark.parametrize(
    ("kind", "typed", "sentence"),
    [
        ("boolean", "", "This field is required."),
        ("number", "many", "Enter a number."),
        ("date", "31.3.2026", "Enter a day such as 2026-03-31."),
        ("choice", "c", "c is not one of the available choices."),
    ],
)
def test_a_value_that_does_not_fit_is_refused_beside_its_field(file, kind, typed, sentence):
    FieldDefinition.objects.create(
        key="asked", label="Asked", type=kind, choices=["a"], is_required=True
    )
    answer = file(asked=typed)
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors["fields.asked"])
    assert not Ticket.objects.exists()
