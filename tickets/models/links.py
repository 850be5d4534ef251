"""Private links to one ticket: 256 random bits, stored hashed, expiring (docs/architecture.md)."""

from datetime import timedelta

from django.conf import settings
from django.db import models

from tickets.models.tickets import Ticket


class PublicLink(models.Model):
    """Opens one ticket for its requester or who is copied; a mailed one proves the requester's
    address."""

    LIFETIME = timedelta(days=90)

    digest = models.CharField(max_length=64, unique=True)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="public_links")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    was_mailed = models.BooleanField()
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"link to #{self.ticket_id}"
