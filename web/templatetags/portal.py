"""Filters of the customers' pages: moments and zones in words, choices of the form."""

from datetime import datetime

from django import template
from django.forms import BoundField
from django.utils import timezone

from web import words

register = template.Library()


@register.filter
def moment_in_words(moment: datetime) -> str:
    """Say an instant in the visitor's zone: “tomorrow, 10:40”."""
    return words.moment(moment, timezone.now())


@register.filter
def zone_in_words(moment: datetime) -> str:
    """Name the zone that times are shown in: “Europe/Berlin”."""
    return timezone.get_current_timezone_name().replace("_", " ")


@register.filter
def category_icon(value: str) -> str:
    """Name the shape of a category in the sprite."""
    return f"category-{value or 'none'}"


@register.filter
def is_chosen(value: str, field: BoundField) -> bool:
    """Whether a choice is the one that was sent, or the first look's default."""
    return (field.value() or "") == value
