"""One-time sign-in links: hashed, single use, short-lived (docs/architecture.md, Sign-in)."""

from datetime import timedelta

from django.conf import settings
from django.db import models


class SignInLink(models.Model):
    """A link mailed to a person; using it signs in and proves the address."""

    LIFETIME = timedelta(minutes=15)

    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="sign_in_links"
    )
    next_path = models.CharField(max_length=500, blank=True)
    is_invitation = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link of {self.user_id}"
