"""That an organisation's month was told to its account managers."""

from django.db import models

from accounts.models import Organisation


class ReportNotice(models.Model):
    """That the service report of a month, named by its first day, is told: once for all."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="report_notices"
    )
    month = models.DateField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "month"], name="month_is_told_once"),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} of {self.organisation_id}"
