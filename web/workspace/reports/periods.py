"""Which days a report is about: the form, the usual periods, and their addresses."""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.attainment import Period
from web.context import desk_facts

LONGEST_DAYS = 3660
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class Days(forms.Form):
    """From one day to another."""

    first = forms.DateField(label=gettext_lazy("From"), widget=_DAY)
    last = forms.DateField(label=gettext_lazy("To"), widget=_DAY)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than ten years."""
        clean = super().clean() or {}
        for name in ("first", "last"):
            if (day := clean.get(name)) and not 1970 <= day.year <= 2200:
                self.add_error(name, _("Choose a day between 1970 and 2200."))
        first, last = clean.get("first"), clean.get("last")
        if first and last and not first <= last <= first + timedelta(days=LONGEST_DAYS):
            self.add_error("last", _("Choose a day after the first one, at most ten years later."))
        return clean


def zone() -> ZoneInfo:
    """Give the desk's time zone, in which all reports count days."""
    return ZoneInfo(desk_facts()[1])


def usual(at: datetime) -> dict[str, str]:
    """Give what the form says before anybody chose: the last 30 days."""
    shown = Period.last_days(30, at, zone())
    return {"first": shown.first.isoformat(), "last": shown.last.isoformat()}


def presets(at: datetime, form: Days) -> list[tuple[str, str, bool]]:
    """Give the usual periods: name, address, and whether it is the one that is shown."""
    month = Period.month(timezone.localdate(at, zone()), zone())
    before = Period.month(month.first - timedelta(days=1), zone())
    periods = [
        (_("Last 30 days"), Period.last_days(30, at, zone())), (_("This month"), month),
        (_("Last month"), before), (_("Last 90 days"), Period.last_days(90, at, zone())),
        (_("Last 12 months"), Period.last_days(365, at, zone())),
    ]  # fmt: skip
    shown = str(form.data["first"]), str(form.data["last"])
    return [
        (name, _query(each), shown == (each.first.isoformat(), each.last.isoformat()))
        for name, each in periods
    ]


def _query(period: Period) -> str:
    days = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return "?" + urlencode(days)
