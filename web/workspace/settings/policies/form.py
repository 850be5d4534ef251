"""The form of a policy: everything it promises, typed once and never lost."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.forms import BoundField
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid
from accounts.models import User
from sla import business_time, policy_documents
from sla.calendar_documents import CalendarError
from sla.happenings import METRICS, RESTART, RESUME
from sla.models import Calendar, Policy, PolicyVersion
from sla.models.policies import Metric
from tickets.models import Status
from tickets.models.tickets import LIVE
from web.workspace.settings.policies import conditions, steps, targets

PERCENTS = ("reopen_minimum_percent", "change_minimum_percent")


class PolicyForm(forms.Form):
    """A policy; the fields are named as sla.policy_documents points at them."""

    name = forms.CharField(label=_("Name"), max_length=100)
    description = forms.CharField(
        label=_("Description"), max_length=250, required=False,
        help_text=_("What customers get, in a sentence."),
    )  # fmt: skip
    calendar = forms.ModelChoiceField(
        label=_("Calendar"), queryset=Calendar.objects.none(), empty_label=None,
        help_text=_("When time counts, and how long a business day is."),
    )  # fmt: skip
    is_plan = forms.BooleanField(
        label=_("Offered as a support plan"), required=False,
        help_text=_("Agreements with organisations can point at it."),
    )  # fmt: skip
    is_active = forms.BooleanField(
        label=_("Active"), required=False,
        help_text=_("Its conditions are asked for new and open tickets."),
    )  # fmt: skip
    match = forms.Field(label=_("Which tickets"), required=False)
    on_reopen = forms.ChoiceField(
        label=_("When a ticket is opened again"), widget=forms.RadioSelect,
        choices=[
            (RESUME, _("its clock goes on with what was left")),
            (RESTART, _("a new clock starts with the whole target")),
        ],
    )  # fmt: skip
    reopen_minimum_percent = forms.IntegerField(
        label=_("Left at least, after opening again (%)"), required=False, min_value=0,
        max_value=100, help_text=_("0 adds nothing. A quarter of the target is usual: 25."),
    )  # fmt: skip
    change_minimum_percent = forms.IntegerField(
        label=_("Left at least, after a shorter target (%)"), required=False, min_value=0,
        max_value=100, help_text=_("When priority or policy change and the time is used up."),
    )  # fmt: skip

    def __init__(
        self, sent: Mapping[str, Any] | None, *, shown: Policy | None, like: PolicyVersion
    ) -> None:
        """Show what was sent, else the version `like`; `shown` is the policy that is edited."""
        super().__init__(sent)
        self.shown = shown
        document = like.document
        step_values, step_count = steps.initial(document.get("steps", {}))
        self.step_count = _count(sent, step_count)
        people = _people(step_values)
        self.fields["calendar"].queryset = _known_calendars()  # type: ignore[attr-defined]
        if not self.is_default:
            self.fields |= conditions.fields(document.get("match", {}))
        self.fields |= {
            **targets.fields(), **steps.fields(self.step_count, people), **_pauses(),
            **_calendars(),
        }  # fmt: skip
        self.initial = {
            "calendar": like.calendar_id, "is_active": shown is None or shown.is_active,
            "on_reopen": document.get("on_reopen", RESUME),
            **{name: document.get(name, 0) for name in PERCENTS},
            **targets.initial(like), **step_values,
            **{f"pause.{metric}": names for metric, names in document["pause"].items()},
            **{f"calendars.{metric}": pk for metric, pk in document.get("calendars", {}).items()},
        }  # fmt: skip
        if shown is not None:
            self.initial |= conditions.initial(document.get("match", {}))
            self.initial |= {
                "name": shown.name, "description": shown.description, "is_plan": shown.is_plan,
            }  # fmt: skip

    @property
    def is_default(self) -> bool:
        """Whether it is for every ticket that no other policy matches."""
        return self.shown is not None and self.shown.is_default

    def be_quiet(self) -> None:
        """Show what was sent without judging it: only a row was added."""
        self._errors = ErrorDict()

    def clean(self) -> dict[str, Any]:
        """Look at every amount, so that all that are wrong are marked at once."""
        clean = self.cleaned_data
        for metric, category, priority in targets.cells():
            place = targets.place(metric, category, priority)
            calendar = clean.get(f"calendars.{metric}") or clean.get("calendar")
            if clean.get(place) and calendar is not None:
                try:
                    hours = business_time.Calendar.parse(calendar.current.document)
                    policy_documents.read_amount(clean[place], hours, timezone.now(), place)
                except Invalid as refusal:
                    self.add_error(place, str(refusal))
        for number, row in steps.kept(clean, self.step_count):
            if row["amount"] is None and f"steps.{number}.amount" not in self.errors:
                self.add_error(f"steps.{number}.amount", _("Give a whole number."))
        return clean

    def values(self) -> dict[str, Any]:
        """Give what the actions take.

        :raises Invalid: days are counted on a calendar that does not say how long they are.
        """
        clean = self.cleaned_data
        given: dict[str, Any] = {name: clean[name] for name in ("name", "description", "calendar")}
        given["targets"] = targets.read(clean)
        given["is_plan"], given["is_active"] = clean["is_plan"], clean["is_active"]
        if self.is_default:
            given["is_active"] = True
        given["document"] = {
            "match": {} if self.is_default else conditions.read(clean),
            "pause": {metric: clean[f"pause.{metric}"] for metric in METRICS},
            "on_reopen": clean["on_reopen"],
            **{name: clean[name] or 0 for name in PERCENTS},
            "steps": steps.read(clean, self.step_count, self._business_day()),
            "calendars": {
                metric: clean[f"calendars.{metric}"].pk
                for metric in METRICS
                if clean[f"calendars.{metric}"]
            },
        }
        return given

    def place_of(self, pointer: str) -> str | None:
        """Name the field that shows what a refusal points at."""
        if pointer in self.fields:
            return pointer
        kind, _dot, rest = pointer.partition(".")
        if kind == "targets":
            return self._empty_cell(rest or Metric.FIRST_RESPONSE)
        if kind == "steps":
            return self._step_at(*rest.partition(".")[::2])
        return kind if kind in self.fields else None

    @cached_property
    def blocks(self) -> list[targets.Block]:
        """The table of targets."""
        return targets.blocks(self)

    @property
    def step_rows(self) -> list[steps.Row]:
        """Warnings and escalations."""
        return steps.rows(self, self.step_count)

    @property
    def condition_rows(self) -> list[conditions.Asked]:
        """The conditions, in their order."""
        return [] if self.is_default else conditions.rows(self)

    @property
    def has_rules_at_fault(self) -> bool:
        """Whether something is wrong in the folded part."""
        names = [*PERCENTS, *(name for name in self.fields if name.startswith("calendars."))]
        return any(name in self.errors for name in names)

    @property
    def pause_fields(self) -> list[BoundField]:
        """In which statuses each clock stands still."""
        return [self[f"pause.{metric}"] for metric in METRICS]

    @property
    def calendar_fields(self) -> list[BoundField]:
        """The calendars of single metrics."""
        return [self[f"calendars.{metric}"] for metric in METRICS]

    def _business_day(self) -> int:
        document = self.cleaned_data["calendar"].current.document
        try:
            return business_time.Calendar.parse(document).seconds_of_days(1)
        except CalendarError as error:
            units = {self.cleaned_data.get(f"steps.{n}.unit") for n in range(self.step_count)}
            if units & {"-d", "+d"}:
                raise Invalid(_(error.sentence) % error.values, pointer="calendar") from error
            return steps.WALL_DAY

    def _empty_cell(self, metric: str) -> str:
        row = [targets.place(metric, "", priority) for priority in targets.PRIORITIES]
        return next((name for name in row if not self.cleaned_data.get(name)), row[0])

    def _step_at(self, metric: str, name: str) -> str | None:
        rows = [
            (number, (row["name"] or "").strip())
            for number, row in steps.kept(self.cleaned_data, self.step_count)
            if row["metric"] == metric
        ]
        for number, known in rows:
            if name and known == name:
                return f"steps.{number}.amount"
        seen: set[str] = set()
        for number, known in rows:  # a name is missing, or stands twice
            if not known or known in seen:
                return f"steps.{number}.name"
            seen.add(known)
        return f"steps.{rows[-1][0]}.name" if rows else None


def _count(sent: Mapping[str, Any] | None, otherwise: int) -> int:
    if sent is None:
        return otherwise
    text = str(sent.get("steps.total", ""))
    wanted = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0
    return min(wanted + (sent.get("again") == "step"), steps.MOST_ROWS)


def _known_calendars() -> QuerySet[Calendar]:
    known = Calendar.objects.filter(current__isnull=False).select_related("current")
    return known.order_by("name", "pk")


def _people(step_values: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Who may be told or assigned: who works here, and whom a step already names."""
    named = {
        word
        for name, value in step_values.items()
        if name.endswith((".told", ".assign"))
        for word in (value if isinstance(value, list) else [value])
        if word.isdigit()
    }
    people = User.objects.filter(Q(is_active=True, role__in=User.STAFF) | Q(pk__in=named))
    return [(str(user.pk), user.display_name) for user in people.order_by("name", "id")]


def _pauses() -> dict[str, forms.Field]:
    statuses = [(status, Status(status).label) for status in LIVE]
    return {
        f"pause.{metric}": forms.MultipleChoiceField(
            label=Metric(metric).label, required=False, choices=statuses,
            widget=forms.CheckboxSelectMultiple,
        )
        for metric in METRICS
    }  # fmt: skip


def _calendars() -> dict[str, forms.Field]:
    return {
        f"calendars.{metric}": forms.ModelChoiceField(
            label=Metric(metric).label, required=False, empty_label=_("The policy’s calendar"),
            queryset=_known_calendars(),
        )
        for metric in METRICS
    }  # fmt: skip
