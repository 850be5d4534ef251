"""How far open tickets have followed the changes of promises."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sla import progress as following
from web.policies import policy
from web.workspace.pages import key_in, page, who
from web.workspace.settings.pattern import at_settings

OF_ONE = {"calendar": following.on_calendar, "policy": following.under_policy}


@require_safe
@policy("agent")
def rollouts(request: HttpRequest) -> HttpResponse:
    """List the last changes, those that are still followed first."""
    _actor, at = who(request)
    context = {
        "title": _("SLA changes"), "up": at_settings("settings"), "up_name": _("Settings"),
        "here": "settings", "progress": following.of(at), "progress_of": "",
    }  # fmt: skip
    return page(request, "workspace/settings/rollouts.html", context)


@require_safe
@policy("agent")
def progress(request: HttpRequest) -> HttpResponse:
    """Draw the list again, of one calendar or policy when the query names it."""
    _actor, at = who(request)
    for name, condition in OF_ONE.items():
        if key := key_in(request.GET.get(name, "")):
            shown = {
                "progress": following.of(at, condition(key), most=following.SHOWN_OF_ONE),
                "progress_of": f"{name}={key}",
            }
            break
    else:
        shown = {"progress": following.of(at), "progress_of": ""}
    return render(request, "workspace/settings/_rollouts.html", shown)
