"""File an issue: the form, and the page that says when to expect an answer."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts import throttle
from accounts.actions.people import clean_email, find_or_create
from accounts.models import User
from accounts.secrets import new_secret
from tickets import actions
from tickets.models import Ticket
from web import custom_fields
from web.addresses import address_of
from web.attempts import attempt
from web.once import fingerprint, once
from web.policies import policy
from web.portal import uploads, visitors
from web.portal.forms import FilingForm
from web.viewer import actor_of

HOUR = 3600
MOST_AN_HOUR = 30
_FILED = "filed"

_UNSAID = {"form_key", "opened", "zone", "website"}  # fields that carry no words of the person


@require_http_methods(["GET", "HEAD", "POST"])
@policy("public")
def new(request: HttpRequest) -> HttpResponse:
    """Show the form; take what it sends. A double click makes one ticket."""
    now = timezone.now()
    actor = actor_of(request)
    if request.method != "POST":
        form = FilingForm(
            initial={
                "product": request.GET.get("product", ""),
                "form_key": new_secret(),
                "opened": signing.dumps(now.timestamp(), salt="filing"),
            },
            actor=actor,
            at=now,
        )
        return _page(request, form, [])
    form = FilingForm(request.POST, actor=actor, at=now)
    kept = _gather(request, form)
    ticket = attempt(form, lambda values: _file_once(request, form, values, kept, now))
    if ticket is None:
        return _page(request, form, kept, status=422)
    visitors.remember_zone(request, form.cleaned_data["zone"])
    secret = actions.make_link(ticket, at=now, was_mailed=False)
    link = actions.use_link(secret, at=now)
    visitors.remember_link(request, link)
    request.session[_FILED] = {"number": ticket.number, "secret": secret}
    return redirect("portal:filed")


@require_safe
@policy("public")
def about(request: HttpRequest) -> HttpResponse:
    """Give the part of the form that depends on the product."""
    form = FilingForm(initial=request.GET.dict(), actor=actor_of(request), at=timezone.now())
    return render(request, "portal/_about.html", {"form": form})


@require_safe
@policy("link")
def filed(request: HttpRequest) -> HttpResponse:
    """Say the number, when to expect an answer in the visitor's zone, and how to follow it."""
    known = request.session.get(_FILED)
    if not known:
        return redirect("portal:new")
    actor = visitors.actor_for(request, known["number"], timezone.now())
    ticket = Ticket.objects.visible_to(actor).get(pk=known["number"])
    with timezone.override(visitors.zone_of(request)):
        return render(request, "portal/filed.html", {"ticket": ticket, "secret": known["secret"]})


def _page(
    request: HttpRequest, form: FilingForm, kept: list[str], status: int = 200
) -> HttpResponse:
    context = {"form": form, "uploads": uploads.shown(request, kept)}
    return render(request, "portal/new.html", context, status=status)


def _gather(request: HttpRequest, form: FilingForm) -> list[str]:
    """Give the ids of the files; those that a robot sends are not even stored."""
    if form.is_from_robot:
        return request.POST.getlist("uploads")
    return uploads.gather(request, form)


def _file_once(
    request: HttpRequest,
    form: FilingForm,
    values: dict[str, Any],
    kept: list[str],
    at: datetime,
) -> Ticket:
    throttle.refuse_after(MOST_AN_HOUR, f"file:{address_of(request)}", at=at, seconds=HOUR)
    # The words belong to the key: who goes back and writes of something else files that too.
    said = sorted((name, str(value)) for name, value in values.items() if name not in _UNSAID)
    number = once(
        "form", request.path, f"{values['form_key']}:{fingerprint(said)}",
        lambda: _file(request, form, values, kept, at).number, at=at,
    )  # fmt: skip
    return Ticket.objects.get(pk=number)


def _file(
    request: HttpRequest,
    form: FilingForm,
    values: dict[str, Any],
    kept: list[str],
    at: datetime,
) -> Ticket:
    actor = actor_of(request)
    requester = actor.user or _stranger(values, at)
    releases = form.chosen_product.releases if form.chosen_product else None
    filing = actions.Filing(
        subject=values["subject"],
        body=values["body"],
        requester=requester,
        category=values["category"] or None,
        product=form.chosen_product,
        affected_release=(
            releases.get(version=values["affected_release"])
            if releases and values["affected_release"]
            else None
        ),
        fields=custom_fields.values(values),
        uploads=tuple(uploads.named(request, kept)),
        requester_confirmed=actor.user is not None,
        called="" if actor.user else values["name"],
    )
    return actions.open_ticket(filing, actor=actor, at=at)


def _stranger(values: dict[str, Any], at: datetime) -> User:
    throttle.refuse_after(10, f"file-as:{clean_email(values['email'])}", at=at, seconds=HOUR)
    return find_or_create(values["email"], at=at, name=values["name"])
