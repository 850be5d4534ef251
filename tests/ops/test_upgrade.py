"""A desk with tickets in it goes from the first release's tables to today's."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from products.models import Product
from sla.audit import drift
from sla.models import Outcome, PolicyVersion, Standing
from sla.sweep import sweep
from tests.factories import MONDAY, ProductFactory, UserFactory, as_agent, file_ticket
from tests.sla.promises import amounts, make_default, save_policy
from tickets import actions, publishing, search, tasks
from tickets.models import Reindexing, SearchDocument, Ticket

HOUR = timedelta(hours=1)
FIRST = [
    ("accounts", "0001_initial"), ("channels", "0001_outbox"),
    ("sla", "0003_default_promises"), ("tickets", "0001_initial"),
]  # fmt: skip
# What the first release wrote in the rows whose shape has changed since.
AS_IT_WAS = """
ALTER TABLE sla_policyversion DISABLE TRIGGER never_changed;
ALTER TABLE sla_choice DISABLE TRIGGER never_changed;
UPDATE sla_policyversion SET document = jsonb_set(document, '{match}', jsonb_build_object(
    'products', (SELECT jsonb_agg(id) FROM products_product)))
WHERE document->'match' <> '{}';
UPDATE sla_choice SET reasons = jsonb_build_array(reasons - 'passed_over', '{}'::jsonb);
SET CONSTRAINTS ALL IMMEDIATE;
ALTER TABLE sla_policyversion ENABLE TRIGGER never_changed;
ALTER TABLE sla_choice ENABLE TRIGGER never_changed;
"""


def migrate(targets):
    executor = MigrationExecutor(connection)
    executor.migrate(targets or executor.loader.graph.leaf_nodes())


@pytest.fixture
def lived(transactional_db):
    """Tickets that were kept, broken, resolved and reopened, under a policy with a condition."""
    make_default(save_policy(targets={"resolution": amounts("4h"), "update": amounts("1h")}))
    product = ProductFactory()
    match = {"match": {"product": product.key}}
    save_policy(targets={"resolution": amounts("8h")}, document=match)
    for place in range(6):
        ticket = file_ticket(UserFactory(), category="support", product=[product, None][place % 2])
        actions.reply(ticket.number, "We look", actor=as_agent(), at=MONDAY + HOUR)
        if place % 3:
            at = MONDAY + (place + 2) * HOUR
            actions.resolve(ticket.number, actor=as_agent(), at=at)
    sweep(MONDAY + 9 * HOUR)
    publishing.publish_pending(MONDAY + 9 * HOUR)
    publishing.deliver_pending(MONDAY + 9 * HOUR)


def test_tickets_promises_and_outcomes_survive_an_upgrade(lived):
    before = Outcome.objects.count(), Standing.objects.count()
    try:
        migrate(FIRST)
        with connection.cursor() as cursor:
            cursor.execute(AS_IT_WAS)
    finally:
        migrate(None)
    assert (Outcome.objects.count(), Standing.objects.count()) == before
    assert before[0] >= 4
    assert not Outcome.objects.filter(metric="").exists()
    kept = PolicyVersion.objects.exclude(document__match={}).get()
    assert kept.document["match"] == {"product": Product.objects.get().key}
    assert list(drift(MONDAY + 9 * HOUR)) == []
    assert Reindexing.objects.get().organisation is None
    SearchDocument.objects.update(words="")
    tasks.reindex()
    found = Ticket.objects.filter(search.matching("exporting fail", actor=as_agent()))
    assert found.count() == Ticket.objects.count() == 6
    assert not Reindexing.objects.exists()
