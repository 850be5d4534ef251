"""Why these deadlines: every clock of a ticket explained, and quoted in an answer."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotFound
from sla.explain import Seen, explain
from tickets import actions
from tickets.models import Draft, Message, Ticket
from web import promises
from web.context import desk_facts
from web.policies import policy
from web.workspace.pages import me, page, who
from web.workspace.ticket import find
from web.workspace.timebar import draw


@require_safe
@policy("agent")
def clocks(request: HttpRequest, number: int) -> HttpResponse:
    """Explain which policy matched, every running and paused stretch, and how each clock ended."""
    actor, at = who(request)
    ticket = find(number, actor)
    seen = Seen(ticket, at)
    course = seen.as_it_went()
    context = {
        "ticket": ticket,
        "explained": seen.in_words(),
        "picture": draw(course) if course else None,
        "badge": promises.badge(ticket, promises.clocks_of([number]).get(number, []), at),
    }
    return page(request, "workspace/ticket/clocks.html", context)


@require_POST
@policy("agent")
def quote(request: HttpRequest, number: int, metric: str, seq: int) -> HttpResponse:
    """Add the sentence to the draft of the agent's answer, in the customer's zone and language.

    :raises NotFound: the ticket has no such clock.
    """
    actor, at = who(request)
    ticket = find(number, actor)
    sentence = _for_customer(ticket, metric, seq)
    mine = Draft.objects.filter(ticket=ticket, user=me(request), kind=Message.Kind.REPLY)
    begun = mine.values_list("body", flat=True).first()
    words = f"{begun.rstrip()}\n\n{sentence}" if begun else sentence
    actions.keep_draft(number, Message.Kind.REPLY, words, actor=actor, at=at)
    return redirect(reverse("workspace:ticket", args=[number]) + "#reply")


def _for_customer(ticket: Ticket, metric: str, seq: int) -> str:
    person = ticket.requester
    of_organisation = ticket.organisation.time_zone if ticket.organisation else ""
    zone = person.time_zone or of_organisation or desk_facts()[1]
    language = person.language or translation.get_language()
    with timezone.override(ZoneInfo(zone)), translation.override(language):
        for clock in explain(ticket, at=timezone.now())["clocks"]:
            if (clock["metric"], clock["seq"]) == (metric, seq):
                return str(clock["sentence"])
    raise NotFound
