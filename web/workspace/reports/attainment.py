"""How promises were kept, as a page and as a file; every number leads to its tickets."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.models import Organisation, Team
from products.models import Product
from sla.attainment import BREAKDOWNS, Line, Period, report, total
from sla.models import Metric, Policy
from tickets.models import Category
from web.exports import neutral
from web.policies import policy
from web.workspace.pages import page, who
from web.workspace.reports.periods import Days, presets, usual, zone

NAMES = {
    "metric": gettext_lazy("Metric"),
    "policy": gettext_lazy("Policy"),
    "organisation": gettext_lazy("Organisation"),
    "category": gettext_lazy("Category"),
    "team": gettext_lazy("Team"),
    "product": gettext_lazy("Product"),
}


class Asked(Days):
    """Which period, broken down by what, narrowed to what."""

    by = forms.ChoiceField(label=gettext_lazy("By"), choices=list(NAMES.items()))
    metric = forms.ChoiceField(label=NAMES["metric"], required=False)
    policy = forms.ChoiceField(label=NAMES["policy"], required=False)
    organisation = forms.ChoiceField(label=NAMES["organisation"], required=False)
    category = forms.ChoiceField(label=NAMES["category"], required=False)
    team = forms.ChoiceField(label=NAMES["team"], required=False)
    product = forms.ChoiceField(label=NAMES["product"], required=False)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = {
            "metric": Metric.choices,
            "policy": Policy.objects.order_by("name").values_list("pk", "name"),
            "organisation": Organisation.objects.order_by("name").values_list("pk", "name"),
            "category": Category.choices,
            "team": Team.objects.visible_to(actor).order_by("name").values_list("pk", "name"),
            "product": Product.objects.order_by("name").values_list("pk", "name"),
        }
        for name, choices in rows.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
            field.choices = [("", _("All")), *choices]


@dataclass(frozen=True)
class Row:
    """A line with the addresses of the tickets behind each of its numbers."""

    line: Line
    label: str
    met: str
    breached: str
    no_answer: str
    open: str


@require_safe
@policy("agent")
def attainment(request: HttpRequest) -> HttpResponse:
    """Show the report, or send it as a file with `format=csv`."""
    actor, at = who(request)
    form = Asked({**usual(at), "by": "metric", **request.GET.dict()}, actor=actor)
    context: dict[str, Any] = {"form": form, "presets": presets(at, form), "here": "reports"}
    if not form.is_valid():
        return page(request, "workspace/reports/attainment.html", context, status=422)
    asked = form.cleaned_data
    period = Period(asked["first"], asked["last"], zone())
    where = {name: asked[name] for name in BREAKDOWNS if asked[name]}
    lines = report(actor, period, by=asked["by"], where=where)
    if request.GET.get("format") == "csv":
        return _file(lines, asked["by"], period)
    context |= {
        "by": NAMES[asked["by"]],
        "rows": [_row(line, asked["by"], period, where) for line in lines],
        "total": _row(total(actor, period, where), "", period, where),
        "zone": period.zone.key,
        "csv": "?" + urlencode({**{k: v for k, v in asked.items() if v}, "format": "csv"}),
    }
    return page(request, "workspace/reports/attainment.html", context)


def label_of(by: str, line: Line) -> str:
    """Name a line: choices by their words, rows by their names, nothing as such."""
    if by == "metric":
        return str(Metric(line.key).label)
    if by == "category":
        return str(Category(line.key).label) if line.key else _("Not classed")
    return line.label or _("None")


def _row(line: Line, by: str, period: Period, where: dict[str, Any]) -> Row:
    narrowed = {**where, **({by: line.key} if by else {})}
    addresses = [
        behind(state, period, narrowed) for state in ("met", "breached", "no_answer", "open")
    ]
    return Row(line, label_of(by, line) if by else _("Everything"), *addresses)


def behind(state: str, period: Period, where: Mapping[str, Any]) -> str:
    """Give the address of the tickets behind a figure (one of sla.attainment.STATES)."""
    parts = [f"{name}:{'' if key is None else key}" for name, key in where.items()]
    value = ",".join([state, period.first.isoformat(), period.last.isoformat(), *parts])
    asked = {"view": "all", "status": "any", "outcome": value}
    return f"{reverse('workspace:queue')}?{urlencode(asked)}"


def _file(lines: list[Line], by: str, period: Period) -> HttpResponse:
    name = f"attainment-{period.first}-{period.last}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    writer = csv.writer(answer)
    writer.writerow([
        by, "met", "breached", "attainment", "no_answer", "cancelled", "open_breaches",
        "paused_share", "business_seconds_median", "business_seconds_p90", "wall_seconds_median",
        "wall_seconds_p90", "late_business_seconds_median", "late_business_seconds_p90",
        "late_wall_seconds_median", "late_wall_seconds_p90",
    ])  # fmt: skip
    for line in lines:
        writer.writerow([neutral(label_of(by, line)), *_figures(line)])
    return answer


def _figures(line: Line) -> Iterator[Any]:
    yield from (line.met, line.breached, _rounded(line.attainment), line.no_answer)
    yield from (line.cancelled, line.open_breaches, _rounded(line.paused_share))
    for spread in (line.took_business, line.took_wall, line.late_business, line.late_wall):
        yield from (None if value is None else round(value) for value in spread)


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 4)
