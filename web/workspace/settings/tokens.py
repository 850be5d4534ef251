"""API tokens: making one, whose text is shown once, and closing it."""

from datetime import datetime, time, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions.tokens import create_token, revoke_token
from accounts.models import Token
from web.policies import policy
from web.workspace.pages import attempt, page, say, who
from web.workspace.settings.forms import TokenForm
from web.workspace.settings.pattern import at_settings


@require_safe
@policy("admin")
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens, open ones first."""
    rows = Token.objects.select_related("user").order_by("-revoked_at", "-created_at", "-pk")
    context = {
        "open": [token for token in rows if token.revoked_at is None],
        "closed": [token for token in rows if token.revoked_at is not None],
        "here": "settings",
    }
    return page(request, "workspace/settings/tokens.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def new_token(request: HttpRequest) -> HttpResponse:
    """Make a token and show its text, this once."""
    actor, at = who(request)
    form = TokenForm(request.POST or None)

    def save(clean: dict[str, Any]) -> tuple[Token, str]:
        last_day = clean.pop("expires_on")
        return create_token(
            clean["name"], clean["scopes"], actor=actor, at=at, user=clean["user"],
            expires_at=_end_of(last_day) if last_day else None,
        )  # fmt: skip

    if request.method == "POST" and (made := attempt(form, save)):
        token, text = made
        answer = page(
            request, "workspace/settings/token.html",
            {"token": token, "text": text, "here": "settings"},
        )  # fmt: skip
        answer["Cache-Control"] = "no-store"
        return answer
    context = {
        "form": form, "title": _("New token"), "up": at_settings("tokens"),
        "up_name": _("API tokens"), "button": _("Make the token"), "here": "settings",
    }  # fmt: skip
    return page(
        request, "workspace/settings/form.html", context, status=422 if form.errors else 200
    )


@require_POST
@policy("admin")
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Close a token for good."""
    actor, at = who(request)
    revoke_token(pk, actor=actor, at=at)
    say(request, _("The token is closed."))
    return redirect("workspace:tokens")


def _end_of(day: Any) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
