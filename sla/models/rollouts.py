"""Edits of promises that live clocks have yet to follow."""

from django.db import models
from django.db.models import Q

from accounts.models import Organisation
from sla.models.calendars import CalendarVersion
from sla.models.policies import Policy


class Rollout(models.Model):
    """An edit that live clocks have yet to follow, and how far they are (docs/sla.md T6).

    It looks at the tickets of `organisation`, or at those promised something by `policy` or
    counted on the calendar of `calendar_version`; when none is named, at all that are not closed.
    """

    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE)
    policy = models.ForeignKey(Policy, null=True, on_delete=models.CASCADE)
    calendar_version = models.ForeignKey(CalendarVersion, null=True, on_delete=models.PROTECT)
    what = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(null=True)
    created_by = models.CharField(max_length=200, blank=True)
    effective_from = models.DateTimeField()
    looked_at = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    next_number = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["effective_from"], condition=Q(done_at__isnull=True), name="open_rollouts"
            ),
        ]

    def __str__(self) -> str:
        return f"from {self.effective_from}, at #{self.next_number}"
