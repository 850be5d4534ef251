"""Let the database itself refuse to change what must never change."""

from django.db import migrations

FROZEN = ("sla_calendarversion", "sla_policyversion", "sla_target", "sla_record", "sla_outcome", "sla_choice")

FORWARD = """
CREATE FUNCTION sla_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed; write a new one.', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
""" + "".join(
    f"CREATE TRIGGER never_changed BEFORE UPDATE ON {table}"
    " FOR EACH ROW EXECUTE FUNCTION sla_refuse_change();\n"
    for table in FROZEN
)
BACKWARD = "".join(f"DROP TRIGGER never_changed ON {table};\n" for table in FROZEN) + (
    "DROP FUNCTION sla_refuse_change();"
)


class Migration(migrations.Migration):
    dependencies = [("sla", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
