"""Why these deadlines: every clock of a ticket explained."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from sla.explain import explain
from web import promises
from web.policies import policy
from web.workspace.pages import page, who
from web.workspace.ticket import find


@require_safe
@policy("agent")
def clocks(request: HttpRequest, number: int) -> HttpResponse:
    """Explain which policy matched, every running and paused stretch, and how each clock ended."""
    actor, at = who(request)
    ticket = find(number, actor)
    context = {
        "ticket": ticket,
        "explained": explain(ticket, at=at),
        "badge": promises.badge(ticket, promises.clocks_of([number]).get(number, []), at),
    }
    return page(request, "workspace/ticket/clocks.html", context)
