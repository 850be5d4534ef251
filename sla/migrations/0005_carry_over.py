"""Bring what is stored to the new shapes: standings, outcomes, matches and reasons."""

from django.db import migrations

# Versions and outcomes never change, and do not change here either: only their shape does.
FROZEN = ("sla_outcome", "sla_policyversion", "sla_choice")
FORWARD = """
INSERT INTO sla_standing (ticket_id, choice_id, policy_version_id, agreement_id, cover)
SELECT DISTINCT ON (ticket_id) ticket_id, id, policy_version_id, agreement_id, cover
FROM sla_choice ORDER BY ticket_id, id DESC;

UPDATE sla_outcome SET metric = clock.metric, organisation_id = ticket.organisation_id,
    product_id = ticket.product_id, team_id = ticket.team_id,
    category = coalesce(ticket.category, ''), priority = ticket.priority
FROM sla_clock clock JOIN tickets_ticket ticket ON ticket.number = clock.ticket_id
WHERE clock.id = sla_outcome.clock_id;

UPDATE sla_choice SET reasons = (reasons->0) || (reasons->1) || '{"passed_over": []}'
WHERE jsonb_typeof(reasons) = 'array' AND jsonb_array_length(reasons) = 2;

UPDATE sla_policyversion SET document = jsonb_set(document, '{match}', (
    SELECT coalesce(jsonb_object_agg(
        CASE key WHEN 'products' THEN 'product' WHEN 'organisations' THEN 'organisation'
                 WHEN 'teams' THEN 'team' WHEN 'sources' THEN 'source' ELSE key END,
        CASE key WHEN 'products' THEN (
            SELECT string_agg(product.key, ',') FROM products_product product
            WHERE product.id IN (SELECT value::bigint FROM jsonb_array_elements_text(value) value))
        ELSE (SELECT string_agg(word, ',') FROM jsonb_array_elements_text(value) word) END
    ), '{}') FROM jsonb_each(document->'match') AS old (key, value)))
WHERE document->'match' <> '{}';
"""


def carry_over(apps, schema_editor):
    statements = [f"ALTER TABLE {table} DISABLE TRIGGER never_changed;" for table in FROZEN]
    statements += [FORWARD, "SET CONSTRAINTS ALL IMMEDIATE;"]  # else no table can be altered
    statements += [f"ALTER TABLE {table} ENABLE TRIGGER never_changed;" for table in FROZEN]
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("\n".join(statements))


class Migration(migrations.Migration):
    dependencies = [("sla", "0004_standings_and_escalations")]
    operations = [migrations.RunPython(carry_over, migrations.RunPython.noop)]
