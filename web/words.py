"""Words for spans and moments of time, as pages and mails show them."""

from datetime import date, datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MINUTE, HOUR, DAY = 60, 3600, 86400


def duration(seconds: float) -> str:
    """Say a span of seconds in its two largest units: “1 h 12 m”, “3 d 4 h”, “40 s”."""
    left = int(abs(seconds))
    if left < MINUTE:
        return _("%(n)d s") % {"n": left}
    if left < HOUR:
        return _("%(n)d m") % {"n": left // MINUTE}
    if left < DAY:
        return _pair(_("%(n)d h"), left // HOUR, _("%(n)d m"), left % HOUR // MINUTE)
    return _pair(_("%(n)d d"), left // DAY, _("%(n)d h"), left % DAY // HOUR)


def units() -> str:
    """Give the patterns of seconds, minutes, hours and days to scripts: “# s|# m|# h|# d”."""
    patterns = (_("%(n)d s"), _("%(n)d m"), _("%(n)d h"), _("%(n)d d"))
    return "|".join(pattern.replace("%(n)d", "#") for pattern in patterns)


def hours(seconds: float) -> str:
    """Say business time in hours and minutes, never in days, whose length a calendar decides."""
    left = int(seconds)
    if left < HOUR:
        return _("%(n)d m") % {"n": left // MINUTE}
    return _pair(_("%(n)d h"), left // HOUR, _("%(n)d m"), left % HOUR // MINUTE)


def age(moment: datetime, at: datetime) -> str:
    """Say how long ago a moment was in one unit: “now”, “5 m”, “3 h”, “2 d”, or its day."""
    seconds = (at - moment).total_seconds()
    if seconds < MINUTE:
        return _("now")
    if seconds < HOUR:
        return _("%(n)d m") % {"n": seconds // MINUTE}
    if seconds < DAY:
        return _("%(n)d h") % {"n": seconds // HOUR}
    if seconds < 14 * DAY:
        return _("%(n)d d") % {"n": seconds // DAY}
    return date_format(timezone.localtime(moment), _("j M"))


def day(on: date) -> str:
    """Say a day: “31 Mar 2026”."""
    return date_format(on, _("j M Y"))


def moment(instant: datetime, at: datetime) -> str:
    """Say an instant in the viewer's zone: the time today, the day and time otherwise."""
    local, today = timezone.localtime(instant), timezone.localtime(at).date()
    days = (local.date() - today).days
    time = date_format(local, _("H:i"))
    if days in _NEAR:
        return str(_NEAR[days]) % {"time": time}
    if local.year == today.year:
        return day_and_time(instant)
    return date_format(local, _("j M Y")) + ", " + time


def day_and_time(instant: datetime) -> str:
    """Say an instant in the zone in force, where its year is plain: “Mon 23 Nov, 10:40”."""
    local = timezone.localtime(instant)
    return date_format(local, _("D j M")) + ", " + date_format(local, _("H:i"))


def full(instant: datetime) -> str:
    """Say an instant completely, with the viewer's zone: “Mon 23 Nov 2026, 10:40 CET”."""
    local = timezone.localtime(instant)
    text = date_format(local, _("D j M Y")) + ", " + date_format(local, _("H:i"))
    return f"{text} {local.tzname()}"


def until(due_at: datetime, at: datetime) -> str:
    """Say what is left of a promise: “1 h 12 m”, or “−18 m” when it is broken."""
    left = due_at - at
    text = duration(left.total_seconds())
    return text if left >= timedelta(0) else "−" + text


def size(count: int) -> str:
    """Say a number of bytes: “14 KB”."""
    if count < 1024:
        return _("%(n)d B") % {"n": count}
    if count < 1024 * 1024:
        return _("%(n)d KB") % {"n": count // 1024}
    return _("%(n).1f MB") % {"n": count / 1024 / 1024}


def _pair(first: str, n: int, second: str, m: int) -> str:
    return f"{first % {'n': n}} {second % {'n': m}}" if m else first % {"n": n}


_NEAR = {
    -1: gettext_lazy("yesterday, %(time)s"),
    0: "%(time)s",
    1: gettext_lazy("tomorrow, %(time)s"),
}
