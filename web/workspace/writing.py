"""Answering: replies and notes with their files, and drafts that the server keeps."""

from datetime import datetime
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.actor import Actor
from accounts.errors import NotFound, Refused
from automation.actions import apply_macro
from tickets import actions, attachments, steps
from tickets.models import Event, Message, Status
from web import files
from web.once import fingerprint, once
from web.policies import policy
from web.workspace import handing, macros, views
from web.workspace.durations import minutes_in
from web.workspace.pages import me, who
from web.workspace.ticket import show

AFTERWARDS = (Status.OPEN, Status.PENDING, Status.RESOLVED)


@require_POST
@policy("agent")
def send(request: HttpRequest, number: int) -> HttpResponse:
    """Send a reply or a note with the changes of a macro; nothing typed is ever lost.

    What customers wrote since the page was drawn is shown before anything goes out.
    """
    actor, at = who(request)
    form = request.POST
    kind = Message.Kind.NOTE if form.get("kind") == "note" else Message.Kind.REPLY
    typed: dict[str, Any] = {"kind": kind.value, "body": form.get("body", "")}
    typed["minutes"] = form.get("minutes", "")
    uploads, regrets = files.gather(request)
    typed["uploads"] = attachments.waiting(uploads, actor=actor)
    typed |= macros.still_carried(request, number)
    again = partial(show, request, number, typed=typed, status=422)
    if regrets:
        return again(refusal=" ".join(regrets), pointer="composer")
    if kind == Message.Kind.REPLY and (new := _new_words(request, number)):
        return again(refusal=new, pointer="meanwhile")
    try:
        answered = _write_once(request, number, typed, uploads, at)
    except NotFound:
        raise
    except Refused as refusal:
        return again(refusal=str(refusal), pointer="composer")
    views.forget(actor)
    if handing.hid(request, [answered]):
        return redirect(reverse("workspace:queue"))
    return redirect(f"{reverse('workspace:ticket', args=[answered])}")


@require_POST
@policy("agent")
def draft(request: HttpRequest, number: int) -> HttpResponse:
    """Keep what is being written."""
    actor, at = who(request)
    actions.keep_draft(
        number, request.POST.get("kind", ""), request.POST.get("body", ""), actor=actor, at=at
    )
    return HttpResponse(status=204)


@require_POST
@policy("agent")
def upload(request: HttpRequest) -> JsonResponse:
    """Take a file that will be sent with the next message."""
    return files.take(request)


def _write_once(
    request: HttpRequest, number: int, typed: dict[str, Any], uploads: list[str], at: datetime
) -> int:
    """Send, and give the ticket that has it now; the same words from the same drawing of the page
    are a double click."""
    actor, form = who(request)[0], request.POST

    def write() -> int:
        events = _write(number, typed, uploads, form, actor, at)
        actions.discard_draft(number, typed["kind"], actor=actor)
        return events[0].ticket_id if events else number

    since = form.get("since", "")
    if not since.isdecimal() or len(since) > 9:
        return write()
    said = [typed["kind"], typed["body"], typed["minutes"], uploads]
    key = f"{since}:{fingerprint([*said, form.get('then'), form.get('macro')])}"
    return once(f"user:{me(request).pk}", request.path, key, write, at=at)


def _write(
    number: int,
    typed: dict[str, Any],
    uploads: list[str],
    form: QueryDict,
    actor: Actor,
    at: datetime,
) -> list[Event]:
    """Send the words, the time they took, the status after them and what a macro changes.

    A macro without text needs no words.
    """
    wanted: list[dict[str, Any]] = [
        {"do": typed["kind"], "body": typed["body"], "uploads": uploads}
    ]
    macro = macros.carried(form, actor=actor)
    if macro and not macro.kind and not typed["body"].strip() and not uploads:
        wanted = []
    if typed["minutes"].strip():
        minutes = minutes_in(typed["minutes"])
        wanted.append({"do": "time", "minutes": minutes, "worked_on": timezone.localdate(at)})
    if form.get("then") in AFTERWARDS:
        wanted.append({"do": "status", "to": form["then"]})
    if macro is None:
        return steps.apply(number, wanted, actor=actor, at=at)
    return apply_macro(number, macro, actor=actor, at=at, instead=wanted)


def _new_words(request: HttpRequest, number: int) -> str:
    actor, _at = who(request)
    since = request.POST.get("since", "")
    if not since.isdecimal() or len(since) > 9:
        return ""
    new = (
        Event.objects.filter(
            ticket=number, sequence__gt=int(since), kind=Event.Kind.MESSAGE_ADDED,
            message__withdrawn_at__isnull=True,
        )
        .exclude(actor_user=actor.user)
        .count()
    )  # fmt: skip
    if not new:
        return ""
    return ngettext(
        "%(count)d new message since you started. Read it, then send again.",
        "%(count)d new messages since you started. Read them, then send again.",
        new,
    ) % {"count": new}
