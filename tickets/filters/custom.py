"""What lists may ask about custom fields: `fields.environment:production`, `fields.seats:>50`."""

import re
from datetime import date, datetime
from typing import Any

from django.db.models import JSONField, Q, Value
from django.db.models.fields.json import KeyTransform
from django.db.models.lookups import GreaterThan as Greater
from django.db.models.lookups import GreaterThanOrEqual, LessThan, LessThanOrEqual, Lookup
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.errors import BadFilter
from tickets.filters.dates import bounds
from tickets.filters.values import Values, any_of, nearest, truth, whole, words
from tickets.models import FieldDefinition

Type = FieldDefinition.Type
_COMPARED: dict[str, type["Lookup[Any]"]] = {
    "<": LessThan, ">": Greater, "<=": LessThanOrEqual, ">=": GreaterThanOrEqual,
}  # fmt: skip


def about_field(key: str, values: Values, actor: Actor, at: datetime) -> Q:
    """Give the condition that a custom field has one of these values.

    :raises BadFilter: the actor knows no such field, or a value does not fit its type.
    """
    seen = FieldDefinition.objects.visible_to(actor)
    definition = seen.filter(key=key).first()
    if definition is None:
        raise BadFilter(
            _("There is no field “%(key)s”.") % {"key": key[:60]},
            nearest=nearest(key, seen.values_list("key", flat=True)),
        )
    if values == ("none",):
        return ~Q(fields__has_key=key)
    if definition.type == Type.TEXT:
        return Q(fields__contains={key: whole(values)})
    if definition.type == Type.CHOICE:
        return _choice(definition, values)
    read = {Type.BOOLEAN: _truth, Type.NUMBER: _number, Type.DATE: _day}[Type(definition.type)]
    return any_of(read(key, value, at) for value in values)


def _choice(definition: FieldDefinition, values: Values) -> Q:
    wanted = values if whole(values) not in definition.choices else (whole(values),)
    chosen = words(wanted, definition.choices)
    return any_of(Q(fields__contains={definition.key: value}) for value in chosen)


def _truth(key: str, value: str, at: datetime) -> Q:
    return Q(fields__contains={key: truth(value)})


def _number(key: str, value: str, at: datetime) -> Q:
    if ".." in value:
        low, _dots, high = value.partition("..")
        condition = _compared(key, ">=", _figure(low)) if low or not high else Q()
        return condition & _compared(key, "<=", _figure(high)) if high else condition
    sign = re.match(r"[<>]=?", value)
    if sign:
        return _compared(key, sign[0], _figure(value[sign.end() :]))
    return Q(fields__contains={key: _figure(value)})


def _day(key: str, value: str, at: datetime) -> Q:
    try:
        exact = date.fromisoformat(value)
    except ValueError:
        low, high = bounds(value, at)
        condition = Q()
        if low is not None:
            condition &= _compared(key, ">=", timezone.localdate(low).isoformat())
        if high is not None:
            condition &= _compared(key, "<", timezone.localdate(high).isoformat())
        return condition
    return Q(fields__contains={key: exact.isoformat()})


def _compared(key: str, sign: str, figure: Any) -> Q:
    """Compare a stored value; a ticket without it does not match, and its opposite does."""
    lookup = _COMPARED[sign](KeyTransform(key, "fields"), Value(figure, JSONField()))
    return Q(fields__has_key=key) & Q(lookup)


def _figure(value: str) -> int | float:
    try:
        parsed = float(value)
    except ValueError as error:
        raise BadFilter(_("Give a number.")) from error
    if parsed != parsed or abs(parsed) > 10**15:
        raise BadFilter(_("Give a number."))
    return int(parsed) if parsed.is_integer() else parsed
