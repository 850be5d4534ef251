"""Writing to third parties: forwarding, writing again, and recording what they answered."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actor import Actor
from accounts.errors import NotFound
from tickets import actions, attachments
from tickets.models import Attachment, Draft, SideConversation, Ticket
from web import files
from web.policies import policy
from web.workspace.pages import attempt, key_in, page, who
from web.workspace.quoting import message_of, quoted
from web.workspace.ticket import find

TITLES = {
    "start": _("Write to a third party"),
    "write": _("Write again"),
    "answer": _("Add their answer"),
}


class Words(forms.Form):
    """What is written to a third party, or came from there."""

    body = forms.CharField(
        label=_("Words"), max_length=200_000, required=False,
        widget=forms.Textarea(attrs={"rows": 12}),
    )  # fmt: skip


class Beginning(Words):
    """A new conversation."""

    addresses = forms.CharField(
        label=_("To"), max_length=2_600, help_text=_("E-mail addresses, separated by commas."),
        widget=forms.TextInput(attrs={"autofocus": True}),
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject"), max_length=250)
    field_order = ("addresses", "subject", "body")


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def start(request: HttpRequest, number: int) -> HttpResponse:
    """Write to a third party about a ticket, with a message quoted and its files to choose.

    :raises NotFound: the actor does not see the ticket.
    """
    actor, at = who(request)
    ticket = find(number, actor)
    message = key_in(request.GET.get("message", ""))
    source = message_of(ticket, message, actor, at) if message else None
    of_source = Attachment.objects.filter(message=source, message__ticket=ticket)
    offered = list(of_source.filter(redacted_at__isnull=True).order_by("pk")) if source else []
    begun = {
        "subject": ticket.subject,
        "body": _draft(ticket, actor) or (quoted(source) if source else ""),
    }
    form = Beginning(request.POST or None, initial=begun)
    return _page(request, ticket, "start", form, offered)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def say(request: HttpRequest, number: int, pk: int, what: str) -> HttpResponse:
    """Write to the third party again, or record what it answered.

    :raises NotFound: the actor does not see the ticket, or it has no such conversation.
    """
    actor, _at = who(request)
    ticket = find(number, actor)
    side = ticket.sides.filter(pk=pk).first()
    if side is None or what not in {"write", "answer"}:
        raise NotFound
    begun = {"body": _draft(ticket, actor) if what == "write" else ""}
    return _page(request, ticket, what, Words(request.POST or None, initial=begun), [], side)


@require_POST
@policy("agent")
def close(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Say that nothing more is awaited from the third party.

    :raises NotFound: the actor does not see the ticket, or it has no such conversation.
    """
    actor, at = who(request)
    actions.close_side(number, pk, actor=actor, at=at)
    return redirect(f"{reverse('workspace:ticket', args=[number])}#side-{pk}")


def _page(
    request: HttpRequest, ticket: Ticket, what: str, form: Words, offered: list[Attachment],
    side: SideConversation | None = None,
) -> HttpResponse:  # fmt: skip
    """Draw the form; or do what it says, and go to the conversation."""
    actor, _at = who(request)
    uploads: list[str] = []
    chosen = request.POST.getlist("files_along")
    if request.method == "POST":
        uploads, regrets = files.gather(request)
        for sentence in regrets:
            form.add_error(None, sentence)
        went = attempt(form, lambda clean: _do(request, ticket, side, what, clean, uploads))
        if went is not None:
            return redirect(f"{reverse('workspace:ticket', args=[ticket.number])}#side-{went}")
    context = {
        "ticket": ticket,
        "side": side,
        "what": what,
        "title": TITLES[what],
        "form": form,
        "offered": offered,
        "chosen": chosen if form.is_bound else [each.key for each in offered],
        "uploads": attachments.waiting(uploads, actor=actor),
    }
    status = 422 if form.errors else 200
    return page(request, "workspace/ticket/third_party.html", context, status=status)


def _do(
    request: HttpRequest, ticket: Ticket, side: SideConversation | None, what: str,
    clean: dict[str, Any], uploads: list[str],
) -> int:  # fmt: skip
    actor, at = who(request)
    told: dict[str, Any] = {"actor": actor, "at": at, "uploads": uploads}
    if side is None:
        event = actions.start_side(
            ticket.number, clean["addresses"].split(","), clean["subject"], clean["body"],
            files=request.POST.getlist("files_along"), **told,
        )  # fmt: skip
    elif what == "write":
        event = actions.write_side(ticket.number, side.pk, clean["body"], **told)
    else:
        event = actions.answer_side(ticket.number, side.pk, clean["body"], **told)
    key: int = event.after["side"]
    return key


def _draft(ticket: Ticket, actor: Actor) -> str:
    """Give the words that were taken back before they went out."""
    kept = Draft.objects.filter(ticket=ticket, user=actor.user, kind=Draft.OF_SIDE).first()
    return kept.body if kept else ""
