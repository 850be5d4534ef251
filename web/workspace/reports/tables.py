"""The tables of the reports page."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Team, User
from products.models import Product
from tickets import reports
from tickets.models import Ticket
from tickets.reports import Line
from web import words
from web.workspace.reports.drawing import (
    BOTH,
    HOURS,
    KINDS,
    MAINTENANCE,
    TOOK,
    Asked,
    Cell,
    Row,
    Table,
    both,
    by_name,
    hours,
    kind_name,
    number,
    parts_of,
    percent,
    share_of,
    spread,
)

Products = Mapping[str, Product]  # by the key that tallies have of them


def every(asked: Asked, at: datetime) -> list[Table]:
    """Draw all tables; each is one or two queries of the tallies."""
    by_day = reports.by_day(asked.tallies, asked.span)
    of_kinds, of_products, of_both = (
        reports.lines(asked.tallies, asked.span, breakdown)
        for breakdown in ("category", "product", "balance")
    )
    products = {str(each.pk): each for each in Product.objects.all()}
    return [
        volume(asked, by_day), ages(asked, at), balance(asked, of_kinds),
        by_product(asked, of_products, of_both, products), answers(asked, of_kinds),
        answers_by_product(asked, of_products, products), effort(asked, by_day),
        effort_by_kind(asked, of_both, products),
        by_team(asked), by_agent(asked), by_source(asked), by_hour(asked),
    ]  # fmt: skip


def volume(asked: Asked, by_day: Mapping[date, Line]) -> Table:
    """What was filed and resolved, day by day, or week by week when there are many days."""
    first, parts = parts_of(asked, by_day)
    rows = []
    for of_part, lines in parts:
        filed, resolved = sum(line.filed for line in lines), sum(line.resolved for line in lines)
        rows.append(Row(words.day(of_part.span.first), both(of_part, filed, resolved)))
    return Table("volume", gettext_lazy("Filed and resolved"), first, BOTH, rows)


def effort(asked: Asked, by_day: Mapping[date, Line]) -> Table:
    """The time that was worked, over the same days, weeks or months as the volumes."""
    first, parts = parts_of(asked, by_day)
    rows = []
    for of_part, lines in parts:
        worked = hours(sum(line.effort for line in lines), of_part.worked())
        rows.append(Row(words.day(of_part.span.first), [worked]))
    return Table("effort", gettext_lazy("Hours worked"), first, [HOURS], rows)


def ages(asked: Asked, at: datetime) -> Table:
    """How old the tickets are that are open now."""
    rows = []
    counted = reports.backlog(asked.actor, at)
    most = max((n for _low, _high, n in counted), default=0)
    for low, high, n in counted:
        narrowed = {"view": "all", "status": "live"}
        if high:
            narrowed["created_after"] = (at - timedelta(days=high)).isoformat()
        if low:
            narrowed["created_before"] = (at - timedelta(days=low)).isoformat()
        label = (
            _("%(low)d to %(high)d days") % {"low": low or 0, "high": high} if high
            else _("over %(low)d days") % {"low": low}
        )  # fmt: skip
        href = f"{reverse('workspace:queue')}?{urlencode(narrowed)}"
        rows.append(Row(label, [number(n, href)], share=share_of(n, most)))
    columns = [gettext_lazy("Open now")]
    return Table("backlog", gettext_lazy("Age of the backlog"), _("Age"), columns, rows)


def balance(asked: Asked, lines: Mapping[str, Line]) -> Table:
    """The maintenance balance: how much of the work is of which kind, and how long it takes."""
    maintained = sum(lines[kind].filed for kind in MAINTENANCE if kind in lines)
    worked = sum(lines[kind].effort for kind in MAINTENANCE if kind in lines)
    rows = []
    for kind in KINDS:
        line = lines.get(kind, Line())
        of_tickets, of_hours = (
            part * 100 // whole if whole and kind in MAINTENANCE else None
            for part, whole in ((line.filed, maintained), (line.effort, worked))
        )
        cells = [
            *both(asked, line.filed, line.resolved, classed=kind), percent(of_tickets),
            hours(line.effort, asked.worked(f"category:{kind}")), percent(of_hours),
            *spread(line.resolutions),
        ]  # fmt: skip
        rows.append(Row(kind_name(kind), cells, f"category-{kind}", of_tickets or 0))
    return Table(
        "balance", gettext_lazy("Maintenance balance"), _("Category"),
        [*BOTH, gettext_lazy("Share of maintenance"), HOURS,
         gettext_lazy("Share of hours"), *TOOK], rows,
        gettext_lazy("Support and what nobody has classed stand beside the four of maintenance."),
    )  # fmt: skip


def by_product(
    asked: Asked, lines: Mapping[str, Line], kinds: Mapping[str, Line], products: Products
) -> Table:
    """What each product asks for, by kind of maintenance."""
    rows = []
    for key in by_name(lines, {key: each.name for key, each in products.items()}):
        product = products.get(key)
        narrowed = {"product": product.key if product else "none"}
        cells = both(asked, lines[key].filed, lines[key].resolved, **narrowed)
        for kind in KINDS:
            n = kinds.get(f"{kind}/{key}", Line()).filed
            cells.append(number(n, asked.queue("created", classed=kind, **narrowed)))
        rows.append(
            Row(product.name if product else _("None"), [*cells, *spread(lines[key].resolutions)])
        )
    columns: list[str | Promise] = [*BOTH, *(kind_name(kind) for kind in KINDS), *TOOK]
    return Table("products", gettext_lazy("Products"), _("Product"), columns, rows)


def effort_by_kind(asked: Asked, kinds: Mapping[str, Line], products: Products) -> Table:
    """Which kind of work each product took, in hours."""
    worked = {key: line.effort for key, line in kinds.items() if line.effort}
    of_products = {key.partition("/")[2] for key in worked}
    rows = []
    for key in by_name(of_products, {key: each.name for key, each in products.items()}):
        product = products.get(key)
        narrowed = {"product": product.key if product else "none"}
        of_kinds = {kind: worked.get(f"{kind}/{key}", 0) for kind in KINDS}
        cells = [
            hours(of_kinds[kind], asked.worked(f"category:{kind}", **narrowed)) for kind in KINDS
        ]
        every = hours(sum(of_kinds.values()), asked.worked(**narrowed))
        rows.append(Row(product.name if product else _("None"), [every, *cells]))
    columns: list[str | Promise] = [gettext_lazy("All"), *(kind_name(kind) for kind in KINDS)]
    return Table(
        "effort_by_kind", gettext_lazy("Hours worked for products"), _("Product"), columns, rows,
        gettext_lazy("Work without a category of its own is of its ticket’s."),
    )  # fmt: skip


def answers(asked: Asked, lines: Mapping[str, Line]) -> Table:
    """How long customers waited for the first response, by kind of maintenance."""
    every = reports.lines(asked.tallies, asked.span, "all").get("", Line())
    rows = [
        Row(
            kind_name(kind), _answered(asked, lines.get(kind, Line()), classed=kind),
            f"category-{kind}",
        )
        for kind in KINDS
    ]  # fmt: skip
    rows.append(Row(_("All"), _answered(asked, every)))
    return Table(
        "answers", gettext_lazy("First response"), _("Category"), _ANSWERED, rows,
        gettext_lazy(
            "From the customer’s first words to a person’s first answer, where the ticket’s policy"
            " promises one."
        ),
    )  # fmt: skip


def answers_by_product(asked: Asked, lines: Mapping[str, Line], products: Products) -> Table:
    """How long customers of each product waited for the first response."""
    answered = [key for key, line in lines.items() if line.answers.count]
    rows = []
    for key in by_name(answered, {key: each.name for key, each in products.items()}):
        product = products.get(key)
        cells = _answered(asked, lines[key], product=product.key if product else "none")
        rows.append(Row(product.name if product else _("None"), cells))
    name = gettext_lazy("First response by product")
    return Table("answers_by_product", name, _("Product"), _ANSWERED, rows)


_ANSWERED = (
    gettext_lazy("Answered"), gettext_lazy("Half answered within"),
    gettext_lazy("9 of 10 within"),
)  # fmt: skip


def _answered(asked: Asked, line: Line, **narrowed: str) -> list[Cell]:
    href = asked.answered(**narrowed)
    return [number(line.answers.count, href), *spread(line.answers)]


def by_team(asked: Asked) -> Table:
    """What each team took in and resolved, and the work on its tickets."""
    lines = reports.lines(asked.tallies, asked.span, "team")
    teams = Team.objects.visible_to(asked.actor).values_list("pk", "name")
    names = {str(pk): name for pk, name in teams}
    rows = []
    for key in by_name(lines, names):
        line, narrowed = lines[key], {"team": key if key != "0" else "none"}
        worked = hours(line.effort, asked.worked(**narrowed))
        cells = [*both(asked, line.filed, line.resolved, **narrowed), worked]
        rows.append(Row(names.get(key, _("No team")), cells))
    return Table("teams", gettext_lazy("Teams"), _("Team"), [*BOTH, HOURS], rows)


def by_agent(asked: Asked) -> Table:
    """What each colleague resolved, how long it took on average, and their own work."""
    lines = reports.lines(asked.tallies, asked.span, "agent")
    staff = User.objects.filter(pk__in=[int(key) for key in lines if key != "0"])
    names = {str(each.pk): each.display_name for each in staff}
    rows = []
    for key in by_name(lines, names):
        person = key if key != "0" else "none"
        mean = lines[key].resolutions.mean
        shown = Cell(words.duration(mean), plain=round(mean)) if mean is not None else Cell("–")
        cells = [
            number(lines[key].resolved, asked.queue("resolved", assignee=person)), shown,
            hours(lines[key].effort, asked.worked(f"agent:{person}")),
        ]  # fmt: skip
        rows.append(Row(names.get(key, _("Nobody")), cells))
    columns = [gettext_lazy("Resolved"), gettext_lazy("Mean time to resolution"), HOURS]
    return Table("agents", gettext_lazy("Agents"), _("Agent"), columns, rows)


def by_source(asked: Asked) -> Table:
    """Through which channel tickets came."""
    lines = reports.lines(asked.tallies, asked.span, "source")
    most = max((line.filed for line in lines.values()), default=0)
    rows = [
        Row(str(source.label), [number(
            lines[source.value].filed, asked.queue("created", source=source.value)
        )], share=share_of(lines[source.value].filed, most))
        for source in Ticket.Source if source.value in lines
    ]  # fmt: skip
    columns = [gettext_lazy("Filed")]
    return Table("sources", gettext_lazy("Channels"), _("Channel"), columns, rows)


def by_hour(asked: Asked) -> Table:
    """When tickets come: weekday by hour of the desk's zone."""
    counted = reports.by_hour(asked.tallies, asked.span)
    most = max(counted.values(), default=1)
    rows = []
    for weekday in range(1, 8):
        cells = []
        for hour in range(24):
            href = asked.queue("created", filed_at=f"{weekday}-{hour}")
            n = counted.get((weekday, hour), 0)
            cells.append(replace(number(n, href), level=-(-4 * n // most) if n else 0))
        rows.append(Row(str(WEEKDAYS_ABBR[weekday - 1]), cells))
    columns: list[str | Promise] = [f"{hour:02}" for hour in range(24)]
    return Table("hours", gettext_lazy("Hour and weekday"), _("Weekday"), columns, rows)
