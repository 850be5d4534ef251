"""Time zones a person may choose, from the pinned tz database."""

from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _


@cache
def zone_names() -> tuple[str, ...]:
    """List UTC, then the zones of places by their names of today, in alphabetical order."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text()
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return ("UTC", *sorted(name for _country, _place, name, *_remark in rows))


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
