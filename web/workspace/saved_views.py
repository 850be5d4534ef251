"""Pages of views: keep a filter under a name, change it, put it in order, share it, delete it."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import NotFound, Refused
from accounts.models import Team
from tickets import filters, language
from tickets.errors import BadFilter
from tickets.models import SavedView
from tickets.models.views import Column, Grouping
from tickets.saved_views import delete_view, homes, may_change, move_view, save_view
from web.policies import policy
from web.workspace import views
from web.workspace.pages import attempt, page, regret, say, who
from web.workspace.toolbar import ORDERS


class ViewForm(forms.Form):
    """A view: what it is called, what it holds, and whom it is for."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    filter = forms.CharField(
        label=gettext_lazy("Filter"), required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        help_text=gettext_lazy("As in the bar: status:open due:<4h -tag:spam"),
    )  # fmt: skip
    sort = forms.ChoiceField(label=gettext_lazy("Order by"), choices=ORDERS)
    grouping = forms.ChoiceField(
        label=gettext_lazy("Group by"), required=False,
        choices=[("", gettext_lazy("Nothing")), *Grouping.choices],
    )  # fmt: skip
    columns = forms.MultipleChoiceField(
        label=gettext_lazy("Columns"), required=False, choices=Column.choices,
        widget=forms.CheckboxSelectMultiple, help_text=gettext_lazy("None are the usual ones."),
    )  # fmt: skip
    home = forms.ChoiceField(
        label=gettext_lazy("For"), widget=forms.RadioSelect,
        help_text=gettext_lazy("Everybody sees only the tickets that they may see."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, teams: list[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("own", _("Myself")), *((str(team.pk), team.name) for team in teams)]
        if actor.is_admin:
            choices.append(("shared", _("Everybody at the desk")))
        self.fields["home"].choices = choices  # type: ignore[attr-defined]


@require_safe
@policy("agent")
def saved_views(request: HttpRequest) -> HttpResponse:
    """List the views that the agent sees, in the order of the rail."""
    actor, at = who(request)
    rows = SavedView.objects.visible_to(actor).select_related("team").in_order()
    groups: dict[str, list[dict[str, Any]]] = {}
    for view in sorted(rows, key=lambda row: (row.owner_id is None, row.team_id or 0)):
        title = _("Your views") if view.owner_id else view.team.name if view.team else ""
        groups.setdefault(title or _("Shared views"), []).append(
            {
                "view": view,
                "filter": language.printed(view.tree),
                "may_change": may_change(view, actor),
                "trouble": _trouble(view, actor, at),
            }
        )
    return page(request, "workspace/views/views.html", {"groups": groups})


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def edit(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make a view of a filter, or change one."""
    actor, at = who(request)
    shown = _find(pk, actor) if pk is not None else None
    teams = homes(actor)
    form = ViewForm(request.POST or None, initial=_begun(request, shown), actor=actor, teams=teams)

    def save(clean: dict[str, Any]) -> SavedView:
        home = clean.pop("home")
        team = next((each for each in teams if str(each.pk) == home), None)
        return save_view(shown, actor=actor, at=at, is_shared=home == "shared", team=team, **clean)

    if request.method == "POST" and (saved := attempt(form, save)) is not None:
        views.forget(actor)
        say(request, _("Saved"))
        return redirect(f"{reverse('workspace:queue')}?view={saved.pk}")
    context = {
        "form": form, "title": shown.name if shown else _("New view"), "shown": shown,
        "up": reverse("workspace:views"), "up_name": _("Views"),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return page(request, "workspace/views/form.html", context, status=status)


@require_POST
@policy("agent")
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a view another place: `to`, 1 being the first."""
    actor, at = who(request)
    shown = _find(pk, actor)
    place = request.POST.get("to", "")
    try:
        if place.isdecimal() and len(place) < 4:
            move_view(shown, int(place), actor=actor, at=at)
    except Refused as refusal:
        regret(request, str(refusal))
    views.forget(actor)
    return redirect("workspace:views")


@require_POST
@policy("agent")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a view."""
    actor, at = who(request)
    try:
        delete_view(_find(pk, actor), actor=actor, at=at)
        say(request, _("Deleted"))
    except Refused as refusal:
        regret(request, str(refusal))
    views.forget(actor)
    return redirect("workspace:views")


def _find(pk: int, actor: Actor) -> SavedView:
    found = SavedView.objects.visible_to(actor).filter(pk=pk).first() if pk < 2**31 else None
    if found is None:
        raise NotFound
    return found


def _begun(request: HttpRequest, shown: SavedView | None) -> dict[str, Any]:
    if shown is None:
        given = request.GET
        return {
            "home": "own", "filter": given.get("filter", ""), "name": given.get("name", ""),
            "sort": given.get("sort", ORDERS[3][0]), **_look(request),
        }  # fmt: skip
    home = "own" if shown.owner_id else str(shown.team_id or "shared")
    text = language.printed(filters.named(shown.tree))
    kept = {"columns": shown.columns, "grouping": shown.grouping}
    asked = _look(request) if "grouping" in request.GET else {}
    return {"name": shown.name, "filter": text, "sort": shown.sort, "home": home, **kept, **asked}


def _look(request: HttpRequest) -> dict[str, Any]:
    """Read how the list looked from which one came."""
    return {
        "columns": request.GET.getlist("columns"), "grouping": request.GET.get("grouping", ""),
    }  # fmt: skip


def _trouble(view: SavedView, actor: Actor, at: Any) -> str:
    try:
        filters.of_tree(view.tree, actor=actor, at=at)
    except BadFilter as broken:
        return str(broken)
    return ""
