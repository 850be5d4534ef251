"""How spans and moments are said in the sentences about promises."""

from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

MINUTE, HOUR = 60, 3600


def span(seconds: int) -> str:
    """Say business time in hours and minutes, never in days, whose length a calendar decides."""
    hours, rest = divmod(max(seconds, 0), HOUR)
    minutes = rest // MINUTE
    if hours and minutes:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    if hours:
        return _("%(hours)d h") % {"hours": hours}
    if minutes or not rest:
        return _("%(minutes)d min") % {"minutes": minutes}
    return _("%(seconds)d s") % {"seconds": rest}


def moment(instant: datetime, at: datetime) -> str:
    """Say an instant in the current zone: by its weekday when it is near, else with the date."""
    local = timezone.localtime(instant)
    time = date_format(local, "H:i")
    if abs(instant - at) < timedelta(days=6):
        return f"{date_format(local, 'l')} {time}"
    if local.year == timezone.localtime(at).year:
        return f"{date_format(local, _('l j F'))}, {time}"
    return f"{date_format(local, _('j F Y'))}, {time}"
