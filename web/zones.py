"""A form's choice among the time zones of the tz database."""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import available_timezones

from django import forms

from accounts.zones import zone_names

Choice = tuple[str, Any]


class ZoneSelect(forms.Select):
    """Offers a zone that is in use under a name of old as well, so that saving keeps it."""

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        offered = {choice for choice, _label in self.choices}
        kept = [each for each in value if each not in offered and each in available_timezones()]
        self.choices = [*self.choices, *map(_choice, kept)]
        return super().optgroups(name, value, attrs)


class ZoneField(forms.ChoiceField):
    """One time zone, or one of the choices that stand first; takes every name there is."""

    widget = ZoneSelect

    def __init__(self, *, first: Callable[[], Iterable[Choice]] = list, **kwargs: Any) -> None:
        super().__init__(choices=lambda: [*first(), *map(_choice, zone_names())], **kwargs)

    def valid_value(self, value: Any) -> bool:
        return super().valid_value(value) or value in available_timezones()


def _choice(name: str) -> Choice:
    return name, name.replace("_", " ")
