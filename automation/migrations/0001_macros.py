"""Macros: canned words with the changes that go with them."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    initial = True
    dependencies = [("accounts", "0002_choices_about_mail_moved")]
    operations = [
        migrations.CreateModel(
            name="Macro",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("name", models.CharField(max_length=100)),
                ("kind", models.CharField(
                    blank=True, choices=[("reply", "Reply"), ("note", "Internal note")],
                    max_length=5,
                )),
                ("body", models.TextField(blank=True)),
                ("steps", models.JSONField(blank=True, default=list)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                ("used", models.PositiveIntegerField(default=0)),
                ("used_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("team", models.ForeignKey(
                    blank=True, null=True, on_delete=django.db.models.deletion.CASCADE,
                    related_name="macros", to="accounts.team",
                )),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), models.F("team"),
                        name="macro_name_is_unique", nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=Q(Q(kind="", body=""), Q(~Q(kind=""), ~Q(body="")),
                                    _connector="OR"),
                        name="macro_text_has_its_kind",
                    ),
                ],
            },
        ),
    ]  # fmt: skip
