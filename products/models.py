"""Products, components and releases."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """One piece of software under maintenance; `key` is its name in the API."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A part of a product that tickets can name."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="components")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "name"], name="component_is_unique"),
        ]

    def __str__(self) -> str:
        return self.name


class Release(models.Model):
    """A version of a product, planned or published."""

    class Status(models.TextChoices):
        """Whether customers have it."""

        PLANNED = "planned", _("Planned")
        PUBLISHED = "published", _("Published")

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="releases")
    version = models.CharField(max_length=60)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PLANNED)
    published_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "version"], name="release_is_unique"),
            models.CheckConstraint(
                condition=models.Q(status="planned") | models.Q(published_on__isnull=False),
                name="published_release_has_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.version
