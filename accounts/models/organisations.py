"""Organisations: the customers of the desk, and the mail domains that are theirs."""

from django.db import models
from django.db.models.functions import Lower

from accounts.zones import validate_zone


class Organisation(models.Model):
    """One customer; its people file tickets and its agreements promise answers."""

    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_zone])
    notes = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="organisation_name_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class OrganisationDomain(models.Model):
    """A mail domain whose proven addresses belong to one organisation."""

    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="domains"
    )
    domain = models.CharField(max_length=253, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(domain=Lower("domain")), name="domain_is_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return self.domain
