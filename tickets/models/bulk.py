"""Changes of many tickets: what was asked, and one line for each ticket."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Token

if TYPE_CHECKING:
    from accounts.actor import Actor

UNDO_BULK = timedelta(minutes=10)


class BulkJobQuerySet(models.QuerySet["BulkJob"]):
    """Lists of jobs; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "BulkJobQuerySet":
        """Keep one's own; admins see all."""
        if actor.is_admin:
            return self
        if not actor.is_agent:
            return self.none()
        if actor.user is None:
            return self.filter(token=actor.token, asked_by__isnull=True)
        return self.filter(asked_by=actor.user)


class BulkJob(models.Model):
    """Steps for many tickets, or the undoing of another job; a worker holds it by lease.

    `steps` are as tickets.written_steps has them. Who asked is asked again at each ticket.
    """

    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="+"
    )
    token = models.ForeignKey(Token, null=True, on_delete=models.CASCADE, related_name="+")
    door = models.CharField(max_length=6)
    request_id = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10, blank=True)
    steps = models.JSONField(default=list)
    is_dry = models.BooleanField(default=False)
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.CASCADE, related_name="undone_by"
    )
    total = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager["BulkJob"]] = BulkJobQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["id"], condition=Q(ended_at__isnull=True), name="open_bulk_jobs"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"job {self.pk}"

    @property
    def state(self) -> str:
        """How far along it is: running, done or cancelled."""
        if self.ended_at is None:
            return "running"
        return "cancelled" if self.cancelled_at else "done"

    @property
    def may_undo_until(self) -> datetime | None:
        """Until when it can be undone; None where it cannot."""
        if self.ended_at is None or self.is_dry or self.undoes_id or hasattr(self, "undone_by"):
            return None
        return self.ended_at + UNDO_BULK


class BulkLine(models.Model):
    """One ticket of a job: what became of it, and which of its events are the job's."""

    class Outcome(models.TextChoices):
        """What became of it; a line without one has yet to be worked on."""

        CHANGED = "changed", _("changed")
        SAME = "same", _("as it was")
        REFUSED = "refused", _("refused")

    job = models.ForeignKey(BulkJob, on_delete=models.CASCADE, related_name="lines")
    number = models.BigIntegerField()
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    code = models.CharField(max_length=40, blank=True)
    reason = models.CharField(max_length=400, blank=True)
    first = models.PositiveIntegerField(default=0)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "number"], name="ticket_once_in_a_job"),
        ]
        indexes = [models.Index(fields=["job", "outcome", "number"], name="bulk_by_outcome")]

    def __str__(self) -> str:
        return f"#{self.number} of {self.job_id}"
