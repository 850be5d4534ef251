"""How far each agent has read each ticket."""

from django.conf import settings
from django.db import models

from tickets.models.tickets import Ticket


class Seen(models.Model):
    """Up to which event somebody at the desk has read a ticket, or that it is to stay unread."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveIntegerField()
    is_kept_unread = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "ticket"], name="seen_once_per_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} saw #{self.ticket_id} up to {self.version}"
