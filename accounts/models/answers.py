"""Answers kept so that a repeated request changes nothing, and counted attempts."""

from django.db import models


class StoredAnswer(models.Model):
    """The first answer to a keyed request, for its repetitions (docs/api.md, Idempotency-Key)."""

    owner = models.CharField(max_length=60)
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "method", "path", "key"], name="one_answer_per_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"


class Attempt(models.Model):
    """How often something was tried within one window, counted where a restart keeps it."""

    name = models.CharField(max_length=200)
    window_at = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "window_at"], name="one_count_per_window"),
        ]
        indexes = [models.Index(fields=["window_at"], name="attempts_by_age")]

    def __str__(self) -> str:
        return f"{self.name}: {self.count}"
