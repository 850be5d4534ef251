"""Macros: canned words with changes; admins keep all of them, agents those of their teams."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actor import Actor
from accounts.errors import Invalid, NotFound
from accounts.models import Team
from automation import placeholders
from automation.actions import save_macro
from automation.models import Macro
from web.policies import policy
from web.workspace import changes_form, views
from web.workspace.pages import chosen, page, who
from web.workspace.settings.macro_form import MacroForm
from web.workspace.settings.pattern import at_settings, editing


@require_safe
@policy("agent")
def macros(request: HttpRequest) -> HttpResponse:
    """List the macros that one may use, those in use first."""
    actor, _at = who(request)
    rows = Macro.objects.visible_to(actor).select_related("team")
    context = {
        "rows": list(rows.order_by("-is_active", "position", "name", "pk")),
        "own": Team.objects.filter(members=actor.user).exists(),
        "is_admin": actor.is_admin,
        "here": "settings",
    }
    return page(request, "workspace/settings/macros/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def macro(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a macro, or change or retire one.

    :raises NotFound: it is not there, or another team's.
    """
    actor, at = who(request)
    seen = Macro.objects.visible_to(actor).select_related("team")
    shown = seen.filter(pk=pk).first() if pk else None
    if pk and shown is None:
        raise NotFound
    teams = _teams(actor)
    form = MacroForm(
        request.POST or None, initial=_initial(shown), teams=teams, is_admin=actor.is_admin,
        rail=views.rail(actor, at),
    )  # fmt: skip

    def save(clean: dict[str, Any]) -> Macro:
        steps = changes_form.written(clean)
        steps += changes_form.without_place(shown.steps if shown else ())
        try:
            return save_macro(
                shown, actor=actor, at=at, name=clean["name"], kind=clean["kind"],
                body=clean["body"], team=chosen(Team.objects.visible_to(actor), clean["for_team"]),
                steps=steps, position=clean["position"] or 0, is_active=clean["is_active"],
            )  # fmt: skip
        except Invalid as refusal:
            refusal.pointer = _place_of(refusal.pointer, steps)
            raise

    return editing(
        request, form, save, title=shown.name if shown else _("New macro"),
        up=at_settings("macros"), up_name=_("Macros"),
        template="workspace/settings/macros/form.html",
        more={"placeholders": _placeholders(), "macro": shown},
    )  # fmt: skip


def _teams(actor: Actor) -> list[Team]:
    teams = Team.objects.all() if actor.is_admin else Team.objects.filter(members=actor.user)
    return list(teams.order_by("name", "pk"))


def _placeholders() -> list[tuple[str, Any]]:
    return [(f"{{{{ {name} }}}}", known.about) for name, known in placeholders.TABLE.items()]


def _initial(shown: Macro | None) -> dict[str, Any]:
    if shown is None:
        return {"kind": "reply", "is_active": True}
    begun: dict[str, Any] = {
        name: getattr(shown, name) for name in ("name", "kind", "body", "position", "is_active")
    }
    return {**begun, **changes_form.begun(shown.steps), "for_team": str(shown.team_id or "")}


def _place_of(pointer: str, steps: list[changes_form.Written]) -> str:
    return "for_team" if pointer == "team" else changes_form.place_of(pointer, steps)
