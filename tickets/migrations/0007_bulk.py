"""Changes of many tickets: the jobs, and a line for each ticket of one."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_choices_about_mail_moved"),
        ('tickets', '0006_views'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="BulkJob",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("door", models.CharField(max_length=6)),
                ("request_id", models.CharField(blank=True, max_length=100)),
                ("language", models.CharField(blank=True, max_length=10)),
                ("steps", models.JSONField(default=list)),
                ("is_dry", models.BooleanField(default=False)),
                ("total", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("cancelled_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("lease", models.UUIDField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("asked_by", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to=settings.AUTH_USER_MODEL,
                )),
                ("token", models.ForeignKey(
                    null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                    to="accounts.token",
                )),
                ("undoes", models.OneToOneField(
                    null=True, on_delete=django.db.models.deletion.CASCADE,
                    related_name="undone_by", to="tickets.bulkjob",
                )),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=Q(ended_at__isnull=True), fields=["id"], name="open_bulk_jobs"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkLine",
            fields=[
                ("id", models.BigAutoField(
                    auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                )),
                ("number", models.BigIntegerField()),
                ("outcome", models.CharField(
                    blank=True, max_length=7,
                    choices=[
                        ("changed", "changed"), ("same", "as it was"), ("refused", "refused"),
                    ],
                )),
                ("code", models.CharField(blank=True, max_length=40)),
                ("reason", models.CharField(blank=True, max_length=400)),
                ("first", models.PositiveIntegerField(default=0)),
                ("last", models.PositiveIntegerField(default=0)),
                ("job", models.ForeignKey(
                    on_delete=django.db.models.deletion.CASCADE, related_name="lines",
                    to="tickets.bulkjob",
                )),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["job", "number"], name="ticket_once_in_a_job"
                    ),
                ],
                "indexes": [
                    models.Index(fields=["job", "outcome", "number"], name="bulk_by_outcome"),
                ],
            },
        ),
    ]  # fmt: skip
