"""One agreement: what it covers, making and changing it, and ending it."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import Invalid, Refused
from accounts.models import Organisation
from sla.actions import end_agreement, save_agreement
from sla.agreement_days import FURTHEST, DeskDays
from sla.models import Agreement
from web.policies import policy
from web.workspace.pages import attempt, key_in, page, regret, say, who
from web.workspace.settings.agreements import hours, listing
from web.workspace.settings.agreements.form import DAYS, AgreementForm, begun


@require_safe
@policy("agent")
def agreement(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an agreement."""
    actor, at = who(request)
    shown = listing.find(pk)
    context = {
        "line": listing.lines([shown], at)[0],
        "contacts": list(shown.contacts.order_by("name", "pk")),
        "hours": hours.lines(shown, actor, at),
        "today": at.astimezone(DeskDays().zone).date(),
        "here": "settings",
    }
    return page(request, "workspace/settings/agreements/agreement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change an agreement; drawn again when another organisation is chosen."""
    actor, at = who(request)
    known = listing.find(pk) if pk else None
    is_sent = request.method == "POST" and "again" not in request.POST
    form = _form(request, known, is_bound=is_sent)
    if is_sent:
        saved = attempt(
            form,
            lambda clean: save_agreement(known, actor=actor, at=at, **form.values),
            place_of=lambda pointer: DAYS.get(pointer, pointer),
        )
        if saved is not None:
            say(request, _("Saved"))
            return redirect("workspace:agreement", saved.pk)
    context = {
        "form": form, "agreement": known, "here": "settings",
        "title": str(known.organisation) if known else _("New agreement"),
        "up": reverse("workspace:agreement", args=[pk]) if pk else reverse("workspace:agreements"),
    }  # fmt: skip
    return page(
        request, "workspace/settings/agreements/form.html", context,
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_POST
@policy("admin")
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Let an agreement end after a day."""
    actor, at = who(request)
    shown = listing.find(pk)
    try:
        last = _day(request.POST.get("last_day", ""))
        end_agreement(shown, actor=actor, at=at, valid_until=DeskDays().after(last))
    except Refused as refusal:
        regret(request, str(refusal))
    else:
        say(request, _("The agreement ends."))
    return redirect("workspace:agreement", pk)


def _form(request: HttpRequest, known: Agreement | None, *, is_bound: bool) -> AgreementForm:
    begin: Any = request.POST if request.method == "POST" else request.GET
    organisation = known.organisation if known else _organisation(begin.get("organisation", ""))
    parts: dict[str, Any] = {"known": known, "organisation": organisation}
    if is_bound:
        return AgreementForm(request.POST, **parts)
    if known is not None:
        return AgreementForm(initial=begun(known, DeskDays()), **parts)
    typed = {**begin.dict(), **{name: begin.getlist(name) for name in ("products", "contacts")}}
    return AgreementForm(initial=typed, **parts)


def _organisation(key: str) -> Organisation | None:
    return Organisation.objects.filter(pk=key_in(key) or 0).first()


def _day(text: str) -> date:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None or not date(1970, 1, 2) <= day < FURTHEST:
        raise Invalid(_("Choose a day between 1970 and 2200."))
    return day
