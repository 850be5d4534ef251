"""Policies: their order, each as it reads, and the form that tries before it saves."""

from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.errors import NotFound, Refused
from sla import actions, defaults, drafts, preview, progress
from sla.models import Policy, PolicyVersion
from web.policies import policy as access
from web.workspace.pages import attempt, key_in, page, regret, say, who
from web.workspace.settings.policies.conditions import LABELS
from web.workspace.settings.policies.form import PolicyForm
from web.workspace.settings.policies.shown import show
from web.workspace.settings.policies.simulator import Simulator
from web.workspace.settings.policies.targets import PRIORITIES
from web.workspace.timebar import draw


@require_safe
@access("agent")
def policies(request: HttpRequest) -> HttpResponse:
    """List the policies in the order in which they are asked, the default last."""
    defaults.ensure()
    rows = list(
        Policy.objects.filter(current__isnull=False)
        .select_related("current__calendar")
        .annotate(agreement_count=Count("agreements"))
        .order_by("is_default", "position", "pk")
    )
    asked = [
        {"policy": row, "place": place,
         "asks": [LABELS[name] for name in row.current.document.get("match") or {}]}
        for place, row in enumerate(rows, 1) if row.current
    ]  # fmt: skip
    context = {"rows": asked, "last": len(rows) - 1, "here": "settings"}
    return page(request, "workspace/settings/policies/list.html", context)


@require_safe
@access("agent")
def policy(request: HttpRequest, pk: int, number: int | None = None) -> HttpResponse:
    """Show what a policy promises, now or in one of its versions, and who changed it when."""
    actor, at = who(request)
    shown = _find(pk)
    versions = list(shown.versions.order_by("-number"))
    wanted = number or (shown.current.number if shown.current else 0)
    version = (
        shown.versions.filter(number=wanted)
        .select_related("calendar").prefetch_related("targets").first()
    )  # fmt: skip
    if version is None:
        raise NotFound
    context = {
        "policy": shown, "version": version, "versions": versions, "shown": show(version, actor),
        "priorities": PRIORITIES, "tickets": preview.followers(shown, actor),
        "progress": progress.of(at, progress.under_policy(pk), most=progress.SHOWN_OF_ONE),
        "progress_of": f"policy={pk}", "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/policies/policy.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@access("admin")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a policy or its next version; `again` tries it out or adds a row instead of saving."""
    actor, at = who(request)
    shown = _find(pk) if pk else None
    sent = request.POST if request.method == "POST" else None
    form = PolicyForm(sent, shown=shown, like=_example(request, shown))
    simulator = Simulator(sent, at=at)
    again = request.POST.get("again")
    tried: dict[str, Any] = {}
    if again in {"step", "moment"}:
        form.be_quiet()
    elif again is not None:
        tried = _try_out(request, form, simulator, shown)
    elif sent is not None:
        saved = attempt(
            form,
            lambda _clean: actions.save_policy(shown, actor=actor, at=at, **form.values()),
            place_of=form.place_of,
        )
        if saved is not None:
            say(request, _("Saved as version %(number)d") % {"number": saved.number})
            return redirect("workspace:policy", saved.policy_id)
    if sent is not None and again != "simulate":
        simulator.be_quiet()
    context = {
        "form": form, "simulator": simulator, "policy": shown, "priorities": PRIORITIES,
        "title": shown.name if shown else _("New policy"), "here": "settings",
        "tickets": (
            preview.followers(shown, actor) if shown else None
        ),
        "again": again, **tried,
    }  # fmt: skip
    refused = again is None and bool(form.errors)
    return page(
        request, "workspace/settings/policies/form.html", context, status=422 if refused else 200
    )


@require_POST
@access("admin")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a policy another place in the order."""
    actor, at = who(request)
    place = key_in(request.POST.get("to", "")) or 0
    try:
        actions.move_policy(_find(pk), actor=actor, at=at, to=place)
    except Refused as refusal:
        regret(request, str(refusal))
    return redirect("workspace:policies")


def _try_out(
    request: HttpRequest, form: PolicyForm, simulator: Simulator, shown: Policy | None
) -> dict[str, Any]:
    """Simulate what is typed, or show what it would move; nothing is stored."""
    actor, at = who(request)
    draft = attempt(
        form, lambda _clean: drafts.read(at=at, **_promised(form)), place_of=form.place_of
    )
    if draft is None:
        return {}
    if request.POST["again"] == "preview" and shown is not None:
        return {"impact": preview.of_policy(shown, draft, actor=actor, at=at)}
    simulated = simulator.run(draft) if simulator.is_valid() else None
    if simulated is None:
        return {}
    return {"picture": draw(simulated), "simulated": simulated, "zone": simulator.zone}


def _promised(form: PolicyForm) -> dict[str, Any]:
    values = form.values()
    return {name: values[name] for name in ("calendar", "targets", "document")}


def _example(request: HttpRequest, shown: Policy | None) -> PolicyVersion:
    """Give what the form begins with: the policy itself, one to copy, or the default one.

    :raises NotFound: the policy to copy is not there.
    """
    wanted = request.GET.get("like", "")
    known = Policy.objects.filter(current__isnull=False)
    if shown is None and wanted:
        known = known.filter(pk=key_in(wanted) or 0)
    elif shown is None:
        defaults.ensure()
        known = known.filter(is_default=True)
    else:
        known = known.filter(pk=shown.pk)
    found = known.select_related("current").first()
    if found is None or found.current is None:
        raise NotFound
    return found.current


def _find(pk: int) -> Policy:
    found = Policy.objects.filter(pk=pk).select_related("current").first()
    if found is None:
        raise NotFound
    return found
