"""Cover on the ticket, and in the queue: what was bought, and why it does not hold."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import DeskSettings
from sla.models import CoverState
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    file_ticket,
)
from tests.sla.promises import agree, save_policy
from tests.workspace.conftest import text_of

pytestmark = pytest.mark.usefixtures("clock")
QUEUE = reverse("workspace:queue")


@pytest.fixture
def ben(db):
    return UserFactory(name="Ben Acheson", organisation=OrganisationFactory(name="Acme"))


def page_of(desk: Client, ticket):
    return text_of(desk.get(reverse("workspace:ticket", args=[ticket.pk])))


def test_the_ticket_shows_its_plan_its_end_and_who_looks_after_it(desk: Client, ben, clock):
    manager = AgentFactory(name="Tom Okafor")
    made = agree(
        ben.organisation, save_policy(), account_manager=manager,
        valid_until=datetime(2026, 12, 31, tzinfo=UTC),
    )  # fmt: skip
    page = page_of(desk, file_ticket(ben, at=clock.now))
    assert reverse("workspace:agreement", args=[made.pk]) in page
    for words in (made.policy.name, "Tom Okafor", "until 30 Dec 2026"):
        assert words in page
    assert "Not covered" not in page


def ended(ben, clock):
    DeskSettings.objects.update_or_create(pk=1, defaults={"time_zone": "Europe/Berlin"})
    agree(ben.organisation, save_policy(), valid_until=datetime(2026, 2, 28, 23, tzinfo=UTC))
    return {}


def not_begun(ben, clock):
    agree(ben.organisation, save_policy(), valid_from=clock.now + timedelta(days=5))
    return {}


def another_product(ben, clock):
    agree(ben.organisation, save_policy(), products=[ProductFactory(name="Ledger")])
    return {"product": ProductFactory(name="Courier")}


def no_product(ben, clock):
    agree(ben.organisation, save_policy(), products=[ProductFactory(name="Ledger")])
    return {}


def another_contact(ben, clock):
    agree(ben.organisation, save_policy(), contacts=[UserFactory(organisation=ben.organisation)])
    return {}


OUT = [
    (ended, "expired", "the agreement ended on 28 Feb 2026."),
    (not_begun, "ahead", "the agreement begins on 7 Mar 2026."),
    (another_product, "product", "Courier is not in the agreement."),
    (no_product, "product", "the agreement is for certain products, and no product is named."),
    (another_contact, "contact", "Ben Acheson is not a named contact."),
]


@pytest.mark.parametrize(("bought", "state", "sentence"), OUT)
def test_a_ticket_out_of_cover_says_why_on_its_page_and_in_the_queue(
    desk: Client, ben, clock, bought, state, sentence
):
    ticket = file_ticket(ben, at=clock.now, **bought(ben, clock))
    page = page_of(desk, ticket)
    assert "Out of cover" in page
    assert f"Not covered: {sentence}" in page
    row = text_of(desk.get(QUEUE, {"view": "all"}))
    assert f"Out of cover: {CoverState(state).label}" in row


def test_the_queue_is_narrowed_to_what_is_out_of_cover_and_says_so(desk: Client, ben, clock):
    made = agree(ben.organisation, save_policy(), valid_until=clock.now - timedelta(days=1))
    outside = file_ticket(ben, at=clock.now)
    file_ticket(at=clock.now)
    answer = desk.get(QUEUE, {"view": "all", "cover": "out"})
    assert [row.ticket.pk for row in answer.context["rows"]] == [outside.pk]
    assert "Cover: Out of cover" in text_of(answer)
    named = text_of(
        desk.get(QUEUE, {
            "view": "all", "agreement": made.pk, "organisation": ben.organisation_id,
            "policy": made.policy_id, "overdue": "false",
        })
    )  # fmt: skip
    for chip in (
        f"Agreement: Acme, {made.policy.name}", "Organisation: Acme",
        f"Policy: {made.policy.name}", "Overdue: No",
    ):  # fmt: skip
        assert chip in named
    assert desk.get(QUEUE, {"view": "all", "agreement": "9" * 30}).status_code == 422
    assert desk.get(QUEUE, {"view": "all", "cover": "odd"}).status_code == 422


def test_the_queue_asks_no_more_for_many_tickets_with_agreements(desk: Client, ben, clock):
    agree(ben.organisation, save_policy(), valid_until=clock.now - timedelta(days=1))
    file_ticket(ben, at=clock.now)
    desk.get(QUEUE, {"view": "all"})
    counts = []
    for _round in range(2):
        with CaptureQueriesContext(connection) as queries:
            desk.get(QUEUE, {"view": "all"})
        counts.append(len(queries))
        for _ticket in range(10):
            file_ticket(ben, at=clock.now)
    assert counts[0] == counts[1]
