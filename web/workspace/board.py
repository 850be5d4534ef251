"""The wall board: what is due next, in large, for a screen that a whole room looks at.

What is in a private team stands there only when that team was chosen: the room sees more than
the one who signed in.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import Team
from sla.models import Clock
from tickets import filters
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet
from web import promises
from web.policies import policy
from web.workspace.counts import up_to
from web.workspace.pages import key_in, who

ROWS = 12
MOST_LATE = ROWS // 2  # the overdue ones leave room for what can still be kept
HOUR = timedelta(hours=1)
AHEAD = 8 * HOUR
MOST_COUNTED = 999
MOST_MORE = 99


@dataclass(frozen=True)
class Figure:
    """One of the large numbers: its words, its mark, and the queue behind it."""

    name: str | Promise
    count: int
    icon: str
    tone: str
    href: str

    @property
    def words(self) -> str:
        """The number, such as 12 or 999+."""
        return up_to(MOST_COUNTED, self.count)


@dataclass(frozen=True)
class Row:
    """One ticket that is due, with the promise that is due and what is left of it."""

    ticket: Ticket
    badge: promises.Badge
    clock: Clock | None


@dataclass(frozen=True)
class More:
    """How many tickets have no room on the board, up to one more than are counted."""

    count: int

    @property
    def words(self) -> str:
        """The number, such as 12 or 99+."""
        return up_to(MOST_MORE, self.count)


@require_safe
@policy("agent")
def board(request: HttpRequest) -> HttpResponse:
    """Show the board of all tickets or of one team, without the rail."""
    actor, _at = who(request)
    teams = list(Team.objects.visible_to(actor).defer("signature").order_by("name", "pk"))
    context = {
        **_board(request, teams), "teams": teams,
        "leaves_out": any(team.is_private for team in teams),
    }  # fmt: skip
    return render(request, "workspace/board/board.html", context)


@require_safe
@policy("agent")
def now(request: HttpRequest) -> HttpResponse:
    """Draw what stands on the board again, which the page asks for every half minute."""
    actor, _at = who(request)
    wanted = Team.objects.visible_to(actor).filter(pk=key_in(request.GET.get("team", "")) or 0)
    return render(request, "workspace/board/_board.html", _board(request, list(wanted)))


def _board(request: HttpRequest, teams: list[Team]) -> dict[str, Any]:
    """Read the board with a constant number of queries, none of them longer than its index.

    :raises NotFound: there is no such team, or the actor may not see it.
    """
    actor, at = who(request)
    asked = request.GET.get("team", "")
    team = next((each for each in teams if str(each.pk) == asked), None)
    if asked and team is None:
        raise NotFound
    tickets = Ticket.objects.visible_to(actor).filter(is_spam=False)
    tickets = tickets.of_no_private_team() if team is None else tickets.filter(team=team)
    rows, late, ahead = _rows(tickets, at)
    return {
        "team": team, "figures": _figures(tickets, team, actor, at), "rows": rows,
        "late": late, "ahead": ahead, "hours_ahead": AHEAD // HOUR, "at": at,
    }  # fmt: skip


def _figures(
    tickets: TicketQuerySet, team: Team | None, actor: Actor, at: datetime
) -> list[Figure]:
    # A live breach is on a live ticket; saying so lets the search begin with those.
    overdue = filters.conditions([("overdue", "true")], actor=actor, at=at)
    of_team = {"team": str(team.pk)} if team else {}

    def figure(name: Promise, found: TicketQuerySet, icon: str, tone: str, **asked: str) -> Figure:
        count = found.order_by()[: MOST_COUNTED + 1].count()
        href = f"{reverse('workspace:queue')}?{urlencode({**asked, **of_team})}"
        return Figure(name, count, icon, tone if count else "", href)

    return [
        figure(_("Open"), tickets.live(), "layers", "", view="all", status="live"),
        figure(
            _("Overdue"), tickets.live().filter(overdue), "flame", "late",
            view="all", overdue="true",
        ),
        *(
            figure(
                name, tickets.filter(_due(at, until)), "clock-alert", tone,
                view="all", due_after=at.isoformat(), due_before=until.isoformat(),
            )
            for name, until, tone in (
                (_("Due within 1 h"), at + HOUR, "warn"),
                (_("Due within 4 h"), at + 4 * HOUR, ""),
            )
        ),
        figure(
            _("Unassigned"), tickets.live().filter(assignee__isnull=True), "inbox", "",
            view="unassigned",
        ),
    ]  # fmt: skip


def _rows(tickets: TicketQuerySet, at: datetime) -> tuple[list[Row], More, More]:
    """Give the rows in the order in which they are due, and how many are overdue and ahead
    besides."""
    listed = tickets.select_related("organisation", "assignee", "requester")
    is_late, is_ahead = Q(due_at__lt=at), _due(at, at + AHEAD)
    late = list(listed.filter(is_late).order_by("due_at", "number")[:ROWS])
    ahead = list(listed.filter(is_ahead).order_by("due_at", "number")[:ROWS])
    late = late[: max(MOST_LATE, ROWS - len(ahead))]
    ahead = ahead[: ROWS - len(late)]
    shown = [*late, *ahead]
    clocks = promises.clocks_of(ticket.number for ticket in shown)
    rows = [
        Row(
            ticket, _by_the_hour(promises.badge(ticket, clocks.get(ticket.number, []), at), at),
            promises.next_due(clocks.get(ticket.number, []), at),
        )
        for ticket in shown
    ]  # fmt: skip
    return rows, _more(tickets.filter(is_late), late), _more(tickets.filter(is_ahead), ahead)


def _by_the_hour(badge: promises.Badge, at: datetime) -> promises.Badge:
    """Colour what is due within the hour, as the number above says it, whatever its target."""
    if badge.due_at is None or badge.due_at < at:
        return badge
    return replace(badge, state="warn" if badge.due_at < at + HOUR else "ok")


def _more(tickets: TicketQuerySet, shown: list[Ticket]) -> More:
    most = len(shown) + MOST_MORE + 1
    return More(tickets.order_by()[:most].count() - len(shown))


def _due(since: datetime, until: datetime) -> Q:
    return Q(due_at__gte=since, due_at__lt=until)
