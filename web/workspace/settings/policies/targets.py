"""The table of targets: metric, category and priority, quick to fill."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla.models import ANY_CATEGORY, PolicyVersion
from sla.models.policies import Metric
from sla.policy_documents import LONGEST_AMOUNT
from tickets.models import Category, Priority

PRIORITIES = tuple(reversed(Priority))  # the strictest first
CATEGORIES = (ANY_CATEGORY, *Category.values)
ABOUT: Mapping[str, str | Promise] = {
    Metric.FIRST_RESPONSE: gettext_lazy("Until somebody answers for the first time."),
    Metric.NEXT_RESPONSE: gettext_lazy("Until each further question is answered."),
    Metric.UPDATE: gettext_lazy("From one answer to the next, asked or not."),
    Metric.RESOLUTION: gettext_lazy("Until the ticket is resolved."),
}


@dataclass(frozen=True)
class Row:
    """One category of one metric."""

    category: str
    label: str
    cells: list[BoundField]

    @property
    def has_errors(self) -> bool:
        """Whether something in it cannot be taken."""
        return any(cell.errors for cell in self.cells)


@dataclass(frozen=True)
class Block:
    """One metric: the row of any category, then those of single categories."""

    metric: str
    label: str
    about: str
    rows: list[Row]

    @property
    def is_open(self) -> bool:
        """Whether some single category has targets of its own, or an error."""
        return any(cell.value() or cell.errors for row in self.rows[1:] for cell in row.cells)


def place(metric: str, category: str, priority: str) -> str:
    """Name a cell, as sla.policy_documents points at it."""
    return f"targets.{metric}.{category or 'any'}.{priority}"


def cells() -> Iterator[tuple[str, str, str]]:
    """Walk through the table."""
    for metric in Metric.values:
        for category in CATEGORIES:
            for priority in PRIORITIES:
                yield metric, category, priority


def fields() -> dict[str, forms.Field]:
    """Make a field for each cell."""
    return {
        place(*cell): forms.CharField(
            label=_label(*cell), required=False, max_length=LONGEST_AMOUNT,
            widget=forms.TextInput(attrs={
                "autocomplete": "off", "autocapitalize": "off", "spellcheck": "false",
                "aria-label": _label(*cell), "data-cell": cell[0],
            }),
        )
        for cell in cells()
    }  # fmt: skip


def initial(version: PolicyVersion) -> dict[str, str]:
    """Give the table of a version, as it was put."""
    return {
        place(row.metric, row.category, row.priority): row.written or amount(row.seconds)
        for row in version.targets.all()
    }


def read(clean: Mapping[str, Any]) -> dict[str, dict[str, dict[str, int | str]]]:
    """Give the table that the fields say; an empty cell promises nothing of its own."""
    table: dict[str, dict[str, dict[str, int | str]]] = {}
    for metric, category, priority in cells():
        if amount_ := clean.get(place(metric, category, priority)):
            table.setdefault(metric, {}).setdefault(category, {})[priority] = amount_
    return table


def blocks(form: forms.Form) -> list[Block]:
    """Put a form's cells together as the page shows them."""
    return [
        Block(metric, str(Metric(metric).label), str(ABOUT[metric]), [
            Row(category, category_word(category),
                [form[place(metric, category, priority)] for priority in PRIORITIES])
            for category in CATEGORIES
        ])
        for metric in Metric.values
    ]  # fmt: skip


def amount(seconds: int) -> str:
    """Write seconds in their largest whole unit: 4h, 90m, 45s."""
    for size, unit in ((3600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def category_word(category: str) -> str:
    """Say a category; the empty one is the row of any."""
    return str(Category(category).label) if category else _("Any category")


def _label(metric: str, category: str, priority: str) -> str:
    return f"{Metric(metric).label}, {category_word(category)}, {Priority(priority).label}"
