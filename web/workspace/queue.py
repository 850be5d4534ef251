"""The queue: a view of the rail, narrowed by filters in the address, one keyset page at a time."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import Refused
from accounts.models import Team, User
from products.models import Product
from tickets import filters, paging, steps
from tickets.errors import BadFilter
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet
from tickets.models.views import Column, Grouping
from tickets.saved_views import may_change
from tickets.seen import unread_among
from web import promises
from web.policies import policy
from web.workspace import cover, handing, views
from web.workspace.columns import headings_of, look
from web.workspace.filterbar import Bar, bar_of
from web.workspace.pages import back, chosen, key_in, page, regret, say, who
from web.workspace.toolbar import CHOICES, ORDERS, address, headings, words_of

DEFAULT = "unassigned"
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Row:
    """One ticket of the list with its badge, and why its agreement does not cover it.

    `heading` stands above the first ticket of a group.
    """

    ticket: Ticket
    badge: promises.Badge
    out_of_cover: str
    heading: str
    is_unread: bool


@require_safe
@policy("agent")
def queue(request: HttpRequest) -> HttpResponse:
    """Show one page of a view."""
    actor, at = who(request)
    view, asked = _asked(request, actor)
    bar = bar_of(asked)
    shape = look(request, view)
    sort = shape.sort or asked.get("sort", view.sort)
    refusal = wrong = ""
    try:
        shown = paging.page(
            _matching(view, bar, actor, at), actor=actor, sort=sort,
            cursor=asked.get("cursor", ""),
        )  # fmt: skip
    except BadFilter as bad:
        shown, refusal = paging.Page([], None), str(bad)
        wrong = bad.pointer
    team = bar.picked.get("team", "")
    rail = views.rail(actor, at, view=view.key, team=team)
    products = list(Product.objects.filter(is_active=True).order_by("name", "pk"))
    title = next((line.name for line in rail.teams if line.is_here), view.name)
    context = {
        "rail": rail,
        "view": view,
        "title": title,
        "may_change": view.saved is not None and may_change(view.saved, actor),
        "is_broken": wrong == "view",
        "as_view": urlencode(
            {
                "filter": bar.together_with(view.typed),
                "sort": sort,
                "columns": [] if shape.is_usual else shape.columns,
                "grouping": shape.grouping,
            },
            doseq=True,
        ),
        "rows": _rows(shown.rows, actor, at, shape.grouping),
        "look": shape,
        "looked": {
            name: value for name, value in {**asked, "view": view.key}.items() if name != "cursor"
        },
        "all_columns": Column.choices,
        "groupings": Grouping.choices,
        "refusal": refusal,
        "sort": sort,
        "sorts": headings(asked, sort),
        "bar": bar,
        "is_of_bar": wrong == "filter",
        "chips": bar.chips({**asked, "view": view.key}, words_of(bar.tree, rail, products)),
        "carried": {"view": view.key, **({"sort": sort} if "sort" in asked else {})},
        "page": {
            "first": address(asked, cursor=None) if "cursor" in asked else "",
            "next": address(asked, cursor=shown.next_cursor) if shown.next_cursor else "",
        },
        "products": products,
        "choices": CHOICES,
        "orders": ORDERS,
        "with_preview": request.COOKIES.get("desk_preview") != "off",
        "here": request.get_full_path(),
        "fresh": urlencode({**asked, "view": view.key, "since": at.isoformat()}),
    }
    return page(request, "workspace/queue/queue.html", context, status=422 if refusal else 200)


@require_safe
@policy("agent")
def fresh(request: HttpRequest) -> HttpResponse:
    """Say how many tickets came into a view since its page was drawn; nothing moves by itself."""
    actor, at = who(request)
    view, asked = _asked(request, actor)
    try:
        since = filters.moment(asked.pop("since", ""))
        came = _matching(view, bar_of(asked), actor, at).filter(created_at__gt=since)
    except BadFilter:
        return HttpResponse(status=204)
    context = {
        "rail": None,
        "count": came.order_by()[:MOST_AT_ONCE].count(),
        "href": address({**asked, "view": view.key}, cursor=None),
    }
    return page(request, "workspace/queue/_fresh.html", context)


@require_safe
@policy("agent")
def preview(request: HttpRequest, number: int) -> HttpResponse:
    """Show the pane beside the queue: what the ticket is about, and its last words."""
    actor, at = who(request)
    ticket = Ticket.objects.visible_to(actor).with_people().filter(pk=number).first()
    if ticket is None:
        return page(request, "workspace/queue/_gone.html", {"rail": None}, status=404)
    written = list(
        Message.objects.visible_to(actor, at)
        .filter(ticket=ticket, withdrawn_at__isnull=True)
        .order_by("-created_at", "-pk")[:4]
    )
    context = {
        "rail": None,
        "ticket": ticket,
        "written": list(reversed(written)),
        "badge": promises.badge(ticket, promises.clocks_of([number])[number], at),
    }
    return page(request, "workspace/queue/_preview.html", context)


@require_POST
@policy("agent")
def change_many(request: HttpRequest) -> HttpResponse:
    """Make one change to each selected ticket; what is refused is named and left as it was."""
    actor, at = who(request)
    try:
        wanted = _steps(request, actor)
    except Refused as refusal:
        regret(request, str(refusal))
        return redirect(back(request, reverse("workspace:queue")))
    keys = (key_in(text) for text in request.POST.getlist("number"))
    numbers = [number for number in keys if number][:MOST_AT_ONCE]
    team = next((step["to"] for step in wanted if step["do"] == "team"), None)
    warning = handing.warning(team, request.POST, actor=actor, count=len(numbers))
    if numbers and warning:
        return _ask(request, warning)
    changed, refused = [], []
    for number in numbers if wanted else []:
        try:
            steps.apply(number, wanted, actor=actor, at=at)
            changed.append(number)
        except Refused as refusal:
            refused.append(f"#{number}: {refusal}")
    views.forget(actor)
    gone = handing.hid(request, changed)
    if kept := [number for number in changed if number not in gone]:
        say(request, _changed(kept))
    for sentence in refused[:3]:
        regret(request, sentence)
    if not numbers or not wanted:
        regret(request, _("Select tickets and say what to change."))
    return redirect(back(request, reverse("workspace:queue")))


def _asked(request: HttpRequest, actor: Actor) -> tuple[views.View, dict[str, str]]:
    asked = {
        name: str(value)
        for name, value in request.GET.items()
        if str(value).strip() and name not in {"columns", "group"}  # remembered, see columns.py
    }
    return views.named(asked.get("view", DEFAULT), actor) or views.VIEWS[DEFAULT], asked


def _matching(view: views.View, bar: Bar, actor: Actor, at: datetime) -> TicketQuerySet:
    tickets: TicketQuerySet = Ticket.objects.visible_to(actor).select_related(
        "requester", "organisation", "assignee", "standing", "team", "product"
    )
    tickets = tickets.filter(view.holds(actor, at)).filter(bar.condition(actor, at))
    if view.only_live and not bar.asks("status"):
        tickets = tickets.live()
    return tickets if bar.asks("spam") or view.shows_spam else tickets.filter(is_spam=False)


def _rows(tickets: list[Ticket], actor: Actor, at: datetime, grouping: str) -> list[Row]:
    numbers = [ticket.number for ticket in tickets]
    clocks = promises.clocks_of(numbers)
    headings = headings_of(tickets, grouping, at)
    unread = unread_among(numbers, actor.user) if actor.user else set()
    return [
        Row(
            ticket,
            promises.badge(ticket, clocks.get(ticket.number, []), at),
            cover.mark(ticket),
            heading,
            ticket.number in unread,
        )
        for ticket, heading in zip(tickets, headings, strict=True)
    ]


def _steps(request: HttpRequest, actor: Actor) -> list[dict[str, Any]]:
    wanted: list[dict[str, Any]] = [
        {"do": name, "to": request.POST[name], "reason": request.POST.get("reason", "")}
        for name in ("status", "category", "priority")
        if request.POST.get(name)
    ]
    if assignee := request.POST.get("assignee"):
        wanted.append({"do": "assign", "to": chosen(User.objects.working(), assignee)})
    if team := request.POST.get("team"):
        wanted.append({"do": "team", "to": chosen(Team.objects.taking_from(actor), team)})
    return wanted


def _ask(request: HttpRequest, warning: str) -> HttpResponse:
    """Ask before tickets go out of sight; the answer brings the same form with `sure`."""
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in {"csrfmiddlewaretoken", "sure"}
    ]
    context = {
        "warning": warning,
        "carried": [*sent, ("sure", request.POST["team"])],
        "up": back(request, reverse("workspace:queue")),
    }
    return page(request, "workspace/queue/hand_over.html", context)


def _changed(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return _("#%(number)d changed") % {"number": numbers[0]}
    return ngettext("%(count)d ticket changed", "%(count)d tickets changed", len(numbers)) % {
        "count": len(numbers)
    }
