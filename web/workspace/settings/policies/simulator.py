"""The simulator of the policy page: an imagined ticket, what happens to it, and its clocks."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import DeskSettings, Organisation
from sla.business_time import BeyondHorizon
from sla.drafts import Draft
from sla.simulation import MOST_MOMENTS, CannotHappen, Moment, Simulation, simulate
from tickets.models import Category, Priority

KINDS: list[tuple[str, str | Promise]] = [
    ("", _("Nothing")),
    ("customer", _("The customer writes")),
    ("reply", _("An agent answers")),
    ("pending", _("Set to pending")),
    ("on_hold", _("Set on hold")),
    ("open", _("Opened again by an agent")),
    ("resolved", _("Resolved")),
    ("wait", _("Time goes by")),
]
_WHY = {
    "order": _("This lies before what stands above it."),
    "too_late": _("This lies more than two years after the beginning."),
}
_FIRST_ROWS = 3


class Simulator(forms.Form):
    """The imagined ticket; an empty row is nothing."""

    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[("", _("Not classed")), *Category.choices]
    )
    priority = forms.ChoiceField(
        label=_("Priority"), choices=list(reversed(Priority.choices)), initial=Priority.NORMAL
    )
    organisation = forms.CharField(label=_("Organisation"), required=False, max_length=200)

    def __init__(self, sent: Mapping[str, Any] | None, *, at: datetime) -> None:
        """Show what was sent, else a ticket that comes on the next working day."""
        super().__init__(sent, prefix="sim")
        self.count = _count(sent)
        self.fields = {"start": _moment(_("Opened by the customer")), **self.fields}
        for number in range(self.count):
            self.fields[f"{number}.kind"] = forms.ChoiceField(
                label=_("What happens"), required=False, choices=KINDS
            )
            self.fields[f"{number}.at"] = _moment(_("When"), required=False)
        self.initial = {"start": _next_working_day(at)}

    def add_prefix(self, field_name: str) -> str:
        """Name fields sim.start, sim.0.kind …, in the way of the whole page."""
        return f"{self.prefix}.{field_name}"

    def be_quiet(self) -> None:
        """Show what was sent without judging it."""
        self._errors = ErrorDict()

    def clean_organisation(self) -> Organisation | None:
        """Find the organisation by its name."""
        name = self.cleaned_data["organisation"].strip()
        found = Organisation.objects.filter(name__iexact=name).order_by("pk").first()
        if name and found is None:
            raise forms.ValidationError(_("There is no organisation of this name."))
        return found

    def clean(self) -> dict[str, Any]:
        """Ask when something happens."""
        for number in range(self.count):
            at = self.cleaned_data.get(f"{number}.at")
            if self.cleaned_data.get(f"{number}.kind") and at is None:
                self.add_error(f"{number}.at", _("Say when."))
        return self.cleaned_data

    @cached_property
    def zone(self) -> str:
        """Where calendars in the organisation's zone are counted."""
        organisation = self.cleaned_data["organisation"]
        of_organisation = organisation.time_zone if organisation else ""
        return of_organisation or DeskSettings.current().time_zone

    def run(self, draft: Draft) -> Simulation | None:
        """Let it happen; what cannot be becomes an error of its field."""
        clean = self.cleaned_data
        terms = draft.terms(clean["category"] or None, clean["priority"], self.zone)
        numbered = list(self._moments())
        try:
            return simulate(terms, clean["start"], [moment for _number, moment in numbered])
        except CannotHappen as error:
            self.add_error(f"{numbered[error.place][0]}.at", _WHY[error.why])
        except BeyondHorizon:
            self.add_error("start", _("This target lies too many years ahead."))
        return None

    @property
    def rows(self) -> list[tuple[BoundField, BoundField]]:
        """What happens, and when."""
        return [(self[f"{number}.kind"], self[f"{number}.at"]) for number in range(self.count)]

    def _moments(self) -> Iterator[tuple[int, Moment]]:
        for number in range(self.count):
            if kind := self.cleaned_data[f"{number}.kind"]:
                yield number, Moment(kind, self.cleaned_data[f"{number}.at"])


def _count(sent: Mapping[str, Any] | None) -> int:
    text = str((sent or {}).get("sim.total", ""))
    known = text.isascii() and text.isdigit() and len(text) < 4
    wanted = int(text) if known else _FIRST_ROWS
    return min(wanted + ((sent or {}).get("again") == "moment"), MOST_MOMENTS)


def _moment(label: Any, *, required: bool = True) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=required,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


def _next_working_day(at: datetime) -> datetime:
    """Ten in the morning of the viewer's next day from Monday to Friday."""
    day = timezone.localtime(at).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return timezone.make_aware(datetime.combine(day, time(10)))
