"""Warnings and escalations of a policy as rows of plain fields."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sla.happenings import METRICS
from sla.models.policies import Metric
from sla.policy_documents import MOST_STEPS, NOTIFIED
from web.workspace.tags import TagsInput

Step = dict[str, Any]
MOST_ROWS = MOST_STEPS * len(METRICS)
TOLD: Mapping[str, str | Promise] = {
    "assignee": _("The assignee"),
    "team": _("The team"),
    "account_manager": _("The account manager"),
}
UNITS: list[tuple[str, str | Promise]] = [
    ("percent", _("per cent of the target")),
    ("-m", _("minutes before due")), ("-h", _("hours before due")), ("-d", _("days before due")),
    ("+m", _("minutes after due")), ("+h", _("hours after due")), ("+d", _("days after due")),
]  # fmt: skip
_SIZES = {"m": 60, "h": 3600}
WALL_DAY = 86400
NAMES = ("metric", "name", "amount", "unit", "wall", "told", "raised", "assign", "tags", "gone")


@dataclass(frozen=True)
class Row:
    """The fields of one step."""

    number: int
    fields: Mapping[str, BoundField]

    @property
    def has_errors(self) -> bool:
        """Whether something in it cannot be taken."""
        return any(field.errors for field in self.fields.values())

    @property
    def acts(self) -> bool:
        """Whether it says what is to be done."""
        return any(self.fields[name].value() for name in ("told", "raised", "assign", "tags"))


def fields(count: int, people: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    """Make the fields of so many rows; `people` are those who may be told or assigned."""
    made: dict[str, forms.Field] = {}
    for number in range(count):
        made |= {f"steps.{number}.{name}": field for name, field in _row(people).items()}
    return made


def initial(document: Mapping[str, Sequence[Mapping[str, Any]]]) -> tuple[dict[str, Any], int]:
    """Give what the rows show for a document, and how many there are."""
    shown: dict[str, Any] = {}
    steps = [(metric, step) for metric in METRICS for step in document.get(metric, ())]
    for number, (metric, step) in enumerate(steps):
        values = {"metric": metric, "name": step["name"], **_when(step), **_deeds(step)}
        shown |= {f"steps.{number}.{name}": value for name, value in values.items()}
    return shown, len(steps)


def read(clean: Mapping[str, Any], count: int, business_day: int) -> dict[str, list[Step]]:
    """Give the document that the rows say; empty and removed rows are none."""
    document: dict[str, list[Step]] = {metric: [] for metric in METRICS}
    for _number, row in kept(clean, count):
        document[row["metric"]].append(_step(row, business_day))
    return document


def kept(clean: Mapping[str, Any], count: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Walk through the rows that say something."""
    for number in range(count):
        row = {name: clean.get(f"steps.{number}.{name}") for name in NAMES}
        if not row["gone"] and (row["name"] or row["amount"] is not None):
            yield number, row


def rows(form: forms.Form, count: int) -> list[Row]:
    """Put a form's step fields together as the page shows them."""
    return [
        Row(number, {name: form[f"steps.{number}.{name}"] for name in NAMES})
        for number in range(count)
    ]


def _row(people: Sequence[tuple[str, str]]) -> dict[str, forms.Field]:
    return {
        "metric": forms.ChoiceField(
            label=_("Of"), required=False, choices=Metric.choices, initial=Metric.RESOLUTION
        ),
        "name": forms.CharField(
            label=_("Name"), required=False, max_length=50,
            widget=forms.TextInput(attrs={"placeholder": _("Half the time is gone")}),
        ),
        "amount": forms.IntegerField(
            label=_("When"), required=False, min_value=0, max_value=600_000
        ),
        "unit": forms.ChoiceField(label=_("Unit"), required=False, choices=UNITS),
        "wall": forms.BooleanField(label=_("Nights and closed days count, too"), required=False),
        "told": forms.MultipleChoiceField(
            label=_("Tell"), required=False, choices=[*TOLD.items(), *people],
            widget=forms.CheckboxSelectMultiple,
        ),
        "raised": forms.BooleanField(label=_("Raise the priority by one"), required=False),
        "assign": forms.ChoiceField(
            label=_("Assign to"), required=False, choices=[("", _("Leave as it is")), *people]
        ),
        "tags": forms.CharField(
            label=_("Add tags"), required=False, max_length=500,
            widget=TagsInput(placeholder=_("Separated by commas.")),
        ),
        "gone": forms.BooleanField(label=_("Remove this step"), required=False),
    }  # fmt: skip


def _step(row: Mapping[str, Any], business_day: int) -> Step:
    step: Step = {"name": (row["name"] or "").strip()}
    unit, amount = row["unit"] or "percent", row["amount"]
    if unit == "percent":
        step["percent"] = amount or 0
    elif amount is not None:
        size = _SIZES.get(unit[1]) or (WALL_DAY if row["wall"] else business_day)
        step["offset"] = amount * size * (-1 if unit[0] == "-" else 1)
    if row["wall"]:
        step["wall"] = True
    if actions := list(_actions(row)):
        step["actions"] = actions
    return step


def _actions(row: Mapping[str, Any]) -> Iterator[Step]:
    if row["told"]:
        told = [word if word in NOTIFIED else int(word) for word in row["told"]]
        yield {"do": "notify", "to": told}
    if row["raised"]:
        yield {"do": "raise_priority"}
    if row["assign"]:
        yield {"do": "assign", "to": int(row["assign"])}
    if tags := [tag.strip() for tag in (row["tags"] or "").split(",") if tag.strip()]:
        yield {"do": "add_tags", "to": tags}


def _when(step: Mapping[str, Any]) -> dict[str, Any]:
    if "percent" in step:
        return {"amount": step["percent"], "unit": "percent", "wall": bool(step.get("wall"))}
    offset, is_wall = step["offset"], bool(step.get("wall"))
    sign, size, unit = "-" if offset < 0 else "+", 60, "m"
    if is_wall and offset and offset % WALL_DAY == 0:
        size, unit = WALL_DAY, "d"
    elif offset and offset % 3600 == 0:
        size, unit = 3600, "h"
    return {"amount": abs(offset) // size, "unit": sign + unit, "wall": is_wall}


def _deeds(step: Mapping[str, Any]) -> dict[str, Any]:
    done: dict[str, list[Any]] = {}
    for action in step.get("actions", ()):
        to = action.get("to", True)
        done.setdefault(action["do"], []).extend(to if isinstance(to, list) else [to])
    return {
        "told": [str(one) for one in done.get("notify", ())],
        "raised": "raise_priority" in done,
        "assign": str(done["assign"][-1]) if "assign" in done else "",
        "tags": ", ".join(done.get("add_tags", ())),
    }
