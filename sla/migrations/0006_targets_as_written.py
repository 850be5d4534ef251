"""Targets remember how they were put, so that "2d" is not shown as hours."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0005_carry_over")]

    operations = [
        migrations.AddField(
            "target", "written", models.CharField(blank=True, default="", max_length=20),
            preserve_default=False,
        ),
    ]  # fmt: skip
