"""Custom fields in forms: what a person types goes to the action as text, which judges it."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.models import FieldDefinition

Type = FieldDefinition.Type
PREFIX = "fields."


def offer(form: forms.Form, fields: Iterable[FieldDefinition]) -> None:
    """Give the form a control for each custom field."""
    for field in fields:
        form.fields[f"{PREFIX}{field.key}"] = _control(field)


def bound(form: forms.Form) -> list[forms.BoundField]:
    """List the custom fields of a form."""
    return [form[name] for name in form.fields if name.startswith(PREFIX)]


def values(clean: dict[str, Any]) -> dict[str, Any]:
    """Give what a form holds for its custom fields by key, as the actions want it."""
    return {
        name.removeprefix(PREFIX): value
        for name, value in clean.items()
        if name.startswith(PREFIX)
    }


def _control(field: FieldDefinition) -> forms.Field:
    shared: dict[str, Any] = {
        "label": field.label,
        "help_text": field.help_text,
        "required": field.is_required,
    }
    not_said = ("", _("Not said"))
    if field.type == Type.CHOICE:
        return forms.ChoiceField(
            choices=[not_said, *((each, each) for each in field.choices)], **shared
        )
    if field.type == Type.BOOLEAN:
        return forms.ChoiceField(
            choices=[not_said, ("true", _("Yes")), ("false", _("No"))], **shared
        )
    widgets = {
        Type.DATE: forms.DateInput(attrs={"type": "date"}),
        Type.NUMBER: forms.NumberInput(attrs={"step": "any"}),
    }
    return forms.CharField(max_length=2000, widget=widgets.get(Type(field.type)), **shared)
