"""The desk's own bookkeeping: its settings, its audit log, and signs of life of its parts."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.languages import SearchLanguage, usual_languages
from accounts.zones import validate_zone


class DeskSettings(models.Model):
    """What an admin decides for the whole desk; exactly one row."""

    class Security(models.TextChoices):
        """How the connection to the mail server is protected."""

        STARTTLS = "starttls", _("STARTTLS")
        TLS = "tls", _("TLS from the start")
        NONE = "none", _("No encryption")

    company = models.CharField(max_length=200, default="Helpdesk")
    time_zone = models.CharField(max_length=64, default="UTC", validators=[validate_zone])
    signature = models.TextField(blank=True)
    autoclose_days = models.PositiveSmallIntegerField(
        default=7, validators=[MinValueValidator(1), MaxValueValidator(365)]
    )
    search_languages = ArrayField(
        models.CharField(max_length=20, choices=SearchLanguage.choices),
        size=4, default=usual_languages, blank=True,
    )  # fmt: skip
    smtp_host = models.CharField(max_length=253, blank=True)
    smtp_port = models.PositiveIntegerField(
        default=587, validators=[MinValueValidator(1), MaxValueValidator(65535)]
    )
    smtp_user = models.CharField(max_length=254, blank=True)
    smtp_password = models.CharField(max_length=254, blank=True)
    smtp_security = models.CharField(
        max_length=10, choices=Security.choices, default=Security.STARTTLS
    )
    mail_from = models.EmailField(max_length=254, blank=True)
    mail_tested_at = models.DateTimeField(null=True, blank=True)
    setup_digest = models.CharField(max_length=64, blank=True)
    setup_done_at = models.DateTimeField(null=True, blank=True)
    samples_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_desk")]

    def __str__(self) -> str:
        return self.company

    @classmethod
    def current(cls) -> "DeskSettings":
        """Read the one row, making it when the desk is new."""
        return cls.objects.get_or_create(pk=1)[0]


class AuditEntry(models.Model):
    """One line of who changed what outside tickets: people, tokens, settings."""

    at = models.DateTimeField()
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=200)
    what = models.CharField(max_length=60)
    subject = models.CharField(max_length=254, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="audit_by_age")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.what} {self.subject}"


class Heartbeat(models.Model):
    """When a part of the desk (worker, beat) was last seen alive."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"
