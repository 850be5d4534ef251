"""Quoting a message in the composer, behind what stands there."""

from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import DeskSettings
from automation.placeholders import literal
from tickets import attachments
from tickets.models import Message, Ticket
from web import files, words
from web.policies import policy
from web.workspace.macros import still_carried
from web.workspace.pages import key_in, who
from web.workspace.ticket import find, show


class Quote(NamedTuple):
    """A quoted message, and what it may be part of: `reply` or `note`."""

    kind: str
    text: str


@require_safe
@policy("agent")
def look(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Give a message as a quote for what is being written, whose kind is in `kind`.

    :raises NotFound: the ticket has no such message for this agent.
    """
    return JsonResponse(_quote(request, number, pk, request.GET.get("kind", ""))._asdict())


@require_POST
@policy("agent")
def insert(request: HttpRequest, number: int) -> HttpResponse:
    """Draw the ticket again with the quote behind what was typed: the way without scripts.

    :raises NotFound: the ticket has no such message for this agent.
    """
    actor, _at = who(request)
    form = request.POST
    uploads, _regrets = files.gather(request)
    quote = _quote(request, number, key_in(form.get("quote", "")) or 0, form.get("kind", ""))
    typed: dict[str, Any] = {
        "kind": quote.kind,
        "body": "\n\n".join(filter(None, (form.get("body", "").rstrip(), quote.text))),
        "uploads": attachments.waiting(uploads, actor=actor),
    }
    return show(request, number, typed=typed | still_carried(request, number))


def message_of(ticket: Ticket, pk: int, actor: Actor, at: datetime) -> Message:
    """Give a message of the ticket's story that has words.

    :raises NotFound: it is not there, or not for this actor.
    """
    story = Message.objects.visible_to(actor, at).of_story(ticket, actor)
    readable = story.filter(withdrawn_at__isnull=True, redacted_at__isnull=True)
    message = readable.select_related("ticket").filter(pk=pk).first()
    if message is None:
        raise NotFound
    return message


def _quote(request: HttpRequest, number: int, pk: int, kind: str) -> Quote:
    """Quote a message; what the customer does not read is quoted in a note alone."""
    actor, at = who(request)
    ticket = find(number, actor)
    message = message_of(ticket, pk, actor, at)
    if kind != "note" and _may_read(message, ticket):
        customer = ticket.requester
        language = customer.language or settings.LANGUAGE_CODE
        zone = customer.zone(DeskSettings.current().time_zone)
        with translation.override(language), timezone.override(zone):
            return Quote("reply", quoted(message))
    return Quote("note", quoted(message))


def _may_read(message: Message, ticket: Ticket) -> bool:
    """Whether the ticket's requester reads the message, and can be answered here."""
    is_of_requester = message.ticket.shares_its_customer_with(ticket)
    is_hidden = message.is_note or message.sent_to_id or ticket.merged_into_id
    return is_of_requester and not is_hidden


def quoted(message: Message) -> str:
    """Give a message as a quote, in the language and zone in force."""
    named = {"name": literal(message.author_name), "when": words.full(message.created_at)}
    quoted = "\n".join(f"> {line}".rstrip() for line in message.body.split("\n"))
    wrote = _("%(name)s wrote on %(when)s:") % named
    return f"{wrote}\n\n{quoted}\n\n"
