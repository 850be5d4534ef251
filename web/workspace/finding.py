"""The search page: tickets by their words, and people and organisations by their names."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.models import Organisation
from tickets import hits, paging, spelling
from tickets.errors import BadFilter
from tickets.models import Ticket
from web import promises
from web.policies import policy
from web.workspace.pages import key_in, page, who
from web.workspace.people import matching

ON_A_PAGE = 30


@dataclass(frozen=True)
class Hit:
    """One ticket that matches, its badge, and where it matched."""

    ticket: Ticket
    badge: promises.Badge
    pieces: list[hits.Piece]


@dataclass(frozen=True)
class Found:
    """What a search gave: its hits, the cursor to older ones, how it was read, what was meant."""

    hits: list[Hit]
    next_cursor: str | None = None
    doubt: str = ""
    meant: str = ""


@require_safe
@policy("agent")
def search(request: HttpRequest) -> HttpResponse:
    """Show what matches; a lone `#1042` of a ticket that is seen leads straight to it."""
    actor, at = who(request)
    wanted = request.GET.get("q", "").strip()[:200]
    order = "newest" if request.GET.get("sort") == "newest" else "best"
    number = key_in(wanted[1:]) if wanted.startswith("#") else None
    if number and Ticket.objects.visible_to(actor).filter(pk=number).exists():
        return redirect("workspace:ticket", number)
    found, refusal = Found([]), ""
    if wanted:
        try:
            found = _found(wanted, order, request.GET.get("cursor", ""), actor, at)
        except BadFilter as bad:
            refusal = str(bad)
    here = reverse("workspace:search")
    more = {"q": wanted, "sort": "newest"}
    context = {
        "wanted": wanted,
        "refusal": refusal,
        "doubt": found.doubt,
        "meant": found.meant,
        "meant_href": f"{here}?{urlencode({'q': found.meant})}",
        "hits": found.hits,
        "order": order,
        "best": f"{here}?{urlencode({'q': wanted})}",
        "newest": f"{here}?{urlencode(more)}",
        "people": list(matching(wanted).order_by("name", "pk")[:6]) if wanted else [],
        "organisations": list(
            Organisation.objects.filter(name__icontains=wanted).order_by("name", "pk")[:6]
        )
        if wanted
        else [],
        "page": {
            "first": "",
            "next": f"{here}?{urlencode({**more, 'cursor': found.next_cursor})}"
            if found.next_cursor
            else "",
        },
    }
    return page(request, "workspace/search/search.html", context, status=422 if refusal else 200)


def _found(text: str, order: str, cursor: str, actor: Actor, at: datetime) -> Found:
    wanted = hits.read(text, actor=actor, at=at)
    matches = Ticket.objects.visible_to(actor).filter(wanted.condition)
    if order == "newest":
        shown = paging.page(matches.with_people(), actor=actor, cursor=cursor, limit=ON_A_PAGE)
        rows, after = shown.rows, shown.next_cursor
    else:
        numbers = hits.best(matches, wanted, actor=actor, limit=ON_A_PAGE)
        known = {row.number: row for row in Ticket.objects.with_people().filter(pk__in=numbers)}
        rows, after = [known[number] for number in numbers if number in known], None
    meant = ""
    if len(rows) < spelling.ENOUGH and not cursor:
        meant = spelling.meant(
            wanted.tree,
            Ticket.objects.visible_to(actor),
            lambda text: hits.read(text, actor=actor, at=at).condition,
        )
    badges = promises.badges_of(rows, at)
    matched = hits.snippets([row.number for row in rows], wanted, actor=actor, at=at)
    return Found(
        [
            Hit(
                row,
                badges[row.number],
                matched.get(row.number, []),
            )
            for row in rows
        ],
        after,
        wanted.doubt,
        meant,
    )
