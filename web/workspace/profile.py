"""What an agent decides about themselves, and their own API tokens."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from channels import preferences
from channels.models import CHOSEN, Outgoing
from tickets import actions
from web.context import THEMES
from web.policies import policy
from web.workspace.forms import Profile
from web.workspace.pages import attempt, me, page, say, who

NAMES = ("name", "phone", "time_zone", "language", "single_keys", "is_away")
A_YEAR = 31_536_000


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def profile(request: HttpRequest) -> HttpResponse:
    """Show and change one's own name, zone, language, keys, mails and colours."""
    actor, at = who(request)
    user = me(request)
    begun: dict[str, Any] = {name: getattr(user, name) for name in NAMES}
    begun["theme"] = request.COOKIES.get("desk_theme", THEMES[0])
    form = Profile(request.POST or None, initial=begun)

    def save(clean: dict[str, Any]) -> str:
        theme: str = clean.pop("theme")
        actions.change_person(user, actor=actor, at=at, **clean)
        return theme

    if request.method == "POST" and (theme := attempt(form, save)):
        say(request, _("Saved"))
        answer = redirect("workspace:profile")
        answer.set_cookie(
            "desk_theme", theme, max_age=A_YEAR, samesite="Lax", secure=request.is_secure()
        )
        return answer
    context = {
        "form": form,
        "notices": [
            (Outgoing.Kind(kind), mail, bell)
            for kind, (mail, bell) in preferences.of(user).items()
        ],
        "here": "profile",
    }
    return page(
        request, "workspace/people/profile.html", context, status=422 if form.errors else 200
    )


@require_POST
@policy("agent")
def notices(request: HttpRequest) -> HttpResponse:
    """Store what one hears of by mail and at the bell."""
    actor, _at = who(request)
    chosen = set(request.POST.getlist("mail")), set(request.POST.getlist("bell"))
    wanted = {kind.value: (kind in chosen[0], kind in chosen[1]) for kind in CHOSEN}
    preferences.choose(wanted, actor=actor)
    say(request, _("Saved"))
    return redirect(reverse("workspace:profile") + "#notices")
