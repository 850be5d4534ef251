"""Files: uploaded first, then bound to a message; stored once per content."""

import secrets
import uuid

from django.conf import settings
from django.db import models

from accounts.models import Token
from tickets.models.messages import Message


def new_key() -> str:
    """Make a name for a file that cannot be guessed."""
    return secrets.token_urlsafe(24)


class StoredFile(models.Model):
    """What is known of a file's content; the bytes lie under their SHA-256."""

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField()
    media_type = models.CharField(max_length=100)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True


class Upload(StoredFile):
    """A file nobody has sent yet: seen by its uploader only, gone after 24 hours."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="uploads"
    )
    token = models.ForeignKey(Token, null=True, on_delete=models.CASCADE, related_name="uploads")
    visitor = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="uploads_by_age"),
            models.Index(fields=["sha256"], name="uploads_by_content"),
        ]

    def __str__(self) -> str:
        return self.name


class Attachment(StoredFile):
    """A file on a message: seen exactly by those who see the message."""

    key = models.CharField(max_length=40, unique=True, default=new_key)
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attachments")
    redacted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="attachments_by_content")]

    def __str__(self) -> str:
        return self.name
