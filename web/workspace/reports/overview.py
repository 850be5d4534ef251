"""The reports page: what is open now, and where the effort went in a period."""

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from tickets import reports
from tickets.models import TallyState, Ticket
from tickets.reports import Span
from web import words
from web.exports import neutral
from web.policies import policy
from web.workspace import views
from web.workspace.counts import up_to
from web.workspace.pages import page, who
from web.workspace.reports import drawing, tables
from web.workspace.reports.periods import Days, presets, usual, zone

MOST_COUNTED = 999


@dataclass(frozen=True)
class Tile:
    """One number of now, and the tickets behind it."""

    name: str | Promise
    text: str
    href: str
    is_loud: bool = False


@require_safe
@policy("agent")
def overview(request: HttpRequest) -> HttpResponse:
    """Show the reports, or send one table as a file with `format=csv&table=…`."""
    actor, at = who(request)
    form = Days({**usual(at), **request.GET.dict()})
    context: dict[str, Any] = {
        "form": form, "presets": presets(at, form), "here": "reports", "tiles": _tiles(actor, at),
    }  # fmt: skip
    if not form.is_valid():
        return page(request, "workspace/reports/overview.html", context, status=422)
    span = Span(form.cleaned_data["first"], form.cleaned_data["last"])
    drawn = tables.every(drawing.Asked(actor, reports.readable(actor), span, zone()), at)
    wanted = next((each for each in drawn if each.key == request.GET.get("table")), None)
    if request.GET.get("format") == "csv" and wanted:
        return _file(wanted, span)
    state = TallyState.objects.filter(pk=1).first()
    by_key = {each.key: each for each in drawn}
    context |= {
        "tables": by_key,
        "volume": chart(by_key["volume"]),
        "effort": chart(by_key["effort"]),
        "zone": zone().key,
        "as_of": state.followed_at if state else None,
        "is_counting": state is None or state.recount_from is not None,
        "csv": "?" + urlencode({"first": span.first, "last": span.last, "format": "csv"}),
    }
    return page(request, "workspace/reports/overview.html", context)


def _tiles(actor: Actor, at: datetime) -> list[Tile]:
    """Count what is open; what the rail knows is not counted again."""
    queue = reverse("workspace:queue")
    seen = Ticket.objects.visible_to(actor).filter(is_spam=False)
    live = seen.live().order_by()[: MOST_COUNTED + 1].count()
    oldest = seen.filter(waiting_since__isnull=False).order_by("waiting_since", "number").first()
    known = {line.key: line for line in views.rail(actor, at).views}
    return [
        Tile(_("Open"), up_to(MOST_COUNTED, live), f"{queue}?view=all&status=live"),
        *(
            Tile(known[key].name, up_to(MOST_COUNTED, known[key].count or 0), known[key].href,
                 known[key].is_loud and bool(known[key].count))
            for key in ("u", "b", "n")
        ),
        Tile(
            _("Oldest waiting"),
            words.age(oldest.waiting_since, at) if oldest and oldest.waiting_since else "–",
            f"{queue}?view=waiting",
        ),
    ]  # fmt: skip


@dataclass(frozen=True)
class Bars:
    """The bars of one row, side by side, in units of a box that is 100 high."""

    x: int
    heights: list[float]
    label: str


@dataclass(frozen=True)
class Chart:
    """The rows of a table as bars, and the highest of them in words."""

    rows: list[Bars]
    peak: str


def chart(table: drawing.Table) -> Chart:
    """Draw a table's numbers."""
    highest = max((cell for row in table.rows for cell in row.cells), key=lambda cell: cell.plain)
    rows = [
        Bars(
            10 * n,
            [round(cell.plain * 100 / (highest.plain or 1), 1) for cell in row.cells],
            row.label,
        )
        for n, row in enumerate(table.rows)
    ]
    return Chart(rows, highest.text if highest.plain else "")


def _file(table: drawing.Table, span: Span) -> HttpResponse:
    name = f"{table.key}-{span.first}-{span.last}.csv"
    answer = HttpResponse(
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
    writer = csv.writer(answer)
    writer.writerow([str(table.first), *(str(column) for column in table.columns)])
    for row in table.rows:
        writer.writerow([neutral(row.label), *(cell.plain for cell in row.cells)])
    return answer
