"""The palette behind ctrl+k: pages, views, tickets, people and organisations by a few letters."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.models import Organisation
from tickets import filters, queries, spelling
from tickets.errors import BadFilter
from tickets.models import Ticket
from web.policies import policy
from web.workspace import views
from web.workspace.pages import key_in, page, who
from web.workspace.people import matching
from web.workspace.settings import general
from web.workspace.settings.pattern import at_settings

ROWS = 6
PAGES = (
    ("home", "house", _("Home")), ("new", "square-pen", _("New ticket")),
    ("search", "search", _("Search")), ("notifications", "bell", _("Notices")),
    ("reports", "chart-column", _("Reports")), ("attainment", "clock", _("SLA attainment")),
    ("people", "contact", _("People")), ("organisations", "building-2", _("Organisations")),
    ("accounts", "shield-check", _("Accounts")), ("board", "monitor", _("Wall board")),
    ("profile", "user-round", _("Your profile")), ("settings", "settings", _("Settings")),
)  # fmt: skip


@dataclass(frozen=True)
class Hit:
    """One line of the palette: its words, what tells it from others, and where it leads."""

    name: str | Promise
    about: str | Promise
    href: str
    icon: str


@require_safe
@policy("agent")
def palette(request: HttpRequest) -> HttpResponse:
    """List what goes by the typed words; a page of its own for browsers without scripts."""
    actor, at = who(request)
    wanted = request.GET.get("q", "").strip()[:100]
    groups = [
        (_("Tickets"), list(_tickets(wanted, actor, at))),
        (_("Go to"), list(_places(wanted, actor, at))),
        (_("People"), list(_people(wanted))),
    ]
    context = {"groups": [(name, hits) for name, hits in groups if hits], "wanted": wanted}
    if request.htmx:  # type: ignore[attr-defined]  # set by django_htmx
        return render(request, "workspace/palette/_hits.html", context)
    return page(request, "workspace/palette/palette.html", context)


def _places(wanted: str, actor: Actor, at: datetime) -> Iterator[Hit]:
    """Pages and views in whose name a word begins with each typed one; all when none was."""
    typed = wanted.lower().split()
    for hit in _every_place(actor, at):
        words = str(hit.name).lower().split()
        if all(any(word.startswith(begun) for word in words) for begun in typed):
            yield hit


def _every_place(actor: Actor, at: datetime) -> Iterator[Hit]:
    rail = views.rail(actor, at)
    for line in rail.views:
        yield Hit(line.name, "", line.href, line.icon)
    for line in rail.teams:
        yield Hit(line.name, _("Team"), line.href, line.icon)
    for name, icon, words in PAGES:
        yield Hit(words, "", reverse(f"workspace:{name}"), icon)
    for name, icon, words, _about in general.INDEX:
        if (actor.is_admin or name in general.FOR_AGENTS) and name != "organisations":
            yield Hit(words, _("Settings"), at_settings(name), icon)


def _tickets(wanted: str, actor: Actor, at: datetime) -> Iterator[Hit]:
    number = key_in(wanted.removeprefix("#"))
    seen = Ticket.objects.visible_to(actor).select_related("requester")
    if number:
        found = seen.filter(pk=number)
    elif len(wanted) > 1:
        try:
            condition = filters.conditions([("q", wanted)], actor=actor, at=at)
        except BadFilter:
            return
        found = seen.filter(condition, is_spam=False).order_by("-updated_at", "-number")
    else:
        return
    shown = list(found[:ROWS])
    if not shown and not number:
        yield from _meant(wanted, actor, at)
    for ticket in shown:
        href = reverse("workspace:ticket", args=[ticket.number])
        name = f"#{ticket.number} {ticket.subject}"
        yield Hit(name, ticket.requester.display_name, href, f"status-{ticket.status}")


def _meant(wanted: str, actor: Actor, at: datetime) -> Iterator[Hit]:
    """The search for what was probably meant, where there is no ticket."""
    meant = spelling.meant(
        queries.read(wanted),
        Ticket.objects.visible_to(actor).filter(is_spam=False),
        lambda text: filters.conditions([("q", text)], actor=actor, at=at),
    )
    if meant:
        name = _("Did you mean “%(word)s”?") % {"word": meant}
        yield Hit(name, "", f"{reverse('workspace:search')}?{urlencode({'q': meant})}", "search")


def _people(wanted: str) -> Iterator[Hit]:
    if len(wanted) < 2:
        return
    found = Organisation.objects.filter(name__icontains=wanted).order_by("name", "pk")
    for organisation in found[:ROWS]:
        href = reverse("workspace:organisation", args=[organisation.pk])
        yield Hit(organisation.name, _("Organisation"), href, "building-2")
    for person in matching(wanted).order_by("name", "pk")[:ROWS]:
        href = reverse("workspace:person", args=[person.pk])
        yield Hit(person.display_name, person.email, href, "user-round")
