"""The named views of the rail: their conditions, their order, and their counts."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import NotAllowed
from accounts.models import Team, User
from channels import bell
from tickets.models import Ticket
from tickets.models.tickets import UNTRIAGED

SOON = timedelta(hours=4)
KEPT_SECONDS = 30


@dataclass(frozen=True)
class View:
    """One line of the rail: who it is for, what it holds, in which order.

    `only_live` leaves out what is resolved and closed; what waits, is due or untriaged is live
    anyway.
    """

    key: str
    name: str | Promise
    icon: str
    letter: str
    sort: str
    holds: Callable[[Actor, datetime], Q]
    is_loud: bool = False
    only_live: bool = True
    is_counted: bool = True


VIEWS = {
    view.key: view
    for view in (
        View("unassigned", _("Unassigned"), "inbox", "u", "due_at",
             lambda actor, at: Q(assignee__isnull=True)),
        View("mine", _("Mine"), "user-round", "m", "due_at",
             lambda actor, at: Q(assignee=actor.user)),
        View("waiting", _("Waiting on us"), "reply", "w", "waiting_since",
             lambda actor, at: Q(waiting_since__isnull=False), only_live=False),
        View("breaching", _("Breaching soon"), "flame", "b", "due_at",
             lambda actor, at: Q(due_at__lt=at + SOON), is_loud=True, only_live=False),
        View("untriaged", _("Untriaged"), "circle-help", "n", "-created_at",
             lambda actor, at: UNTRIAGED, only_live=False),
        View("all", _("All"), "layers", "a", "-updated_at",
             lambda actor, at: Q(), only_live=False, is_counted=False),
    )
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One link of the rail as the page shows it."""

    name: str | Promise
    href: str
    icon: str
    key: str
    count: int | None
    is_here: bool
    is_loud: bool


@dataclass(frozen=True)
class Rail:
    """The rail: views, teams, unread notices; and who can be given tickets."""

    views: list[Line]
    teams: list[Line]
    takers: list[Team]
    agents: list[User]
    bell: int


def rail(actor: Actor, at: datetime, *, view: str = "", team: str = "") -> Rail:
    """Give the rail with its counts, which may be some seconds old."""
    counts, teams, agents = _known(actor, at)
    views = [
        Line(each.name, f"{reverse('workspace:queue')}?view={each.key}", each.icon, each.letter,
             counts.get(each.key), each.key == view and not team, each.is_loud)
        for each in VIEWS.values()
    ]  # fmt: skip
    return Rail(
        views,
        [
            Line(each.name, f"{reverse('workspace:queue')}?view=all&status=live&team={each.pk}",
                 "lock" if each.is_private else "users-round", "",
                 counts.get(f"team-{each.pk}"), team == str(each.pk), is_loud=False)
            for each in teams if each.is_seen
        ],
        teams,
        agents,
        counts.get("bell", 0),
    )  # fmt: skip


def forget(actor: Actor) -> None:
    """Count anew at the next page, because this person just changed something."""
    if actor.user is not None:
        cache.delete(f"rail:{actor.user.pk}")


def _known(actor: Actor, at: datetime) -> "_Counted":
    if actor.user is None:
        raise NotAllowed
    found: _Counted | None = cache.get(f"rail:{actor.user.pk}")
    if found is None:
        found = _count(actor, at)
        cache.set(f"rail:{actor.user.pk}", found, KEPT_SECONDS)
    return found


_Counted = tuple[dict[str, int], list[Any], list[User]]


def _count(actor: Actor, at: datetime) -> _Counted:
    shown = [view for view in VIEWS.values() if view.is_counted]
    grouped = (
        Ticket.objects.visible_to(actor)
        .live()
        .filter(is_spam=False)
        .values("team")
        .annotate(
            total=Count("pk"),
            **{view.key: Count("pk", filter=view.holds(actor, at)) for view in shown},
        )
        .order_by(F("team"))
    )
    counts: dict[str, int] = dict.fromkeys((view.key for view in shown), 0)
    row: Any
    for row in grouped:
        counts[f"team-{row['team']}"] = row["total"]
        for view in shown:
            counts[view.key] += row[view.key]
    seen = Team.objects.visible_to(actor).filter(pk=OuterRef("pk"))
    teams = Team.objects.taking_from(actor).annotate(is_seen=Exists(seen)).defer("signature")
    agents: Any = User.objects.working().only("id", "name", "email", "role")
    if actor.user is not None:
        agents = agents.annotate(unread=bell.unread(actor.user, actor))
        counts["bell"] = sum(agent.unread for agent in agents)  # only one's own are counted
    return counts, list(teams.order_by("name", "pk")), list(agents)
