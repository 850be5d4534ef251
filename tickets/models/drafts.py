"""What an agent keeps on a ticket: unsent words, and the wish to hear of changes."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from tickets.models.messages import Message
from tickets.models.tickets import Ticket


class Draft(models.Model):
    """Unsent words of one person on one ticket, kept on the server."""

    OF_SIDE = "side"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="drafts")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts"
    )
    kind = models.CharField(
        max_length=5, choices=[*Message.Kind.choices, (OF_SIDE, _("To a third party"))]
    )
    body = models.TextField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "user", "kind"], name="one_draft_per_person_and_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"draft on #{self.ticket_id}"


class Watch(models.Model):
    """Somebody at the desk who wants to hear of a ticket."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="watches")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="watches"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "user"], name="one_watch_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} watches #{self.ticket_id}"
