"""The queue: a view of the rail, narrowed by filters in the address, one keyset page at a time."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from products.models import Product
from tickets import filters, paging
from tickets.errors import BadFilter
from tickets.models import Message, Ticket
from tickets.models.tickets import TicketQuerySet
from web import promises
from web.policies import policy
from web.workspace import cover, views
from web.workspace.pages import page, who
from web.workspace.toolbar import CHOICES, HIDDEN, ORDERS, address, chips, headings

DEFAULT = "unassigned"
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Row:
    """One ticket of the list with its badge, and why its agreement does not cover it."""

    ticket: Ticket
    badge: promises.Badge
    out_of_cover: str


@require_safe
@policy("agent")
def queue(request: HttpRequest) -> HttpResponse:
    """Show one page of a view."""
    actor, at = who(request)
    view, asked = _asked(request.GET)
    sort = asked.get("sort", view.sort)
    refusal = ""
    try:
        shown = paging.page(
            _matching(view, asked, actor, at), actor=actor, sort=sort,
            cursor=asked.get("cursor", ""),
        )  # fmt: skip
    except BadFilter as bad:
        shown, refusal = paging.Page([], None), str(bad)
    team = asked.get("team", "")
    rail = views.rail(actor, at, view=view.key, team=team)
    products = list(Product.objects.filter(is_active=True).order_by("name", "pk"))
    title = next((line.name for line in rail.teams if line.is_here), view.name)
    context = {
        "rail": rail,
        "view": view,
        "title": title,
        "rows": _rows(shown.rows, at),
        "refusal": refusal,
        "sort": sort,
        "sorts": headings(asked, sort),
        "asked": asked,
        "chips": chips(asked, view, rail, products),
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
    view, asked = _asked(request.GET)
    try:
        since = filters.moment(asked.pop("since", ""))
        came = _matching(view, asked, actor, at).filter(created_at__gt=since)
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


def matching(query: QueryDict, actor: Actor, at: datetime) -> TicketQuerySet:
    """Give all the tickets that a queue with this query lists, on whichever page.

    :raises BadFilter: a filter makes no sense.
    """
    return _matching(*_asked(query), actor, at)


def _asked(query: QueryDict) -> tuple[views.View, dict[str, str]]:
    asked = {name: str(value) for name, value in query.items() if str(value).strip()}
    return views.VIEWS.get(asked.get("view", DEFAULT), views.VIEWS[DEFAULT]), asked


def _matching(
    view: views.View, asked: dict[str, str], actor: Actor, at: datetime
) -> TicketQuerySet:
    given = [(name, value) for name, value in asked.items() if name not in HIDDEN]
    tickets: TicketQuerySet = Ticket.objects.visible_to(actor).select_related(
        "requester", "organisation", "assignee", "standing"
    )
    tickets = tickets.filter(view.holds(actor, at))
    tickets = tickets.filter(filters.conditions(given, actor=actor, at=at))
    if view.only_live and "status" not in asked:
        tickets = tickets.live()
    return tickets if "spam" in asked else tickets.filter(is_spam=False)


def _rows(tickets: list[Ticket], at: datetime) -> list[Row]:
    clocks = promises.clocks_of(ticket.number for ticket in tickets)
    return [
        Row(ticket, promises.badge(ticket, clocks.get(ticket.number, []), at), cover.mark(ticket))
        for ticket in tickets
    ]
