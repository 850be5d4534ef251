"""Filters of the customers' pages: moments and zones in words, choices of the form."""

from datetime import datetime

from django import template
from django.forms import BoundField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from sla.answers import answer_due, solution_due

register = template.Library()
register.filter(answer_due)
register.filter(solution_due)


@register.filter
def day_and_time(moment: datetime) -> str:
    """Say an instant so that nobody can mistake the day: “Tue 24 Nov, 10:40”."""
    local = timezone.localtime(moment)
    return f"{date_format(local, _('D j M'))}, {date_format(local, 'H:i')}"


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
