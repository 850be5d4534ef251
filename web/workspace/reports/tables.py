"""The tables of the reports page: each number with the address of its tickets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import Team, User
from products.models import Product
from tickets import reports
from tickets.models import Category, Tally, Ticket
from tickets.reports import Line, Span
from web import words

MOST_BARS = 92
KINDS = [*Category.values, "none"]
MAINTENANCE = KINDS[:4]


@dataclass(frozen=True)
class Cell:
    """One value as it is shown, the tickets behind it, and its plain form for a file."""

    text: str
    href: str = ""
    plain: Any = ""
    level: int = 0  # 1 to 4 shades it


@dataclass(frozen=True)
class Row:
    """A line of a table; `share` of the largest, in per cent, draws its bar."""

    label: str
    cells: list[Cell]
    icon: str = ""
    share: int = 0


@dataclass(frozen=True)
class Table:
    """One breakdown: its key in addresses, its words, its columns and rows."""

    key: str
    name: str | Promise
    first: str | Promise
    columns: Sequence[str | Promise]
    rows: list[Row]
    hint: str | Promise = ""


@dataclass(frozen=True)
class Asked:
    """For whom, of which tallies, about which days, in which zone the tables are drawn."""

    actor: Actor
    tallies: QuerySet[Tally]
    span: Span
    zone: ZoneInfo

    def queue(self, measure: str, **narrowed: str) -> str:
        """Give the address of the tickets filed or resolved in these days."""
        days = {
            f"{measure}_after": self._midnight(self.span.first),
            f"{measure}_before": self._midnight(self.span.last + timedelta(days=1)),
        }
        asked = {"view": "all", "status": "any", **days, **narrowed}
        return f"{reverse('workspace:queue')}?{urlencode(asked)}"

    def worked(self, *parts: str, **narrowed: str) -> str:
        """Give the address of the tickets on which such work was done in these days."""
        effort = ",".join([self.span.first.isoformat(), self.span.last.isoformat(), *parts])
        asked = {"view": "all", "status": "any", "effort": effort, **narrowed}
        return f"{reverse('workspace:queue')}?{urlencode(asked)}"

    def of_days(self, first: date, last: date) -> "Asked":
        """Ask the same about other days."""
        return replace(self, span=Span(first, last))

    def _midnight(self, day: date) -> str:
        return datetime.combine(day, time.min, tzinfo=self.zone).isoformat()


def every(asked: Asked, at: datetime) -> list[Table]:
    """Draw all tables; each is one or two queries of the tallies."""
    by_day = reports.by_day(asked.tallies, asked.span)
    return [
        volume(asked, by_day), ages(asked, at), balance(asked), by_product(asked), by_team(asked),
        by_agent(asked), by_source(asked), by_hour(asked), effort(asked, by_day),
        effort_by_kind(asked),
    ]  # fmt: skip


def volume(asked: Asked, by_day: Mapping[date, Line]) -> Table:
    """What was filed and resolved, day by day, or week by week when there are many days."""
    first, parts = _parts(asked, by_day)
    rows = []
    for of_part, lines in parts:
        filed, resolved = sum(line.filed for line in lines), sum(line.resolved for line in lines)
        rows.append(Row(words.day(of_part.span.first), _both(of_part, filed, resolved)))
    return Table("volume", gettext_lazy("Filed and resolved"), first, _BOTH, rows)


def effort(asked: Asked, by_day: Mapping[date, Line]) -> Table:
    """The time that was worked, over the same days, weeks or months as the volumes."""
    first, parts = _parts(asked, by_day)
    rows = []
    for of_part, lines in parts:
        worked = _worked(sum(line.effort for line in lines), of_part.worked())
        rows.append(Row(words.day(of_part.span.first), [worked]))
    return Table("effort", gettext_lazy("Hours worked"), first, [_HOURS], rows)


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
        rows.append(Row(label, [_number(n, href)], share=_share(n, most)))
    columns = [gettext_lazy("Open now")]
    return Table("backlog", gettext_lazy("Age of the backlog"), _("Age"), columns, rows)


def balance(asked: Asked) -> Table:
    """The maintenance balance: how much of the work is of which kind, and how long it takes."""
    lines = reports.lines(asked.tallies, asked.span, "category")
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
            *_both(asked, line.filed, line.resolved, classed=kind), _percent(of_tickets),
            _worked(line.effort, asked.worked(f"category:{kind}")), _percent(of_hours),
            *_took(line),
        ]  # fmt: skip
        rows.append(Row(kind_name(kind), cells, f"category-{kind}", of_tickets or 0))
    return Table(
        "balance", gettext_lazy("Maintenance balance"), _("Category"),
        [*_BOTH, gettext_lazy("Share of maintenance"), _HOURS,
         gettext_lazy("Share of hours"), *_TOOK], rows,
        gettext_lazy("Support and what nobody has classed stand beside the four of maintenance."),
    )  # fmt: skip


def by_product(asked: Asked) -> Table:
    """What each product asks for, by kind of maintenance."""
    lines = reports.lines(asked.tallies, asked.span, "product")
    kinds = reports.lines(asked.tallies, asked.span, "balance")
    products = {str(each.pk): each for each in Product.objects.all()}
    rows = []
    for key in _by_name(lines, {key: each.name for key, each in products.items()}):
        product = products.get(key)
        narrowed = {"product": product.key if product else "none"}
        cells = _both(asked, lines[key].filed, lines[key].resolved, **narrowed)
        for kind in KINDS:
            n = kinds.get(f"{kind}/{key}", Line()).filed
            cells.append(_number(n, asked.queue("created", classed=kind, **narrowed)))
        rows.append(Row(product.name if product else _("None"), [*cells, *_took(lines[key])]))
    columns: list[str | Promise] = [*_BOTH, *(kind_name(kind) for kind in KINDS), *_TOOK]
    return Table("products", gettext_lazy("Products"), _("Product"), columns, rows)


def effort_by_kind(asked: Asked) -> Table:
    """Which kind of work each product took, in hours."""
    products = {str(each.pk): each for each in Product.objects.all()}
    worked = {
        key: line.effort
        for key, line in reports.lines(asked.tallies, asked.span, "balance").items()
        if line.effort
    }
    of_products = {key.partition("/")[2] for key in worked}
    rows = []
    for key in _by_name(of_products, {key: each.name for key, each in products.items()}):
        product = products.get(key)
        narrowed = {"product": product.key if product else "none"}
        of_kinds = {kind: worked.get(f"{kind}/{key}", 0) for kind in KINDS}
        cells = [
            _worked(of_kinds[kind], asked.worked(f"category:{kind}", **narrowed)) for kind in KINDS
        ]
        every = _worked(sum(of_kinds.values()), asked.worked(**narrowed))
        rows.append(Row(product.name if product else _("None"), [every, *cells]))
    columns: list[str | Promise] = [gettext_lazy("All"), *(kind_name(kind) for kind in KINDS)]
    return Table(
        "effort_by_kind", gettext_lazy("Hours worked for products"), _("Product"), columns, rows,
        gettext_lazy("Work without a category of its own is of its ticket’s."),
    )  # fmt: skip


def by_team(asked: Asked) -> Table:
    """What each team took in and resolved, and the work on its tickets."""
    lines = reports.lines(asked.tallies, asked.span, "team")
    teams = Team.objects.visible_to(asked.actor).values_list("pk", "name")
    names = {str(pk): name for pk, name in teams}
    rows = []
    for key in _by_name(lines, names):
        line, narrowed = lines[key], {"team": key if key != "0" else "none"}
        worked = _worked(line.effort, asked.worked(**narrowed))
        cells = [*_both(asked, line.filed, line.resolved, **narrowed), worked]
        rows.append(Row(names.get(key, _("No team")), cells))
    return Table("teams", gettext_lazy("Teams"), _("Team"), [*_BOTH, _HOURS], rows)


def by_agent(asked: Asked) -> Table:
    """What each colleague resolved, how long it took on average, and their own work."""
    lines = reports.lines(asked.tallies, asked.span, "agent")
    staff = User.objects.filter(pk__in=[int(key) for key in lines if key != "0"])
    names = {str(each.pk): each.display_name for each in staff}
    rows = []
    for key in _by_name(lines, names):
        person = key if key != "0" else "none"
        mean = lines[key].mean
        shown = Cell(words.duration(mean), plain=round(mean)) if mean is not None else Cell("–")
        cells = [
            _number(lines[key].resolved, asked.queue("resolved", assignee=person)), shown,
            _worked(lines[key].effort, asked.worked(f"agent:{person}")),
        ]  # fmt: skip
        rows.append(Row(names.get(key, _("Nobody")), cells))
    columns = [gettext_lazy("Resolved"), gettext_lazy("Mean time to resolution"), _HOURS]
    return Table("agents", gettext_lazy("Agents"), _("Agent"), columns, rows)


def by_source(asked: Asked) -> Table:
    """Through which channel tickets came."""
    lines = reports.lines(asked.tallies, asked.span, "source")
    most = max((line.filed for line in lines.values()), default=0)
    rows = [
        Row(str(source.label), [_number(
            lines[source.value].filed, asked.queue("created", source=source.value)
        )], share=_share(lines[source.value].filed, most))
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
            cells.append(replace(_number(n, href), level=-(-4 * n // most) if n else 0))
        rows.append(Row(str(WEEKDAYS_ABBR[weekday - 1]), cells))
    columns: list[str | Promise] = [f"{hour:02}" for hour in range(24)]
    return Table("hours", gettext_lazy("Hour and weekday"), _("Weekday"), columns, rows)


def kind_name(kind: str) -> str:
    """Name a category, or what nobody has classed."""
    return str(Category(kind).label) if kind != "none" else _("Not classed")


_BOTH = (gettext_lazy("Filed"), gettext_lazy("Resolved"))
_HOURS = gettext_lazy("Hours worked")
_TOOK = (gettext_lazy("Half resolved within"), gettext_lazy("9 of 10 within"))


def _both(asked: Asked, filed: int, resolved: int, **narrowed: str) -> list[Cell]:
    return [
        _number(filed, asked.queue("created", **narrowed)),
        _number(resolved, asked.queue("resolved", **narrowed)),
    ]


def _number(n: int, href: str) -> Cell:
    return Cell(str(n), href if n else "", n)


def _worked(seconds: int, href: str) -> Cell:
    """Say work in hours and minutes, in a file as hours with two digits."""
    if not seconds:
        return Cell("–", plain=0)
    return Cell(words.hours(seconds), href, round(seconds / words.HOUR, 2))


def _percent(share: int | None) -> Cell:
    return Cell("–") if share is None else Cell(f"{share} %", plain=share)


def _took(line: Line) -> list[Cell]:
    return [
        Cell("–") if seconds is None else Cell(words.duration(seconds), plain=round(seconds))
        for seconds in (line.quantile(0.5), line.quantile(0.9))
    ]


def _share(n: int, most: int) -> int:
    return n * 100 // most if most else 0


def _parts(
    asked: Asked, by_day: Mapping[date, Line]
) -> tuple[str, list[tuple[Asked, Sequence[Line]]]]:
    """Put days into weeks or months where they are many; names what a part is."""
    days = list(by_day)
    length = 1 if len(days) <= MOST_BARS else 7 if len(days) <= 7 * MOST_BARS else 30
    name = {1: _("Day"), 7: _("Week from")}.get(length, _("30 days from"))
    parts = [days[n : n + length] for n in range(0, len(days), length)]
    return name, [
        (asked.of_days(part[0], part[-1]), [by_day[day] for day in part]) for part in parts
    ]


def _by_name(keys: Iterable[str], names: Mapping[str, str]) -> Iterable[str]:
    """Order keys by their names; what has none comes last."""
    return sorted(keys, key=lambda key: (key not in names, names.get(key, "").lower()))
