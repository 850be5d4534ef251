"""Macros in the composer: shown before they are used, put into what is being written."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import Invalid, NotFound, Refused
from automation import actions
from automation.models import Macro
from automation.preview import Preview, preview
from tickets import attachments
from web import files
from web.policies import policy
from web.workspace.pages import key_in, who
from web.workspace.ticket import find, show


@require_safe
@policy("agent")
def look(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Show what a macro would write and change here; nothing is done.

    :raises NotFound: the ticket or the macro is not there for this agent.
    """
    actor, at = who(request)
    ticket, macro = find(number, actor), actions.find(pk, actor=actor)
    shown = preview(macro, ticket, actor=actor, at=at)
    return render(request, "workspace/ticket/_macro.html", {"macro": macro, "preview": shown})


@require_POST
@policy("agent")
def insert(request: HttpRequest, number: int) -> HttpResponse:
    """Draw the ticket again with the macro's text behind what was typed: the way without scripts.

    :raises NotFound: the actor does not see the ticket.
    """
    actor, at = who(request)
    form = request.POST
    uploads, _regrets = files.gather(request)
    typed: dict[str, Any] = {
        "kind": "note" if form.get("kind") == "note" else "reply", "body": form.get("body", ""),
        "uploads": attachments.waiting(uploads, actor=actor),
    }  # fmt: skip
    ticket = find(number, actor)
    try:
        macro = actions.find(key_in(form.get("use_macro", "")) or 0, actor=actor)
    except Refused as refusal:
        return show(
            request, number, typed=typed, refusal=str(refusal), pointer="composer", status=422
        )
    shown = preview(macro, ticket, actor=actor, at=at)
    if shown.text:
        typed["kind"] = shown.kind
        typed["body"] = "\n\n".join(filter(None, (typed["body"].strip(), shown.text)))
    return show(request, number, typed={**typed, **_carried(macro, shown)})


def carried(form: Any, *, actor: Actor) -> Macro | None:
    """Give the macro whose changes go with what is sent; none was used, or it was taken off.

    :raises Invalid: it was retired, or belongs to another team by now.
    """
    pk = key_in(form.get("macro", ""))
    try:
        return actions.find(pk, actor=actor) if pk else None
    except NotFound as gone:
        raise Invalid(_("This macro is not there any more; untick it.")) from gone


def still_carried(request: HttpRequest, number: int) -> dict[str, Any]:
    """Give what the composer shows of the macro after a refusal; nothing when it is gone."""
    actor, at = who(request)
    try:
        macro = carried(request.POST, actor=actor)
    except Refused:
        return {}
    if macro is None:
        return {}
    return _carried(macro, preview(macro, find(number, actor), actor=actor, at=at))


def _carried(macro: Macro, shown: Preview) -> dict[str, Any]:
    return {"macro": macro, "preview": shown}
