"""Clocks as they stand, what was recorded of them, and how they ended."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team
from products.models import Product
from sla.models.choices import Choice
from sla.models.policies import Metric
from tickets.models import Category, Event, Priority, Ticket

# A first response clock that an answer ended; what else ends one gives its reason.
ANSWERED = Q(metric=Metric.FIRST_RESPONSE, reason="", ended_at__isnull=False)


class Clock(models.Model):
    """One promise on one ticket, as sla.clocks.evaluate works it out (docs/sla.md K1).

    Durations are business seconds: `banked` are those used before `running_since`.
    """

    class State(models.TextChoices):
        """What became of it; `ended_at` says whether it is over."""

        RUNNING = "running", _("Running")
        PAUSED = "paused", _("Paused")
        MET = "met", _("Met")
        BREACHED = "breached", _("Breached")
        CANCELLED = "cancelled", _("Cancelled")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="clocks")
    metric = models.CharField(max_length=14, choices=Metric.choices)
    seq = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    target = models.PositiveIntegerField()
    limit = models.PositiveIntegerField()
    banked = models.PositiveIntegerField()
    running_since = models.DateTimeField(null=True)
    is_paused = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    next_fire_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=20, blank=True)
    is_manual = models.BooleanField(default=False)
    generation = models.PositiveIntegerField()
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="+")
    calendar = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "metric", "seq"], name="clock_has_no_twin"),
            models.UniqueConstraint(
                fields=["ticket", "metric"],
                condition=Q(ended_at__isnull=True),
                name="one_live_clock_per_metric",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_fire_at"],
                condition=Q(next_fire_at__isnull=False),
                name="clocks_to_look_at",
            ),
            models.Index(
                fields=["due_at"], condition=Q(ended_at__isnull=True), name="live_clocks_by_due"
            ),
            models.Index(
                fields=["ticket"], condition=Q(breached_at__isnull=False), name="breached_clocks"
            ),
            models.Index(fields=["ended_at", "ticket"], condition=ANSWERED, name="first_answers"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.seq} of #{self.ticket_id}: {self.state}"


class Record(models.Model):
    """Something that was true of a clock and was told; never changed, only corrected by another.

    `is_skipped`: a later warning went out in its place (docs/sla.md W2).
    """

    class Kind(models.TextChoices):
        """What was recorded."""

        WARNED = "warned", _("Warned")
        ESCALATED = "escalated", _("Escalated")
        BREACHED = "breached", _("Breached")
        SUPERSEDED = "superseded", _("Superseded")
        REVOKED = "revoked", _("Revoked")
        VOIDED = "voided", _("Voided")

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="records")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    step = models.CharField(max_length=60, blank=True)
    generation = models.PositiveIntegerField()
    due_at = models.DateTimeField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    cause = models.CharField(max_length=20, blank=True)
    is_skipped = models.BooleanField(default=False)
    corrects = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="+")
    outcome = models.ForeignKey(
        "Outcome", null=True, on_delete=models.CASCADE, related_name="revocations"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "kind", "step", "generation"], name="record_has_no_twin"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.step} ({self.generation})"


class Escalation(models.Model):
    """The actions of a recorded step that are still to be carried out, or were (docs/sla.md W5).

    The record is written by whoever finds the step due; the sweep acts, under the ticket's lock.
    """

    record = models.OneToOneField(Record, primary_key=True, on_delete=models.CASCADE)
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="+", db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+", db_index=False)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["record"], condition=Q(done_at__isnull=True), name="escalations_to_do"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.record} of #{self.ticket_id}"


class Outcome(models.Model):
    """How a clock ended, frozen with what the ticket was then (docs/sla.md A2).

    A `revoked` record may take it back (docs/sla.md R3).
    """

    clock = models.ForeignKey(Clock, on_delete=models.CASCADE, related_name="outcomes")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=Clock.State.choices)
    reason = models.CharField(max_length=20, blank=True)
    choice = models.ForeignKey(Choice, on_delete=models.PROTECT, related_name="+")
    target = models.PositiveIntegerField()
    metric = models.CharField(max_length=14, choices=Metric.choices)
    organisation = models.ForeignKey(
        Organisation, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    product = models.ForeignKey(
        Product, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    team = models.ForeignKey(
        Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    category = models.CharField(max_length=10, choices=Category.choices, blank=True)
    priority = models.CharField(max_length=6, choices=Priority.choices)
    business_seconds = models.PositiveIntegerField()
    wall_seconds = models.PositiveIntegerField()
    paused_seconds = models.PositiveIntegerField()
    late_business_seconds = models.PositiveIntegerField(default=0)
    late_wall_seconds = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["clock", "number"], name="outcome_has_no_twin"),
        ]
        indexes = [models.Index(fields=["ended_at"], name="outcomes_by_end")]

    def __str__(self) -> str:
        return f"{self.state} at {self.ended_at}"
