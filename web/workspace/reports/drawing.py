"""What the tables of reports are made of: cells with the addresses of their tickets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from tickets.models import Category, Tally
from tickets.reports import Line, Span, Times
from web import words

MOST_BARS = 92
KINDS = [*Category.values, "none"]
MAINTENANCE = KINDS[:4]
BOTH = (gettext_lazy("Filed"), gettext_lazy("Resolved"))
HOURS = gettext_lazy("Hours worked")
COUNTED = {"view": "all", "status": "any", "merged": "false"}  # as tickets/measures.py counts
TOOK = (gettext_lazy("Half resolved within"), gettext_lazy("9 of 10 within"))


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
        asked = {**COUNTED, **days, **narrowed}
        return f"{reverse('workspace:queue')}?{urlencode(asked)}"

    def answered(self, **narrowed: str) -> str:
        """Give the address of the tickets that had their first response in these days."""
        end = self.span.last + timedelta(days=1)
        days = f"{self._midnight(self.span.first)}..{self._midnight(end)}"
        asked = {**COUNTED, "answered": days, **narrowed}
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


def both(asked: Asked, filed: int, resolved: int, **narrowed: str) -> list[Cell]:
    """Say how many were filed, and how many resolved."""
    return [
        number(filed, asked.queue("created", **narrowed)),
        number(resolved, asked.queue("resolved", **narrowed)),
    ]


def number(n: int, href: str) -> Cell:
    """Say how many tickets there are; none lead nowhere."""
    return Cell(str(n), href if n else "", n)


def hours(seconds: int, href: str) -> Cell:
    """Say work in hours and minutes, in a file as hours with two digits."""
    if not seconds:
        return Cell("–", plain=0)
    return Cell(words.hours(seconds), href, round(seconds / words.HOUR, 2))


def percent(share: int | None) -> Cell:
    """Say a share, where there is one."""
    return Cell("–") if share is None else Cell(f"{share} %", plain=share)


def spread(times: Times) -> list[Cell]:
    """Say within which time half was done, and nine in ten."""
    return [
        Cell("–") if seconds is None else Cell(words.duration(seconds), plain=round(seconds))
        for seconds in (times.quantile(0.5), times.quantile(0.9))
    ]


def share_of(n: int, most: int) -> int:
    """Give how much of the largest this is, in per cent."""
    return n * 100 // most if most else 0


def parts_of(
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


def by_name(keys: Iterable[str], names: Mapping[str, str]) -> Iterable[str]:
    """Order keys by their names; what has none comes last."""
    return sorted(keys, key=lambda key: (key not in names, names.get(key, "").lower()))


def kind_name(kind: str) -> str:
    """Name a category, or what nobody has classed."""
    return str(Category(kind).label) if kind != "none" else _("Not classed")
