"""The search page: tickets by their words, and people and organisations by their names."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from accounts.models import Organisation
from tickets import filters, paging
from tickets.errors import BadFilter
from tickets.models import Ticket
from web import promises
from web.policies import policy
from web.workspace.pages import key_in, page, who
from web.workspace.people import matching


@require_safe
@policy("agent")
def search(request: HttpRequest) -> HttpResponse:
    """Show what matches; a lone `#1042` of a ticket that is seen leads straight to it."""
    actor, at = who(request)
    wanted = request.GET.get("q", "").strip()[:200]
    number = key_in(wanted[1:]) if wanted.startswith("#") else None
    if number and Ticket.objects.visible_to(actor).filter(pk=number).exists():
        return redirect("workspace:ticket", number)
    found, refusal = paging.Page([], None), ""
    if wanted:
        try:
            condition = filters.conditions([("q", wanted)], actor=actor, at=at)
            tickets = Ticket.objects.visible_to(actor).with_people().filter(condition)
            found = paging.page(
                tickets, actor=actor, cursor=request.GET.get("cursor", ""), limit=30
            )
        except BadFilter as bad:
            refusal = str(bad)
    clocks = promises.clocks_of(ticket.number for ticket in found.rows)
    here = reverse("workspace:search")
    context = {
        "wanted": wanted,
        "refusal": refusal,
        "rows": [
            (ticket, promises.badge(ticket, clocks.get(ticket.number, []), at))
            for ticket in found.rows
        ],
        "people": list(matching(wanted).order_by("name", "pk")[:6]) if wanted else [],
        "organisations": list(
            Organisation.objects.filter(name__icontains=wanted).order_by("name", "pk")[:6]
        )
        if wanted
        else [],
        "page": {
            "first": "",
            "next": f"{here}?{urlencode({'q': wanted, 'cursor': found.next_cursor})}"
            if found.next_cursor
            else "",
        },
    }
    return page(request, "workspace/search/search.html", context, status=422 if refusal else 200)
