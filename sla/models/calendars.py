"""Calendars and their versions: when the desk is open."""

from django.db import models
from django.db.models.functions import Lower


class Calendar(models.Model):
    """Opening hours under a name; what they are stands in its current version."""

    name = models.CharField(max_length=100)
    current = models.OneToOneField(
        "CalendarVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="calendar_name_is_unique")]

    def __str__(self) -> str:
        return self.name


class CalendarVersion(models.Model):
    """Opening hours that never change again; an edit makes the next version (docs/sla.md T6).

    `document` is what sla.business_time.Calendar.parse reads, `tzdata` the release of the zone
    rules it was made with (docs/sla.md C8). With `counted_from`, the used time of clocks that
    come from an earlier version is counted anew since then: a forgotten holiday.
    """

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    tzdata = models.CharField(max_length=20)
    counted_from = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "number"], name="calendar_version_has_no_twin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.calendar} v{self.number}"
