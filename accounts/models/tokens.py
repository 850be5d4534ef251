"""API tokens: of a person or of a named integration; stored as digests (docs/api.md, Auth)."""

from datetime import datetime

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

SCOPES = {
    "tickets:read": _("See tickets, messages, events and clocks"),
    "tickets:write": _("Create and change tickets, answer, add files"),
    "people:read": _("See people, organisations and teams"),
    "people:write": _("Create and change people and organisations"),
    "people:act_as": _("Speak for another person"),
    "reports:read": _("Read reports"),
    "webhooks:manage": _("Manage webhooks"),
    "admin": _("Change settings, products, fields and teams; see private teams"),
}


class Token(models.Model):
    """One key to the API: `hd_<prefix>_<secret>`."""

    prefix = models.CharField(max_length=8, unique=True)
    digest = models.CharField(max_length=64)
    name = models.CharField(max_length=100)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="tokens",
    )
    scopes = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.name} (hd_{self.prefix}_…)"

    @property
    def is_integration(self) -> bool:
        """Whether no person stands behind it: a bot for the SLA."""
        return self.user_id is None

    def is_valid(self, at: datetime) -> bool:
        """Whether it opens the door at this instant."""
        if self.revoked_at or (self.expires_at and self.expires_at <= at):
            return False
        return self.user is None or self.user.is_active
