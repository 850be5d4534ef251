"""Answering: replies and notes with their files, and drafts that the server keeps."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.errors import NotFound, Refused
from tickets import actions, attachments, steps
from tickets.models import Event, Message, Status
from web import files
from web.policies import policy
from web.workspace import views
from web.workspace.pages import who
from web.workspace.ticket import show

AFTERWARDS = (Status.OPEN, Status.PENDING, Status.RESOLVED)


@require_POST
@policy("agent")
def send(request: HttpRequest, number: int) -> HttpResponse:
    """Send a reply or a note, and set the status after it; nothing typed is ever lost.

    What customers wrote since the page was drawn is shown before anything goes out.
    """
    actor, at = who(request)
    form = request.POST
    kind = Message.Kind.NOTE if form.get("kind") == "note" else Message.Kind.REPLY
    typed: dict[str, Any] = {"kind": kind.value, "body": form.get("body", "")}
    try:
        uploads = _uploads(request)
        typed["uploads"] = attachments.waiting(uploads, actor=actor)
        if kind == Message.Kind.REPLY and (new := _new_words(request, number)):
            return show(request, number, refusal=new, pointer="meanwhile", typed=typed, status=422)
        wanted: list[dict[str, Any]] = [
            {"do": kind.value, "body": typed["body"], "uploads": uploads}
        ]
        if form.get("then") in AFTERWARDS:
            wanted.append({"do": "status", "to": form["then"]})
        events = steps.apply(number, wanted, actor=actor, at=at)
    except NotFound:
        raise
    except Refused as refusal:
        return show(
            request, number, refusal=str(refusal), pointer="composer", typed=typed, status=422
        )
    actions.discard_draft(number, kind.value, actor=actor)
    views.forget(actor)
    answered = events[0].ticket_id
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


def _uploads(request: HttpRequest) -> list[str]:
    """Give the ids of files sent before, and of those that came with the form itself."""
    actor, at = who(request)
    taken = [
        str(attachments.take_in(file, actor=actor, at=at).pk)
        for file in request.FILES.getlist("files")
    ]
    return request.POST.getlist("uploads") + taken


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
