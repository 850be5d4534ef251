"""The form of a calendar: what is written in it, as the document that is kept."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from sla.calendar_documents import DAYS, ORGANISATION, zone
from web.workspace.settings import calendar_words as words
from web.zones import ZoneField

NEW: Mapping[str, Any] = {  # what a new calendar begins with
    "timezone": ORGANISATION,
    "hours_per_day": 8,
    "weekly": {day: [["09:00", "17:00"]] for day in DAYS[:5]},
}
_NO_HELP = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


def _lines(label: Any, help_text: Any, example: str) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=200_000, strip=False, help_text=help_text,
        widget=forms.Textarea(attrs={"rows": 4, "placeholder": example, **_NO_HELP}),
    )  # fmt: skip


class CalendarForm(forms.Form):
    """Opening hours by weekday and date."""

    name = forms.CharField(label=_("Name"), max_length=100)
    timezone = ZoneField(
        label=_("Time zone"),
        first=lambda: [(ORGANISATION, _("That of each organisation"))],
        help_text=_("With that of each organisation, nine o’clock is nine where the customer is."),
    )
    hours_per_day = forms.FloatField(
        label=_("Hours of a business day"), required=False, min_value=0, max_value=24,
        help_text=_("What “1 day” means in a target."),
        widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
    )  # fmt: skip
    always_open = forms.BooleanField(
        label=_("Round the clock (24/7)"), required=False,
        help_text=_("Such a calendar has no hours, exceptions or holidays."),
    )  # fmt: skip
    exceptions = _lines(
        _("Days with other hours"),
        _("One a line: the date, then its hours. A date alone is closed."),
        "2026-12-24 09:00–12:00",
    )
    breaks = _lines(
        _("Closed in between"), _("One a line: the date, then when it is closed."),
        "2026-06-12 12:00–14:00",
    )  # fmt: skip
    holidays = _lines(
        _("Holidays"), _("One a line: the date, then its name if you like."),
        "2026-12-25 Christmas Day",
    )  # fmt: skip
    counted_from = forms.DateField(
        label=_("Also for the past, since"), required=False,
        help_text=_(
            "For a forgotten holiday: time that clocks used since this day is counted again."
            " Left empty, only the time from now on is counted by these hours."
        ),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        sent: Any = None,
        *,
        document: Mapping[str, Any],
        initial: Mapping[str, Any],
        is_new: bool,
    ) -> None:
        super().__init__(sent, initial={**_begun(document), **initial})
        for number, day in enumerate(DAYS):
            self.fields[day] = forms.CharField(
                label=WEEKDAYS[number], required=False, max_length=200,
                initial=words.write_hours((document.get("weekly") or {}).get(day) or ()),
                widget=forms.TextInput(attrs={"placeholder": _("closed"), **_NO_HELP}),
            )  # fmt: skip
        if not document.get("breaks"):  # only told by the API, so shown only where there are any
            del self.fields["breaks"]
        if is_new:
            del self.fields["counted_from"]

    @property
    def weekdays(self) -> list[forms.BoundField]:
        """The fields of the week, Monday first."""
        return [self[day] for day in DAYS]

    def clean(self) -> dict[str, Any]:
        """Read what is written line by line; what hours may be is the action's to say."""
        readers = {
            **dict.fromkeys(DAYS, words.read_hours), "exceptions": words.read_exceptions,
            "breaks": words.read_exceptions, "holidays": words.read_holidays,
        }  # fmt: skip
        for name, read in readers.items():
            if name in self.cleaned_data:
                try:
                    self.cleaned_data[name] = read(self.cleaned_data[name])
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return self.cleaned_data

    @property
    def document(self) -> dict[str, Any]:
        """What the form says, as sla.business_time.Calendar reads it."""
        clean = self.cleaned_data
        hours = clean["hours_per_day"]
        shared = {"timezone": clean["timezone"], "hours_per_day": hours}
        if clean["always_open"]:
            return {**shared, "weekly": {}, "always_open": True}
        return {
            **shared,
            "weekly": {day: clean[day] for day in DAYS if clean[day]},
            "exceptions": clean["exceptions"],
            "holidays": sorted(clean["holidays"]),
            "holiday_names": {day: name for day, name in clean["holidays"].items() if name},
            **({"breaks": clean["breaks"]} if clean.get("breaks") else {}),
        }

    @property
    def since(self) -> datetime | None:
        """Since when used time is counted again: where that day begins for the calendar."""
        day = self.cleaned_data.get("counted_from")
        if day is None:
            return None
        name = self.cleaned_data["timezone"]
        here = timezone.get_current_timezone() if name == ORGANISATION else zone(name)
        return datetime(day.year, day.month, day.day, tzinfo=here)

    def field_of(self, pointer: str) -> str:
        """Name the field that a refusal points at: `document.weekly.mon[0]` is `mon`."""
        parts = re.split(r"[.\[]", pointer.removeprefix("document."))
        if parts[0] == "weekly":
            return parts[1] if len(parts) > 1 else DAYS[0]
        return {"holiday_names": "holidays"}.get(parts[0], parts[0])


def _begun(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "timezone": document.get("timezone"),
        "hours_per_day": _short(document.get("hours_per_day")),
        "always_open": document.get("always_open", False),
        "exceptions": words.write_exceptions(document.get("exceptions") or {}),
        "breaks": words.write_exceptions(document.get("breaks") or {}),
        "holidays": words.write_holidays(words.names_of(document)),
    }


def _short(hours: float | None) -> float | int | None:
    """8 instead of 8.0."""
    return int(hours) if hours is not None and hours == int(hours) else hours
