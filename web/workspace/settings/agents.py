"""Agents: inviting, changing, closing and reopening their accounts."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actions import people
from accounts.actions.groups import save_team
from accounts.errors import NotFound, Refused
from accounts.models import User
from channels import post
from tickets import actions
from web.policies import policy
from web.workspace import views
from web.workspace.pages import regret, say, who
from web.workspace.settings.forms import Agent
from web.workspace.settings.pattern import Row, at_settings, editing, listing


@require_safe
@policy("admin")
def agents(request: HttpRequest) -> HttpResponse:
    """List who works at the desk; closed accounts last."""
    rows = User.objects.filter(role__in=User.STAFF).prefetch_related("teams")
    return listing(
        request,
        title=_("Agents"),
        about=_("Who answers tickets. A closed account keeps its history."),
        columns=[_("E-mail"), _("Role"), _("Teams")],
        rows=[
            Row(
                agent.display_name,
                at_settings("agent", agent.pk),
                [
                    agent.email,
                    agent.get_role_display(),
                    ", ".join(sorted(team.name for team in agent.teams.all())),
                ],
                "" if agent.is_active else gettext_lazy("closed"),
            )
            for agent in rows.order_by("-is_active", "name", "pk")
        ],
        new=at_settings("invite"),
        new_words=_("Invite an agent"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def invite(request: HttpRequest) -> HttpResponse:
    """Make the account and mail a link with which it is opened (7 days)."""
    actor, at = who(request)
    form = Agent(request.POST or None)

    @transaction.atomic
    def save(clean: dict[str, Any]) -> User:
        teams = clean.pop("teams")
        agent = people.create_person(clean.pop("email"), actor=actor, at=at, **clean)
        _put_in_teams(request, agent, teams)
        post.queue_invitation(agent, at=at)
        return agent

    return editing(
        request, form, save, title=_("Invite an agent"), up=at_settings("agents"),
        up_name=_("Agents"), more={"button": _("Send the invitation")},
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@policy("admin")
def agent(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an agent."""
    actor, at = who(request)
    shown = _find(pk)
    form = Agent(
        request.POST or None,
        initial={
            "name": shown.name, "email": shown.email, "role": shown.role,
            "teams": list(shown.teams.all()),
        },
    )  # fmt: skip

    @transaction.atomic
    def save(clean: dict[str, Any]) -> User:
        teams = clean.pop("teams")
        changed = actions.change_person(shown, actor=actor, at=at, **clean)
        _put_in_teams(request, changed, teams)
        return changed

    return editing(
        request, form, save, title=shown.display_name, up=at_settings("agents"),
        up_name=_("Agents"), template="workspace/settings/agent.html", more={"agent": shown},
    )  # fmt: skip


@require_POST
@policy("admin")
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Close the account; open tickets go back to their teams."""
    actor, at = who(request)
    try:
        actions.change_person(_find(pk), actor=actor, at=at, is_active=False)
    except Refused as refusal:
        regret(request, str(refusal))
        return redirect("workspace:agent", pk)
    views.forget(actor)
    say(request, _("The account is closed; open tickets went back to their teams."))
    return redirect("workspace:agents")


@require_POST
@policy("admin")
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a closed account again."""
    actor, at = who(request)
    actions.change_person(_find(pk), actor=actor, at=at, is_active=True)
    say(request, _("The account is open again."))
    return redirect("workspace:agent", pk)


@require_POST
@policy("admin")
def invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail a new invitation."""
    _actor, at = who(request)
    post.queue_invitation(_find(pk), at=at)
    say(request, _("The invitation is on its way."))
    return redirect("workspace:agent", pk)


def _find(pk: int) -> User:
    found = User.objects.filter(pk=pk, role__in=User.STAFF).first()
    if found is None:
        raise NotFound
    return found


def _put_in_teams(request: HttpRequest, agent: User, wanted: Any) -> None:
    actor, at = who(request)
    before = set(agent.teams.all())
    for team in sorted(before ^ set(wanted), key=lambda team: team.pk):
        members = set(team.members.all()) ^ {agent}
        save_team(team, actor=actor, at=at, members=members)
    views.forget(actor)
