"""Audits of all clocks: how far each came, and what it found."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Drift(models.TextChoices):
    """In which way something stored is not what history says."""

    UNSWEPT = "unswept", _("No sweep came by when its time had come.")
    MISSING = "missing", _("An SLA clock that the history gives is not stored.")
    CHANGED = "changed", _("An SLA clock is stored otherwise than the history gives it.")
    INVENTED = "invented", _("An SLA clock is stored that the history does not give.")
    DUE = "due", _("The ticket is listed with another due time than its SLA clocks have.")
    UNRECORDED = "unrecorded", _("A warning or a breach was not recorded.")
    RECORDED = "recorded", _("A breach is recorded that never was.")
    UNTOLD = "untold", _("A breach was recorded, but nobody was told.")
    OUTCOME = "outcome", _("How an SLA clock ended is recorded otherwise than the history says.")
    UNREADABLE = "unreadable", _("Its history cannot be worked out.")


class AuditRun(models.Model):
    """One audit of all tickets in the order of their numbers; only one is under way at a time.

    `found` holds the first differences, as [ticket, way (a Drift), in full].
    """

    began_at = models.DateTimeField()
    began_by = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)
    last_number = models.BigIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    differences = models.PositiveIntegerField(default=0)
    found = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ended_at"], condition=Q(ended_at__isnull=True), nulls_distinct=False,
                name="one_audit_at_a_time",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"audit of {self.began_at}, at #{self.last_number}"
