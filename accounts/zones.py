"""Time zones a person may choose, from the pinned tz database."""

from functools import cache
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_AREAS = {
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
}  # fmt: skip


@cache
def zone_names() -> tuple[str, ...]:
    """List the zones named after places, and UTC, in alphabetical order."""
    places = (name for name in available_timezones() if name.split("/")[0] in _AREAS)
    return ("UTC", *sorted(places))


def validate_zone(name: str) -> None:
    """Refuse a name that is not a zone of the tz database.

    :raises ValidationError: the name is unknown.
    """
    if name not in available_timezones():
        raise ValidationError(
            _("“%(name)s” is not a time zone. Choose one such as Europe/Berlin."),
            code="unknown_zone",
            params={"name": name},
        )
