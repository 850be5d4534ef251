"""Which colleagues a note names."""

from django.conf import settings
from django.db import models

from tickets.models.messages import Message


class Mention(models.Model):
    """A colleague named in a note, by the word that stands there.

    `sequence` is that of the note's event: who has seen the ticket so far has seen the note.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions"
    )
    name = models.CharField(max_length=254)
    sequence = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "user"], name="mentioned_once_a_note"),
        ]
        indexes = [models.Index(fields=["user", "-id"], name="mentions_by_age")]

    def __str__(self) -> str:
        return f"@{self.name}"
