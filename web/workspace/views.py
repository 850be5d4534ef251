"""The views of the rail, ours and those that people saved: what they hold, and their counts."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.core.cache import cache
from django.db.models import Case, Exists, OuterRef, Q, When
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import NotAllowed
from accounts.models import Team, User
from channels import bell
from tickets import filters, language
from tickets.errors import BadFilter
from tickets.models import SavedView, Ticket
from tickets.models.tickets import LIVE, UNTRIAGED
from web.workspace.counts import MOST, counted, up_to

OF_LIVE = {"waiting", "untriaged", "snoozed", "overdue", "paused"}  # hold for no finished ticket
SOON = timedelta(hours=4)
KEPT_SECONDS = 30


@dataclass(frozen=True)
class View:
    """One line of the rail: who it is for, what it holds, in which order.

    `only_live` leaves out what is resolved and closed; what waits, is due or untriaged is live
    anyway. `typed` says the same as a filter, for views made from it; `saved` is one of those.
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
    typed: str = ""
    saved: SavedView | None = None

    @property
    def hides_snoozed(self) -> bool:
        """Whether it leaves out what is snoozed, as views of live tickets do but the one of it."""
        return self.is_counted and self.key != "snoozed" and not self._asks("snoozed")

    @property
    def is_whole(self) -> bool:
        """Whether it holds every ticket, so that each order begins with a page of it."""
        return self.key == "all"

    @property
    def shows_spam(self) -> bool:
        """Whether it asks about spam, which other views leave out."""
        return self._asks("spam")

    def _asks(self, name: str) -> bool:
        return self.saved is not None and name in language.names(self.saved.tree)


VIEWS = {
    view.key: view
    for view in (
        View("unassigned", _("Unassigned"), "inbox", "u", "due_at",
             lambda actor, at: Q(assignee__isnull=True),
             typed="assignee:none status:live"),
        View("mine", _("Mine"), "user-round", "m", "due_at",
             lambda actor, at: Q(assignee=actor.user),
             typed="assignee:me status:live"),
        View("waiting", _("Waiting on us"), "reply", "w", "waiting_since",
             lambda actor, at: Q(waiting_since__isnull=False), only_live=False,
             typed="waiting:true"),
        View("breaching", _("Breaching soon"), "flame", "b", "due_at",
             lambda actor, at: Q(due_at__lt=at + SOON), is_loud=True, only_live=False,
             typed="due:<4h"),
        View("untriaged", _("Untriaged"), "circle-help", "n", "-created_at",
             lambda actor, at: UNTRIAGED, only_live=False,
             typed="untriaged:true"),
        View("snoozed", _("Snoozed"), "alarm-clock", "z", "snoozed_until",
             lambda actor, at: Q(snoozed_at__isnull=False), only_live=False,
             typed="snoozed:true"),
        View("all", _("All"), "layers", "a", "-updated_at",
             lambda actor, at: Q(), only_live=False, is_counted=False),
    )
}  # fmt: skip
OF_TEAM = View("live", _("Not finished"), "layers", "", "-updated_at", lambda actor, at: Q(),
               typed="status:live")  # fmt: skip


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

    @property
    def shown(self) -> str:
        """The count as the rail says it: up to 999, nothing for none."""
        return up_to(MOST, self.count) if self.count else ""


@dataclass(frozen=True)
class Rail:
    """The rail: our views, teams, own and shared views, unread notices; who can be given tickets.

    A team's own views follow it in `teams`.
    """

    views: list[Line]
    teams: list[Line]
    own: list[Line]
    shared: list[Line]
    takers: list[Team]
    agents: list[User]
    bell: int


def named(key: str, actor: Actor) -> View | None:
    """Find one of our views by its name, or by its number one that somebody saved."""
    if key in VIEWS:
        return VIEWS[key]
    if key == OF_TEAM.key:
        return OF_TEAM
    pk = int(key) if key.isdecimal() and len(key) < 10 else None
    found = SavedView.objects.visible_to(actor).filter(pk=pk).first() if pk else None
    return of_saved(found) if found else None


def of_saved(saved: SavedView) -> View:
    """Show a saved view as one of the rail."""
    icon = "user-round" if saved.owner_id else "users-round" if saved.team_id else "globe"
    return View(
        str(saved.pk), saved.name, "filter" if saved.owner_id else icon, "", saved.sort,
        lambda actor, at: _held(saved, actor, at), only_live=False,
        is_counted=_is_of_live(saved.tree), typed=language.printed(saved.tree), saved=saved,
    )  # fmt: skip


def rail(actor: Actor, at: datetime, *, view: str = "", team: str = "") -> Rail:
    """Give the rail with its counts, which may be some seconds old."""
    (counts, teams, agents, saved), ringing = _known(actor, at)
    home = reverse("workspace:queue")

    def line(each: View) -> Line:
        return Line(
            each.name, f"{home}?view={each.key}", each.icon, each.letter,
            counts.get(each.key), each.key == view and not team, each.is_loud,
        )  # fmt: skip

    lines = [(each, line(of_saved(each))) for each in saved]
    of_teams = []
    for each in teams:
        kept = [shown for row, shown in lines if row.team_id == each.pk]
        if each.is_seen:
            href = f"{home}?view={OF_TEAM.key}&team={each.pk}"
            icon = "lock" if each.is_private else "users-round"
            count = counts.get(f"team-{each.pk}")
            is_here = team == str(each.pk)
            of_teams.append(Line(each.name, href, icon, "", count, is_here, is_loud=False))
            of_teams += kept
    return Rail(
        views=[line(each) for each in VIEWS.values()],
        teams=of_teams,
        own=[shown for row, shown in lines if row.owner_id],
        shared=[shown for row, shown in lines if not row.owner_id and not row.team_id],
        takers=teams,
        agents=agents,
        bell=ringing,
    )


def forget(actor: Actor) -> None:
    """Count anew at the next page, because this person just changed something."""
    if actor.user is not None:
        cache.delete(_keys(actor.user)[0])


def notices_were_read(actor: Actor, count: int) -> None:
    """Take so many off the bell's number, without counting all the rest."""
    if actor.user is not None:
        cache.less(_keys(actor.user)[1], count)  # type: ignore[attr-defined]  # helpdesk.cache


def _known(actor: Actor, at: datetime) -> tuple["_Counted", int]:
    """Give what the rail shows and how often the bell rings, both some seconds old at most."""
    if actor.user is None:
        raise NotAllowed
    rail, bell = _keys(actor.user)
    found = cache.get_many([rail, bell])
    if len(found) < 2:
        found[rail], found[bell] = _count(actor, at)
        for key in (rail, bell):
            cache.set(key, found[key], KEPT_SECONDS)
    return found[rail], found[bell]


def _keys(user: User) -> tuple[str, str]:
    return f"rail:{user.pk}", f"bell:{user.pk}"


_Counted = tuple[dict[str, int], list[Any], list[User], list[SavedView]]


def _count(actor: Actor, at: datetime) -> tuple[_Counted, int]:
    """Count everything in one statement, and read what else the rail shows."""
    seen = Team.objects.visible_to(actor).filter(pk=OuterRef("pk"))
    taking = Team.objects.taking_from(actor).annotate(is_seen=Exists(seen)).defer("signature")
    teams: list[Any] = list(taking.order_by("name", "pk"))
    agents, saved = _agents(actor)
    kept = Ticket.objects.visible_to(actor).filter(is_spam=False)
    awake = kept.live().awake()
    lists = {f"team-{team.pk}": awake.filter(team=team) for team in teams if team.is_seen}
    for view in (*VIEWS.values(), *(of_saved(each) for each in saved)):
        if view.is_counted:
            with suppress(BadFilter):  # a broken view says so where it is opened
                among = kept.live() if view.only_live else kept
                among = among.awake() if view.hides_snoozed else among
                lists[view.key] = among.filter(view.holds(actor, at))
    ringing = sum(len(agent.unread or ()) for agent in agents)
    return (counted(lists), teams, agents, saved), ringing


def _agents(actor: Actor) -> tuple[list[Any], list[SavedView]]:
    """Read in one query who works here, and with oneself one's unread notices and one's views:
    own, of one's teams and shared; other teams' are for admins to find."""
    assert actor.user is not None  # noqa: S101 - as `_known` asked
    mine = Q(team__isnull=True) | Q(team__members=actor.user)
    kept = SavedView.objects.visible_to(actor).filter(mine).in_order()
    names = ("id", "name", "owner_id", "team_id", "conditions", "sort", "columns", "grouping")
    rows = ArraySubquery(kept.values(row=JSONObject(**{name: name for name in names})))
    agents: list[Any] = list(
        User.objects.working()
        .only("id", "name", "email", "role")
        .annotate(
            unread=bell.unread(actor.user, actor),
            saved=Case(When(pk=actor.user.pk, then=rows)),
        )
    )
    return agents, [SavedView(**row) for agent in agents for row in agent.saved or ()]


def _held(saved: SavedView, actor: Actor, at: datetime) -> Q:
    try:
        return filters.of_tree(saved.tree, actor=actor, at=at)
    except BadFilter as broken:
        raise BadFilter(str(broken), pointer="view") from broken


def _is_of_live(tree: language.Tree) -> bool:
    """Whether it holds unfinished tickets alone and looks for no words: only that is counted."""
    parts = [part for part in language.top(tree) if isinstance(part, language.Term)]
    has_words = any(isinstance(leaf, language.Words) for leaf in language.leaves(tree))
    return not has_words and "q" not in language.names(tree) and any(map(_is_live, parts))


def _is_live(part: language.Term) -> bool:
    if part.name == "status":
        return set(part.values) <= {"live", *LIVE}
    if part.name == "due":
        return "none" not in part.values
    return part.name in OF_LIVE and part.values != ("false",)
