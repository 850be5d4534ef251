"""A ticket on paper: what it is, its story, its clocks."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from accounts.errors import NotFound
from tickets.custom_fields import fields_for
from tickets.models import Message, Ticket
from web import promises, timeline
from web.policies import policy
from web.workspace.pages import page, who

MOST_MESSAGES = 1_000  # about as many sheets as anybody carries


@require_safe
@policy("agent")
def paper(request: HttpRequest, number: int) -> HttpResponse:
    """Show the ticket as a sheet of paper; what is internal only where `notes` asks for it.

    :raises NotFound: the actor does not see it.
    """
    actor, at = who(request)
    ticket = (
        Ticket.objects.visible_to(actor)
        .with_people()
        .prefetch_related("tags", "copies__person")
        .filter(pk=number)
        .first()
    )
    if ticket is None:
        raise NotFound
    with_notes = request.GET.get("notes") == "1"
    story = Message.objects.visible_to(actor, at).of_story(ticket, actor)
    if not with_notes:
        story = story.filter(kind=Message.Kind.REPLY)
    said = story.select_related("side", "author").prefetch_related("attachments")
    newest = said.filter(withdrawn_at__isnull=True).order_by("-created_at", "-pk")
    rows = list(newest[: MOST_MESSAGES + 1])
    context: dict[str, Any] = {
        "ticket": ticket,
        "entries": timeline.entries(rows[:MOST_MESSAGES], [], viewer=None, at=at),
        "is_cut": len(rows) > MOST_MESSAGES,
        "clocks": promises.clocks_of([number]).get(number, []),
        "fields": [
            (field, ticket.fields[field.key])
            for field in fields_for(ticket.product, actor=actor)
            if field.key in ticket.fields
        ],
        "with_notes": with_notes,
        "at": at,
    }
    return page(request, "workspace/ticket/print.html", context)
