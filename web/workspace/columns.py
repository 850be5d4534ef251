"""How a list of tickets looks: which columns, and by what it is divided, remembered per view."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from tickets.models import Priority, Ticket
from tickets.models.views import USUAL_COLUMNS, Column, Grouping
from web.workspace import views

LOOKS = "looks"
USUAL = "usual"


@dataclass(frozen=True)
class Look:
    """The columns beside the subject, and the grouping or nothing."""

    columns: list[str]
    grouping: str = ""

    @cached_property
    def has(self) -> dict[str, bool]:
        """Which columns there are, by name: templates take long over one that is not there."""
        return {column: column in self.columns for column in Column.values}

    @property
    def has_more(self) -> bool:
        """Whether there is one of those that nobody sees before choosing it."""
        return not set(self.columns) <= set(USUAL_COLUMNS)

    @property
    def sort(self) -> str:
        """The order that the grouping asks for, or nothing."""
        return Grouping(self.grouping).sort if self.grouping else ""

    @property
    def span(self) -> int:
        """How many cells a row has, with its box and its subject."""
        return len(self.columns) + 2

    @property
    def is_usual(self) -> bool:
        """Whether nobody chose anything."""
        return self.columns == list(USUAL_COLUMNS) and not self.grouping


def look(request: HttpRequest, view: views.View) -> Look:
    """Read how a view looks: as just asked, as this person had it last, or as it was saved.

    What is asked is remembered while the person stays signed in.
    """
    looks: dict[str, list[str]] = request.session.get(LOOKS, {})
    saved = [*view.saved.columns, view.saved.grouping] if view.saved else [""]
    *columns, grouping = looks.get(view.key, saved)
    given = request.GET.getlist("columns")[: len(Column) + 1]
    if given or "group" in request.GET:
        columns = given or columns
        grouping = request.GET.get("group", grouping)
        looks = {key: look for key, look in looks.items() if key != view.key}
        if USUAL in given:
            *columns, grouping = saved
        else:
            looks[view.key] = [*columns, grouping]
        request.session[LOOKS] = looks
    shown = [column for column in Column.values if column in columns]
    grouping = grouping if grouping in Grouping.values else ""
    if "sort" in request.GET:  # an order that is asked for comes before the groups
        grouping = ""
    return Look(shown or list(USUAL_COLUMNS), grouping)


def headings_of(tickets: list[Ticket], grouping: str, at: datetime) -> list[str]:
    """Give for each row the heading that stands above it, or nothing within a group."""
    if not grouping:
        return [""] * len(tickets)
    say = _SAID[grouping]
    said = [say(ticket, at) for ticket in tickets]
    before = [None, *said]
    return [
        heading if heading != last else "" for heading, last in zip(said, before, strict=False)
    ]


def _due(ticket: Ticket, at: datetime) -> str:
    if ticket.due_at is None:
        return _("No deadline")
    if ticket.due_at < at:
        return _("Overdue")
    days = (timezone.localdate(ticket.due_at) - timezone.localdate(at)) // timedelta(days=1)
    if days > 1:
        return _("In the next 7 days") if days <= 7 else _("Later")
    return _("Tomorrow") if days else _("Today")


_SAID: dict[str, Callable[[Ticket, datetime], str]] = {
    "organisation": lambda ticket, at: (
        ticket.organisation.name if ticket.organisation else _("No organisation")
    ),
    "product": lambda ticket, at: ticket.product.name if ticket.product else _("No product"),
    "priority": lambda ticket, at: str(Priority(ticket.priority).label),
    "due": _due,
}
