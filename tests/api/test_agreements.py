"""Agreements over REST: agents read, admins change, refusals point at what was sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sla.models import Agreement
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    UserFactory,
    file_ticket,
)
from tests.sla.promises import agree, save_policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme():
    return OrganisationFactory(name="Acme")


@pytest.fixture
def plan():
    return save_policy()


def body(acme, plan, **more):
    return {"organisation": acme.pk, "policy": plan.pk, "valid_from": "2026-01-01T00:00:00Z",
            **more}  # fmt: skip


def test_an_admin_makes_changes_and_ends_an_agreement(as_admin, as_agent, acme, plan):
    mia, ana = AgentFactory(name="Mia"), UserFactory(organisation=acme, name="Ana")
    ProductFactory(key="ledger")
    sent = body(acme, plan, valid_until="2199-01-01T00:00:00Z", products=["ledger"],
                account_manager=mia.pk, contacts=[ana.pk], most_contacts=2, hours_a_month=8,
                notes="n")  # fmt: skip
    made = as_admin("POST", "/agreements/", sent, Idempotency_Key="one")
    assert made.status_code == 201, made.body
    assert as_admin("POST", "/agreements/", sent, Idempotency_Key="one").body == made.body
    assert made.body == {
        "id": made.body["id"], "organisation": {"id": acme.pk, "name": "Acme"},
        "policy": {"id": plan.pk, "name": plan.name}, "state": "valid",
        "valid_from": "2026-01-01T00:00:00Z", "valid_until": "2199-01-01T00:00:00Z",
        "products": ["ledger"],
        "account_manager": {"id": mia.pk, "email": mia.email, "name": "Mia"},
        "contacts": [{"id": ana.pk, "email": ana.email, "name": "Ana"}],
        "most_contacts": 2, "hours_a_month": 8, "notes": "n",
    }  # fmt: skip
    path = f"/agreements/{made.body['id']}/"
    changed = as_admin("PATCH", path, {"products": [], "account_manager": None})
    assert changed.body == {**made.body, "products": [], "account_manager": None}
    ended = as_admin("PATCH", path, {"valid_until": "2026-02-01T00:00:00Z"})
    assert ended.body["state"] == "ended"
    assert as_agent("GET", path).body == ended.body


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"valid_until": "2025-01-01T00:00:00Z"}, "/valid_until"),
        ({"valid_until": "2026-01-01T00:00:00Z"}, "/valid_until"),
        ({"organisation": 2**62}, "/organisation"),
        ({"policy": 2**62}, "/policy"),
        ({"account_manager": 2**62}, "/account_manager"),
        ({"products": ["none-such"]}, "/products"),
        ({"contacts": [2**62]}, "/contacts"),
        ({"surprise": 1}, "/surprise"),
        ({"hours_a_month": -1}, "/hours_a_month"),
    ],
)
def test_what_cannot_be_agreed_is_refused_with_its_place(as_admin, acme, plan, change, pointer):
    refused = as_admin("POST", "/agreements/", body(acme, plan, **change))
    assert refused.status_code == 400, refused.body
    assert refused.body["errors"][0]["pointer"] == pointer
    assert not Agreement.objects.exists()


def test_contacts_of_others_too_many_and_overlaps_are_refused(as_admin, acme, plan):
    stranger = UserFactory()
    own = [UserFactory(organisation=acme).pk for _ in range(2)]
    for change, pointer in (
        ({"contacts": [stranger.pk]}, "/contacts"),
        ({"contacts": own, "most_contacts": 1}, "/contacts"),
        ({"account_manager": stranger.pk}, "/account_manager"),
    ):
        refused = as_admin("POST", "/agreements/", body(acme, plan, **change))
        assert refused.body["errors"][0]["pointer"] == pointer
    agree(acme, plan)
    overlap = as_admin("POST", "/agreements/", body(acme, plan))
    assert (overlap.body["code"], overlap.status_code) == ("agreement_overlaps", 409)


def test_a_policy_that_is_no_plan_cannot_be_bought(as_admin, acme):
    policy = save_policy(document={"match": {"priority": "urgent"}})
    refused = as_admin("POST", "/agreements/", body(acme, policy))
    assert refused.body["errors"][0]["pointer"] == "/policy"


def test_the_list_is_narrowed(as_agent, acme, plan):
    now, mia = timezone.now(), AgentFactory()
    soon = agree(acme, plan, valid_until=now + timedelta(days=10), account_manager=mia)
    over = agree(OrganisationFactory(), plan, valid_until=now - timedelta(days=1))

    def listed(query):
        return [row["id"] for row in as_agent("GET", f"/agreements/?{query}").body["data"]]

    assert listed("") == [soon.pk, over.pk]
    assert listed("state=ended") == [over.pk]
    assert listed("ending_within=30") == [soon.pk]
    assert listed(f"organisation={acme.pk}") == [soon.pk]
    assert listed(f"account_manager={mia.pk}&policy={plan.pk}") == [soon.pk]
    assert as_agent("GET", "/agreements/?state=odd").status_code == 400


def test_only_admins_change_and_no_customer_reads(as_agent, as_customer, acme, plan):
    made = agree(acme, plan)
    assert as_agent("POST", "/agreements/", body(acme, plan)).status_code == 403
    assert as_agent("PATCH", f"/agreements/{made.pk}/", {"notes": "x"}).status_code == 403
    assert as_customer("GET", "/agreements/").status_code == 403
    assert as_customer("GET", f"/agreements/{made.pk}/").status_code == 403


def test_a_ticket_tells_its_cover_to_agents_only(as_agent, as_customer, customer, plan):
    customer.organisation = OrganisationFactory()
    customer.save()
    made = agree(customer.organisation, plan, contacts=[customer])
    covered = file_ticket(customer)
    outside = file_ticket(UserFactory(organisation=customer.organisation))
    shown = as_agent("GET", f"/tickets/{covered.pk}/").body
    assert (shown["cover"], shown["agreement"]) == ("covered", made.pk)
    rows = as_agent("GET", "/tickets/?cover=out").body["data"]
    assert [(row["number"], row["cover"], row["agreement"]) for row in rows] == [
        (outside.pk, "contact", None)
    ]
    hidden = as_customer("GET", f"/tickets/{covered.pk}/").body
    assert (hidden["cover"], hidden["agreement"]) == (None, None)


def test_the_used_hours_are_read_by_month(as_agent, as_customer, acme, plan):
    now = timezone.now()
    bought = agree(acme, plan, at=now - timedelta(days=1), hours_a_month=4)
    ticket = file_ticket(UserFactory(organisation=acme), at=now)
    today = now.date().isoformat()
    as_agent("POST", f"/tickets/{ticket.number}/time/", {"minutes": 90, "worked_on": today})
    months = as_agent("GET", f"/agreements/{bought.pk}/hours/").body["months"]
    assert months[0]["month"] == today[:7]
    assert (months[0]["included_hours"], months[0]["used_seconds"]) == (4, 5_400)
    assert as_customer("GET", f"/agreements/{bought.pk}/hours/").status_code == 403
    assert as_agent("GET", f"/agreements/{bought.pk + 1}/hours/").status_code == 404
