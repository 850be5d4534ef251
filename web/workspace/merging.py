"""Merging a ticket into another: choose it, see both and what will happen, do it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.errors import NotFound, Refused
from tickets import actions
from tickets.models import Message, Ticket
from web.policies import policy
from web.workspace import views
from web.workspace.pages import key_in, page, say, who


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def merge(request: HttpRequest, number: int) -> HttpResponse:
    """Show the ticket, the chosen one and what merging does; the button merges."""
    actor, at = who(request)
    source = _find(number, actor)
    if source is None:
        raise NotFound
    wanted = (request.POST if request.method == "POST" else request.GET).get("to", "").strip()
    target = _find(key_in(wanted.removeprefix("#")), actor)
    refusal = ""
    if wanted and target is None:
        refusal = _("There is no such ticket.")
    elif target is not None and request.method == "POST":
        try:
            actions.merge(number, target.pk, actor=actor, at=at)
        except Refused as refused:
            refusal = str(refused)
        else:
            views.forget(actor)
            words = {"number": number, "into": target.pk}
            undo = reverse("workspace:change", args=[number, "unmerge"])
            say(request, _("#%(number)s is merged into #%(into)s.") % words, undo=undo)
            return redirect("workspace:ticket", target.pk)
    elif target is not None:
        refusal = _refusal(source, target)
    context: dict[str, Any] = {
        "source": source,
        "target": target,
        "wanted": wanted,
        "refusal": refusal,
        "pair": [(each, _last_words(each)) for each in (source, target) if each],
        "are_two_people": target is not None and not source.shares_its_customer_with(target),
    }
    return page(
        request, "workspace/ticket/merge.html", context, status=422 if refusal and wanted else 200
    )


def _find(number: int | None, actor: Actor) -> Ticket | None:
    if number is None:
        return None
    seen = Ticket.objects.visible_to(actor)
    return seen.select_related("requester", "organisation").filter(pk=number).first()


def _refusal(source: Ticket, target: Ticket) -> str:
    if source == target:
        return _("Name another ticket, not this one itself.")
    return actions.refusal_to_merge(source, target)


def _last_words(ticket: Ticket) -> Message | None:
    written = ticket.messages.filter(kind=Message.Kind.REPLY, withdrawn_at__isnull=True)
    return written.order_by("-created_at", "-pk").first()
