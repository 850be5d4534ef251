"""Teams: their members, and whether their tickets are private."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions.groups import save_team
from accounts.errors import NotFound
from accounts.models import Team, User
from web.policies import policy
from web.workspace import views
from web.workspace.pages import who
from web.workspace.settings.forms import TeamForm
from web.workspace.settings.pattern import Row, at_settings, editing, listing


@require_safe
@policy("admin")
def teams(request: HttpRequest) -> HttpResponse:
    """List the teams."""
    return listing(
        request,
        title=_("Teams"),
        about=_("A ticket without a team is seen by all agents."),
        columns=[_("Members")],
        rows=[
            Row(
                team.name,
                at_settings("team", team.pk),
                [", ".join(sorted(_named(person) for person in team.members.all()))],
                gettext_lazy("private") if team.is_private else "",
            )
            for team in Team.objects.prefetch_related("members").order_by("name", "pk")
        ],
        new=at_settings("new_team"),
        new_words=_("New team"),
    )


def _named(person: User) -> str:
    away = _("%(name)s (away)") % {"name": person.display_name}
    return away if person.is_away else person.display_name


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def team(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a team."""
    actor, at = who(request)
    shown = Team.objects.filter(pk=pk).first() if pk else None
    if pk and shown is None:
        raise NotFound
    begun = (
        {
            "name": shown.name, "is_private": shown.is_private, "signature": shown.signature,
            "sharing": shown.sharing,
            "members": list(shown.members.all()),
        }
        if shown
        else {"sharing": Team.Sharing.OFF}
    )  # fmt: skip

    def save(clean: dict[str, Any]) -> Team:
        saved = save_team(shown, actor=actor, at=at, **clean)
        views.forget(actor)
        return saved

    return editing(
        request, TeamForm(request.POST or None, initial=begun), save,
        title=shown.name if shown else _("New team"), up=at_settings("teams"), up_name=_("Teams"),
    )  # fmt: skip
