"""Opening a ticket on a customer's behalf: by telephone, at the desk, out of a mail."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.actions import people
from accounts.actor import Actor
from products.models import Product
from tickets import actions, attachments
from tickets.actions import Filing
from tickets.custom_fields import fields_for
from tickets.models import Ticket
from web import files
from web.policies import policy
from web.workspace import views
from web.workspace.forms import NewTicket
from web.workspace.pages import attempt, key_in, page, say, who


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, draw it again for another product, or open the ticket."""
    actor, at = who(request)
    rail = views.rail(actor, at)
    is_sent = request.method == "POST" and "again" not in request.POST
    form = _form(request, actor, rail, is_bound=is_sent)
    uploads, regrets = files.gather(request)
    if is_sent:
        for sentence in regrets:
            form.add_error(None, sentence)
        ticket = attempt(form, lambda clean: _open(clean, rail, uploads, actor, at))
        if ticket is not None:
            views.forget(actor)
            say(request, _("#%(number)d opened") % {"number": ticket.number})
            return redirect(reverse("workspace:ticket", args=[ticket.number]))
    context = {
        "rail": rail,
        "form": form,
        "custom": [form[name] for name in form.fields if name.startswith("fields.")],
        "uploads": attachments.waiting(uploads, actor=actor),
    }
    return page(request, "workspace/ticket/new.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, actor: Actor, rail: views.Rail, *, is_bound: bool) -> NewTicket:
    chosen = key_in(request.POST.get("product", ""))
    product = Product.objects.filter(pk=chosen).first() if chosen else None
    parts: dict[str, Any] = {
        "product": product, "teams": rail.team_rows, "fields": fields_for(product, actor=actor),
    }  # fmt: skip
    if is_bound:
        return NewTicket(request.POST, **parts)
    begun = request.POST if request.method == "POST" else request.GET
    return NewTicket(initial=begun.dict(), **parts)


@transaction.atomic
def _open(
    clean: dict[str, Any], rail: views.Rail, uploads: list[str], actor: Actor, at: datetime
) -> Ticket:
    requester = people.vouched_person(
        clean["requester"], actor=actor, at=at, name=clean["requester_name"], pointer="requester"
    )
    filing = Filing(
        subject=clean["subject"],
        body=clean["body"],
        requester=requester,
        category=clean["category"] or None,
        priority=clean["priority"],
        product=clean["product"],
        component=clean.get("component"),
        affected_release=clean.get("affected_release"),
        team=views.team_by_key(rail, clean["team"] or "none"),
        assignee=clean["assignee"],
        tags=tuple(tag for tag in clean["tags"].split(",") if tag.strip()),
        fields={
            name.removeprefix("fields."): value
            for name, value in clean.items()
            if name.startswith("fields.")
        },
        uploads=tuple(uploads),
        source=Ticket.Source.AGENT,
    )
    return actions.open_ticket(filing, actor=actor, at=at)
