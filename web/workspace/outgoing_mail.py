"""The outbox for admins: what waits, was sent, or was given up, and its words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotFound
from channels import actions, letters, smtp
from channels.models import Outgoing
from web.policies import policy
from web.workspace.pages import key_in, page, say, who

ROWS = 50


@require_safe
@policy("admin")
def outgoing_mail(request: HttpRequest) -> HttpResponse:
    """List mails, the newest first, or only those that were given up."""
    rows = Outgoing.objects.select_related("recipient", "event", "expiry", "report")
    only_dead = request.GET.get("state") == "dead"
    if only_dead:
        rows = rows.filter(dead_at__isnull=False)
    if before := key_in(request.GET.get("before", "")):
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: ROWS + 1])
    here = reverse("workspace:outgoing_mail") + ("?state=dead" if only_dead else "?")
    context = {
        "mails": found[:ROWS],
        "only_dead": only_dead,
        "has_server": smtp.current() is not None,
        "page": {
            "first": here if before else "",
            "next": f"{here}&before={found[ROWS - 1].pk}" if len(found) > ROWS else "",
        },
        "here": "settings",
    }
    return page(request, "workspace/settings/outgoing_mail.html", context)


@require_safe
@policy("admin")
def mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one mail with the words it would have now; secrets in links are hidden."""
    _actor, at = who(request)
    shown = (
        Outgoing.objects.select_related("recipient", "event", "expiry", "report")
        .filter(pk=pk)
        .first()
    )
    if shown is None:
        raise NotFound
    context = {"mail": shown, "written": letters.preview(shown, at), "here": "settings"}
    return page(request, "workspace/settings/mail.html", context)


@require_POST
@policy("admin")
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Try a mail again that was given up."""
    actor, at = who(request)
    actions.retry(pk, actor=actor, at=at)
    say(request, _("It is tried again."))
    return redirect("workspace:outgoing_mail")
