"""Policies and their versions: what is promised to which tickets."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sla.models.calendars import Calendar
from tickets.models import Category, Priority

ANY_CATEGORY = ""


class Metric(models.TextChoices):
    """What is timed."""

    FIRST_RESPONSE = "first_response", _("First response")
    NEXT_RESPONSE = "next_response", _("Next response")
    UPDATE = "update", _("Update")
    RESOLUTION = "resolution", _("Resolution")


class Policy(models.Model):
    """Promises under a name, in an explicit order; the default one catches every ticket (T7).

    A policy offered to customers is a support plan: agreements point at it (docs/sla.md T9).
    """

    name = models.CharField(max_length=100)
    description = models.CharField(max_length=250, blank=True)
    position = models.PositiveIntegerField(default=0)
    is_default = models.BooleanField(default=False)
    is_plan = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    current = models.OneToOneField(
        "PolicyVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="policy_name_is_unique"),
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_policy"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(is_active=True), name="default_policy_is_active"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """Promises that never change again; an edit makes the next version (docs/sla.md T6).

    `document`: match {filter: value} in the words of tickets.filters, pause {metric:
    [statuses]}, on_reopen, reopen_minimum_percent, change_minimum_percent, steps {metric:
    [step]} with `actions` in the words of tickets.steps, calendars {metric: calendar id} for
    metrics that do not use `calendar`.
    """

    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="+")
    document = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "number"], name="policy_version_has_no_twin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} v{self.number}"


class Target(models.Model):
    """How many business seconds a policy version gives one metric, category and priority.

    The category "" is the row *any category* (docs/sla.md T8); `written` is how it was put, "2d".
    """

    version = models.ForeignKey(PolicyVersion, on_delete=models.CASCADE, related_name="targets")
    metric = models.CharField(max_length=14, choices=Metric.choices)
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    priority = models.CharField(max_length=6, choices=Priority.choices)
    seconds = models.PositiveIntegerField()
    written = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "metric", "category", "priority"], name="target_has_no_twin"
            ),
            models.CheckConstraint(condition=Q(seconds__gt=0), name="target_is_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.category or '*'} {self.priority}: {self.seconds} s"
