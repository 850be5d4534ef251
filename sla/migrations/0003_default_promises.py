"""Give a new installation its default calendar and policy."""

from typing import Any

from django.db import migrations

from sla import defaults


def ensure(apps: Any, schema_editor: Any) -> None:
    defaults.ensure(apps.get_model)


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_versions_and_records_never_change")]
    operations = [migrations.RunPython(ensure, migrations.RunPython.noop)]
