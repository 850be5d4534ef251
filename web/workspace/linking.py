"""A ticket's links as its page shows them, and the tickets that a number's field offers."""

from dataclasses import dataclass

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from tickets import actions, search
from tickets.errors import BadFilter
from tickets.models import Link, Relation, Ticket
from web.policies import policy
from web.workspace.pages import key_in, page, who

MOST_OFFERED = 8


@dataclass(frozen=True)
class LinkLine:
    """One link as the side shows it: what this ticket is to the other."""

    link: Link
    relation: Relation
    other: Ticket


def lines(number: int, actor: Actor) -> list[LinkLine]:
    """Give the ticket's links that the actor may see, those of one kind together."""
    order = Relation.values
    found = [
        LinkLine(link, link.relation_seen_from(number), link.far_end_from(number))
        for link in actions.links_of(number, actor)
    ]
    return sorted(found, key=lambda line: order.index(line.relation))


@require_safe
@policy("agent")
def others(request: HttpRequest, number: int) -> HttpResponse:
    """Give tickets for a field that is being typed in: by number, or by their words."""
    actor, _at = who(request)
    wanted = request.GET.get("to", "").strip()[:100]
    seen = Ticket.objects.visible_to(actor).filter(is_spam=False).exclude(pk=number)
    rows = seen.filter(_matching(wanted, actor)).order_by("-updated_at", "-number")
    found = list(rows[:MOST_OFFERED])
    return page(request, "workspace/ticket/_others.html", {"rail": None, "others": found})


def _matching(wanted: str, actor: Actor) -> Q:
    number = key_in(wanted.removeprefix("#"))
    if number is not None:
        return Q(pk=number)
    try:
        return search.matching(wanted, actor=actor)
    except BadFilter:  # nothing is typed yet
        return Q(pk__in=[])
