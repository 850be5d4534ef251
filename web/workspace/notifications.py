"""The bell: what an agent has not seen yet, and what was told before."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from channels import bell
from channels.models import Notification
from sla.models import Metric
from web.policies import policy
from web.workspace import views
from web.workspace.pages import key_in, me, page, who

ROWS = 50


@require_safe
@policy("agent")
def notifications(request: HttpRequest) -> HttpResponse:
    """List what was told, the newest first, or only what is unread."""
    actor, _at = who(request)
    rows = bell.lines_of(me(request), actor)
    only_unread = request.GET.get("state") == "unread"
    if only_unread:
        rows = rows.filter(read_at__isnull=True)
    before = key_in(request.GET.get("before", ""))
    if before:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: ROWS + 1])
    here = reverse("workspace:notifications") + ("?state=unread" if only_unread else "?")
    context = {
        "lines": [(line, about(line)) for line in found[:ROWS]],
        "only_unread": only_unread,
        "page": {
            "first": here if before else "",
            "next": f"{here}&before={found[ROWS - 1].pk}" if len(found) > ROWS else "",
        },
        "here": "notifications",
    }
    return page(request, "workspace/notifications/notifications.html", context)


@require_safe
@policy("agent")
def count(request: HttpRequest) -> HttpResponse:
    """Give the number beside the bell, which the page asks for every half minute."""
    actor, at = who(request)
    context: dict[str, Any] = {"count": views.rail(actor, at).bell}
    return render(request, "workspace/notifications/_count.jinja", context, using="jinja2")


@require_POST
@policy("agent")
def read(request: HttpRequest) -> HttpResponse:
    """Mark one line, or all, as read."""
    actor, at = who(request)
    bell.read(me(request), at, line=key_in(request.POST.get("line", "")))
    views.forget(actor)
    return redirect("workspace:notifications")


def about(line: Notification) -> str:
    """Say what the line is about besides its kind: the metric, or what a step says."""
    after = line.event.after
    if after.get("metric") in Metric.values:
        return str(Metric(after["metric"]).label)
    return str(after.get("why") or "")
