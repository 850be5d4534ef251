"""Organisations: the customers of the desk with their mail domains and people."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.errors import NotFound
from accounts.models import Organisation
from sla.models import Agreement
from tickets import actions
from tickets.models import Ticket
from web.policies import policy
from web.workspace.forms import OrganisationForm
from web.workspace.pages import attempt, page, say, who
from web.workspace.people import by_name, pages_of
from web.workspace.settings.agreements import listing

MOST_AGREEMENTS = 20


@require_safe
@policy("agent")
def organisations(request: HttpRequest) -> HttpResponse:
    """List organisations by name, or those that match."""
    wanted = request.GET.get("q", "").strip()[:100]
    rows = Organisation.objects.prefetch_related("domains")
    if wanted:
        rows = rows.filter(name__icontains=wanted)
    found, following = by_name(rows, request.GET.get("after", ""))
    context = {
        "organisations": found,
        "wanted": wanted,
        "page": pages_of("workspace:organisations", request, following),
        "here": "organisations",
    }
    return page(request, "workspace/organisations/organisations.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def new_organisation(request: HttpRequest) -> HttpResponse:
    """Make an organisation."""
    form = OrganisationForm(request.POST or None)
    if request.method == "POST":
        made = attempt(form, lambda clean: _save(request, None, clean))
        if made is not None:
            say(request, _("%(name)s added") % {"name": made.name})
            return redirect("workspace:organisation", made.pk)
    context = {
        "form": form, "title": _("New organisation"), "up": reverse("workspace:organisations"),
        "up_name": _("Organisations"), "here": "organisations",
    }  # fmt: skip
    return page(
        request, "workspace/settings/form.html", context, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def organisation(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an organisation with its people and tickets, and change it."""
    actor, at = who(request)
    shown = Organisation.objects.prefetch_related("domains").filter(pk=pk).first()
    if shown is None:
        raise NotFound
    begun = {
        "name": shown.name, "time_zone": shown.time_zone, "notes": shown.notes,
        "domains": "\n".join(sorted(each.domain for each in shown.domains.all())),
    }  # fmt: skip
    form = OrganisationForm(request.POST or None, initial=begun)
    if request.method == "POST":
        saved = attempt(form, lambda clean: _save(request, shown, clean))
        if saved is not None:
            say(request, _("Saved"))
            return redirect("workspace:organisation", pk)
    tickets = Ticket.objects.visible_to(actor).filter(organisation=pk)
    context = {
        "organisation": shown,
        "form": form,
        "people": list(shown.people.filter(merged_into=None).order_by("name", "pk")[:50]),
        "tickets": list(tickets.order_by("-updated_at", "-number")[:20]),
        "lines": listing.lines(_agreements(shown), at),
        "here": "organisations",
    }
    return page(
        request, "workspace/organisations/organisation.html", context,
        status=422 if form.errors else 200,
    )  # fmt: skip


@require_safe
@policy("agent")
def suggest(request: HttpRequest) -> HttpResponse:
    """Give names for a field that is being typed in."""
    wanted = request.GET.get("to", "").strip()[:100]
    rows = Organisation.objects.filter(name__icontains=wanted).order_by("name", "pk")
    found = list(rows[:8]) if wanted else []
    context = {"rail": None, "organisations": found}
    return page(request, "workspace/organisations/_suggest.html", context)


def _agreements(shown: Organisation) -> list[Agreement]:
    """Its agreements, the last one first."""
    rows = listing.loaded(Agreement.objects.filter(organisation=shown))
    return list(rows.prefetch_related("contacts").order_by("-valid_from", "-pk")[:MOST_AGREEMENTS])


def _save(request: HttpRequest, shown: Organisation | None, clean: dict[str, Any]) -> Organisation:
    actor, at = who(request)
    domains = clean.pop("domains").replace(",", "\n").splitlines()
    return actions.save_organisation(shown, actor=actor, at=at, domains=domains, **clean)
