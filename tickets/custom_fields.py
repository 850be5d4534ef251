"""Custom fields: which belong to a ticket, and whether a value fits."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import NameTaken
from accounts.permissions import require
from products.models import Product
from tickets.errors import Invalid
from tickets.models import FieldDefinition

Type = FieldDefinition.Type


def fields_for(product: Product | None, *, actor: Actor) -> list[FieldDefinition]:
    """List the active fields of a ticket about this product, in their order."""
    everywhere = models.Q(products__isnull=True)
    wanted = everywhere | models.Q(products=product) if product else everywhere
    fields = FieldDefinition.objects.visible_to(actor).filter(wanted, is_active=True).distinct()
    return list(fields.order_by("order", "key"))


def clean(
    values: Mapping[str, Any], product: Product | None, *, actor: Actor, is_new: bool = False
) -> dict[str, Any]:
    """Check values by key and give what is to be stored; empty ones are left out.

    A required field must be there when a person files a new ticket.

    :raises Invalid: a field is unknown here, or its value does not fit.
    """
    if not values and not is_new:
        return {}
    known = {field.key: field for field in fields_for(product, actor=actor)}
    cleaned = {}
    for key, value in values.items():
        if value is None or value == "":
            continue
        if key not in known:
            raise Invalid(
                _("There is no field “%(key)s” on this ticket.") % {"key": key},
                pointer=f"fields/{key}",
            )
        cleaned[key] = _fit(known[key], value)
    for field in known.values() if is_new and _must_be_complete(actor) else ():
        if field.is_required and field.key not in cleaned:
            raise Invalid(
                _("Fill in “%(label)s”.") % {"label": field.label}, pointer=f"fields/{field.key}"
            )
    return cleaned


def _must_be_complete(actor: Actor) -> bool:
    return not actor.is_system


def _fit(field: FieldDefinition, value: Any) -> Any:
    pointer = f"fields/{field.key}"
    if field.type == Type.TEXT:
        if isinstance(value, str) and len(value) <= 2000:
            return value
        raise Invalid(_("Enter a text of up to 2000 characters."), pointer=pointer)
    if field.type == Type.CHOICE:
        if value in field.choices:
            return value
        raise Invalid(_("Choose one of the listed values."), pointer=pointer)
    if field.type == Type.NUMBER:
        return _number(value, pointer)
    if field.type == Type.DATE:
        return _day(value, pointer)
    if isinstance(value, bool):
        return value
    if value in {"true", "false"}:
        return value == "true"
    raise Invalid(_("Say yes or no."), pointer=pointer)


def _number(value: Any, pointer: str) -> int | float:
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(value, bool) or not number.is_finite() or abs(number) > 10**15:
        raise Invalid(_("Enter a number."), pointer=pointer)
    return int(number) if number == number.to_integral_value() else float(number)


def _day(value: Any, pointer: str) -> str:
    try:
        day = value if isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise Invalid(_("Enter a day such as 2026-03-31."), pointer=pointer) from error
    return day.isoformat()


@transaction.atomic
def save_field(
    field: FieldDefinition | None,
    *,
    actor: Actor,
    at: datetime,
    products: list[Product] | None = None,
    **values: Any,
) -> FieldDefinition:
    """Make or change a field definition; the type of a stored one stays.

    :raises NameTaken: another field has the key.
    :raises Invalid: a value cannot be used.
    """
    require(actor, "fields.change")
    if field and "type" in values and values["type"] != field.type:
        raise Invalid(_("The type of a field stays. Make a new field instead."), pointer="type")
    field = field or FieldDefinition()
    for name, value in values.items():
        setattr(field, name, value)
    if field.type == Type.CHOICE and not field.choices:
        raise Invalid(_("Give at least one choice."), pointer="choices")
    try:
        field.clean_fields()
    except ValidationError as error:
        name, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=name) from error
    if FieldDefinition.objects.filter(key=field.key).exclude(pk=field.pk).exists():
        raise NameTaken(pointer="key")
    field.save()
    if products is not None:
        field.products.set(products)
    audit.note(actor, "field.saved", field.key, at)
    return field
