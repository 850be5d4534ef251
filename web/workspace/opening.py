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
from accounts.models import Team
from products.models import Product
from tickets import actions, attachments
from tickets.actions import Filing
from tickets.custom_fields import fields_for
from tickets.models import Ticket
from web import custom_fields, files
from web.policies import policy
from web.workspace import handing, views
from web.workspace.forms import NewTicket
from web.workspace.pages import attempt, key_in, page, say, who


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def new(request: HttpRequest) -> HttpResponse:
    """Show the form, draw it again for another product, or open the ticket."""
    actor, at = who(request)
    is_sent = request.method == "POST" and "again" not in request.POST
    form = _form(request, actor, is_bound=is_sent)
    uploads, regrets = files.gather(request)
    sure = request.POST.get("sure", "")
    if is_sent:
        team = form.cleaned_data.get("team") if form.is_valid() else None
        for sentence in regrets:
            form.add_error(None, sentence)
        warning = handing.warning(team, request.POST, actor=actor)
        if team and warning:
            form.add_error("team", [warning, _("Open the ticket again if that is meant.")])
            sure = str(team.pk)
        ticket = attempt(form, lambda clean: _open(clean, uploads, actor, at))
        if ticket is not None:
            views.forget(actor)
            if handing.hid(request, [ticket.number]):
                return redirect("workspace:queue")
            say(request, _("#%(number)d opened") % {"number": ticket.number})
            return redirect(reverse("workspace:ticket", args=[ticket.number]))
    context = {
        "form": form,
        "sure": sure,
        "custom": custom_fields.bound(form),
        "uploads": attachments.waiting(uploads, actor=actor),
    }
    return page(request, "workspace/ticket/new.html", context, status=422 if form.errors else 200)


def _form(request: HttpRequest, actor: Actor, *, is_bound: bool) -> NewTicket:
    chosen = key_in(request.POST.get("product", ""))
    product = Product.objects.filter(pk=chosen).first() if chosen else None
    parts: dict[str, Any] = {
        "product": product,
        "teams": Team.objects.taking_from(actor).order_by("name", "pk"),
        "fields": fields_for(product, actor=actor),
    }
    if is_bound:
        return NewTicket(request.POST, **parts)
    begun = request.POST if request.method == "POST" else request.GET
    return NewTicket(initial=begun.dict(), **parts)


@transaction.atomic
def _open(clean: dict[str, Any], uploads: list[str], actor: Actor, at: datetime) -> Ticket:
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
        team=clean["team"],
        assignee=clean["assignee"],
        tags=tuple(tag for tag in clean["tags"].split(",") if tag.strip()),
        fields=custom_fields.values(clean),
        uploads=tuple(uploads),
        source=Ticket.Source.AGENT,
    )
    return actions.open_ticket(filing, actor=actor, at=at)
