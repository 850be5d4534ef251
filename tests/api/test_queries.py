"""The list costs the same number of queries however many tickets there are."""

import copy
from datetime import timedelta

import pytest

from tests.factories import MONDAY, UserFactory, file_ticket
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
MOST = 6


@pytest.fixture
def _no_drift() -> None:
    """Copied rows have no history, so there is nothing to audit here."""


def grow(model: Ticket, count: int) -> None:
    """Copy a ticket until there are so many; only the list's own rows matter here."""
    stored = Ticket.objects.get(pk=model.pk)
    rows = []
    for number in range(count - Ticket.objects.count()):
        row = copy.copy(stored)
        row.pk, row.updated_at = None, MONDAY + timedelta(minutes=number)
        row.external_id = ""
        rows.append(row)
    Ticket.objects.bulk_create(rows, batch_size=1000)


@pytest.mark.parametrize("role", ["as_agent", "as_customer", "as_integration"])
def test_the_list_issues_a_constant_number_of_queries(
    role, request, customer, django_assert_max_num_queries
):
    caller = request.getfixturevalue(role)
    model = file_ticket(customer)
    counts = []
    for size in (50, 5_000):
        grow(model, size)
        caller("GET", "/me/")
        with django_assert_max_num_queries(MOST) as queries:
            answer = caller("GET", "/tickets/?limit=50")
        assert len(answer.body["data"]) == 50
        counts.append(len(queries))
        for query in queries:
            assert "count(" not in query["sql"].lower()
            assert " offset " not in query["sql"].lower()
    assert counts[0] == counts[1]


def test_creating_costs_the_same_however_many_tickets_there_are(
    as_integration, django_assert_max_num_queries
):
    model = file_ticket(UserFactory())
    body = {"subject": "s", "body": "b", "requester": {"email": "a@b.example"}}
    counts = []
    as_integration("POST", "/tickets/", body)
    for size in (50, 1_000):
        grow(model, size)
        with django_assert_max_num_queries(45) as queries:
            assert as_integration("POST", "/tickets/", body).status_code == 201
        counts.append(len(queries))
    assert counts[0] == counts[1]
