"""Which policy a ticket is promised, since when and why, and whether an agreement covers it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sla.models.agreements import Agreement
from sla.models.policies import PolicyVersion
from tickets.models import Ticket


class CoverState(models.TextChoices):
    """Whether what an organisation bought covers a ticket (docs/sla.md T10)."""

    NONE = "none", _("No agreement")
    COVERED = "covered", _("Covered")
    EXPIRED = "expired", _("Agreement expired")
    AHEAD = "ahead", _("Agreement not begun")
    PRODUCT = "product", _("Product not covered")
    CONTACT = "contact", _("Not a named contact")

    @property
    def is_out(self) -> bool:
        """Whether there is an agreement, but not for this ticket."""
        return self not in (CoverState.NONE, CoverState.COVERED)


OUT_OF_COVER = tuple(cover.value for cover in CoverState if cover.is_out)


class Choice(models.Model):
    """Which policy version a ticket is promised from an event on, and why (docs/sla.md T7).

    `targets` {metric: seconds} and `calendars` {metric: calendar version id} are what the
    version said for this ticket; `zone` is where its calendars are counted (docs/sla.md T9).
    With `counted_from` the used time since then is counted anew (docs/sla.md T6). `reasons`
    says what matched and why each policy before it did not; sla.choosing has its shape.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="choices")
    sequence = models.PositiveIntegerField()  # of the ticket's last event at that time
    at = models.DateTimeField()
    policy_version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    agreement = models.ForeignKey(Agreement, null=True, on_delete=models.PROTECT, related_name="+")
    cover = models.CharField(max_length=7, choices=CoverState.choices, default=CoverState.NONE)
    targets = models.JSONField()
    calendars = models.JSONField()
    zone = models.CharField(max_length=64)
    reasons = models.JSONField(default=dict)
    counted_from = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ticket", "id"], name="choices_in_order")]

    def __str__(self) -> str:
        return f"{self.policy_version_id} for #{self.ticket_id}"


class Standing(models.Model):
    """What a ticket is promised at present: its last choice, so that lists can ask for it."""

    ticket = models.OneToOneField(
        Ticket, primary_key=True, on_delete=models.CASCADE, related_name="standing"
    )
    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="+")
    policy_version = models.ForeignKey(
        PolicyVersion, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    agreement = models.ForeignKey(
        Agreement, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    cover = models.CharField(max_length=7, choices=CoverState.choices, default=CoverState.NONE)

    class Meta:
        indexes = [
            models.Index(fields=["policy_version", "ticket"], name="standings_by_policy"),
            models.Index(
                fields=["agreement", "ticket"],
                condition=Q(agreement__isnull=False),
                name="standings_by_agreement",
            ),
            models.Index(
                fields=["cover", "ticket"],
                condition=Q(cover__in=OUT_OF_COVER),
                name="standings_out_of_cover",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id}: {self.cover}"
