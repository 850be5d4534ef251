"""Fields that an admin adds to tickets: text, number, choice, date, yes/no."""

from typing import TYPE_CHECKING, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from products.models import Product

if TYPE_CHECKING:
    from accounts.actor import Actor


class FieldDefinitionQuerySet(models.QuerySet["FieldDefinition"]):
    """Lists of custom fields; every list that a person reads starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "FieldDefinitionQuerySet":
        """Keep what customers may see; the team and the desk itself see all."""
        if actor.is_agent or actor.is_system:
            return self
        return self.filter(is_customer_visible=True)


class FieldDefinition(models.Model):
    """One custom field; without products it belongs to every ticket."""

    class Type(models.TextChoices):
        """What a value looks like."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        CHOICE = "choice", _("Choice")
        DATE = "date", _("Date")
        BOOLEAN = "boolean", _("Yes or no")

    key = models.SlugField(max_length=40, unique=True)
    label = models.CharField(max_length=100)
    help_text = models.CharField(max_length=250, blank=True)
    type = models.CharField(max_length=8, choices=Type.choices)
    choices = ArrayField(models.CharField(max_length=100), default=list, blank=True)
    products = models.ManyToManyField(Product, blank=True, related_name="fields")
    is_required = models.BooleanField(default=False)
    is_customer_visible = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    order = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager["FieldDefinition"]] = FieldDefinitionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(type="choice") | ~models.Q(choices=[]),
                name="a_choice_has_choices",
            ),
        ]

    def __str__(self) -> str:
        return self.label
