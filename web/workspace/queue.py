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
from tickets.models.views import Column, Grouping
from tickets.saved_views import may_change
from tickets.seen import with_unread
from web import promises
from web.policies import policy
from web.workspace import cover, views
from web.workspace.columns import headings_of, look
from web.workspace.filterbar import Bar, bar_of
from web.workspace.pages import me, page, who
from web.workspace.toolbar import CHOICES, ORDERS, address, headings, words_of

DEFAULT = "unassigned"
MOST_AT_ONCE = 100
SHOWN = (
    "number", "subject", "snippet", "status", "category", "priority", "emergency", "snoozed_at",
    "requester__name", "requester__email", "organisation__name", "assignee__name",
    "assignee__email", "team__name", "product__name", "standing__cover",
    *paging.COLUMNS.values(),
)  # fmt: skip


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

    @property
    def number(self) -> str:
        """The ticket's number as it is written everywhere in the row."""
        return str(self.ticket.number)

    @property
    def is_flagged(self) -> bool:
        """Whether something stands before the subject."""
        ticket = self.ticket
        return bool(ticket.snoozed_at or ticket.emergency or self.out_of_cover)

    @property
    def who(self) -> str:
        """Who asked, and for which organisation."""
        of = self.ticket.organisation
        name = self.ticket.requester.display_name
        return f"{name}, {of.name}" if of else name


@require_safe
@policy("agent")
def queue(request: HttpRequest) -> HttpResponse:
    """Show one page of a view."""
    actor, at = who(request)
    view, asked = _asked(request.GET, actor)
    bar = bar_of(asked)
    shape = look(request, view)
    sort = shape.sort or asked.get("sort", view.sort)
    refusal = wrong = ""
    try:
        shown = paging.page(
            with_unread(_matching(view, bar, actor, at).only(*SHOWN), me(request)),
            actor=actor, sort=sort, cursor=asked.get("cursor", ""),
            is_narrowed=bool(bar.text or view.saved) or not (view.is_whole or sort == view.sort),
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
        "rows": _rows(shown.rows, at, shape.grouping),
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
    view, asked = _asked(request.GET, actor)
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
        .filter(ticket=ticket, side__isnull=True, withdrawn_at__isnull=True)
        .order_by("-created_at", "-pk")[:4]
    )
    context = {
        "rail": None,
        "ticket": ticket,
        "written": list(reversed(written)),
        "badge": promises.badges_of([ticket], at)[number],
    }
    return page(request, "workspace/queue/_preview.html", context)


def matching(query: QueryDict, actor: Actor, at: datetime) -> TicketQuerySet:
    """Give all the tickets that a queue with this query lists, on whichever page.

    :raises BadFilter: a filter makes no sense.
    """
    view, asked = _asked(query, actor)
    return _matching(view, bar_of(asked), actor, at)


def _asked(query: QueryDict, actor: Actor) -> tuple[views.View, dict[str, str]]:
    asked = {
        name: str(value)
        for name, value in query.items()
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
    if view.hides_snoozed and not bar.asks("snoozed"):
        tickets = tickets.awake()
    return tickets if bar.asks("spam") or view.shows_spam else tickets.filter(is_spam=False)


def _rows(tickets: list[Ticket], at: datetime, grouping: str) -> list[Row]:
    badges = promises.badges_of(tickets, at)
    headings = headings_of(tickets, grouping, at)
    return [
        Row(
            ticket,
            badges[ticket.number],
            cover.mark(ticket),
            heading,
            ticket.is_unread,  # type: ignore[attr-defined]
        )
        for ticket, heading in zip(tickets, headings, strict=True)
    ]
