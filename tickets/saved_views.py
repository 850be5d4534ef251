"""Making, changing, moving and deleting views, each as the role allows."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed, NotFound
from accounts.models import Team
from accounts.names import one_line
from tickets import filters, language, paging
from tickets.models import SavedView
from tickets.models.views import Column, Grouping, SavedViewQuerySet

MOST = 50


def may_change(view: SavedView, actor: Actor) -> bool:
    """Whether the actor may change a view that is seen: all but what only admins share."""
    return actor.is_admin or view.owner_id is not None or view.team_id is not None


def homes(actor: Actor) -> list[Team]:
    """List the teams for which the actor may keep views."""
    teams = Team.objects.all() if actor.is_admin else Team.objects.of(actor)
    return list(teams.order_by("name", "pk"))


@transaction.atomic
def save_view(
    view: SavedView | None, *, actor: Actor, at: datetime, is_shared: bool = False,
    team: Team | None = None, **values: Any,
) -> SavedView:  # fmt: skip
    """Make or change a view; without team and `is_shared` it is the actor's own.

    `filter` is the typed form.

    :raises NotAllowed: the actor may not keep a view there, or change this one.
    :raises BadFilter: the filter cannot be read, or the sort is unknown.
    :raises Invalid: a name is missing, or there are 50 views already.
    """
    if view is not None:
        view = _to_change(view, actor)
    owner = None if is_shared or team else actor.user
    saved = view or SavedView(created_at=at)
    if view is None or (view.owner, view.team) != (owner, team):
        saved.owner, saved.team = owner, team
        _settle_in(saved, actor)
    if "filter" in values:
        tree = filters.settled(filters.read(values.pop("filter")))
        filters.of_tree(tree, actor=actor, at=at)
        saved.conditions = language.plain(tree)
    for name, value in values.items():
        setattr(saved, name, value)
    saved.name = one_line(saved.name)
    if not 1 <= len(saved.name) <= 60:
        raise Invalid(_("Give a name of up to 60 characters."), pointer="name")
    paging.check_sort(saved.sort)
    _check_look(saved)
    saved.save()
    _note("view.saved", saved, actor, at)
    return saved


@transaction.atomic
def move_view(view: SavedView, to: int, *, actor: Actor, at: datetime) -> None:
    """Give a view another place among those beside it, 1 being the first.

    :raises NotAllowed: the actor may not change it.
    """
    view = _to_change(view, actor)
    beside = [each for each in _beside(view).select_for_update().in_order() if each.pk != view.pk]
    beside.insert(max(0, to - 1), view)
    for place, each in enumerate(beside, start=1):
        each.position = place
    SavedView.objects.bulk_update(beside, ["position"])
    _note("view.moved", view, actor, at)


@transaction.atomic
def delete_view(view: SavedView, *, actor: Actor, at: datetime) -> None:
    """Delete a view; the tickets in it stay.

    :raises NotAllowed: the actor may not change it.
    """
    view = _to_change(view, actor)
    _note("view.deleted", view, actor, at)
    view.delete()


def _to_change(view: SavedView, actor: Actor) -> SavedView:
    """Lock a view as it stands now."""
    seen = SavedView.objects.visible_to(actor).select_for_update(no_key=True)
    found = seen.filter(pk=view.pk).first()
    if found is None:
        raise NotFound
    if not may_change(found, actor):
        raise NotAllowed
    return found


def _check_look(view: SavedView) -> None:
    if not set(view.columns) <= set(Column.values) or len(view.columns) > len(Column.values):
        raise Invalid(_("Choose one of the listed values."), pointer="columns")
    if view.grouping and view.grouping not in Grouping.values:
        raise Invalid(_("Choose one of the listed values."), pointer="grouping")


def _settle_in(view: SavedView, actor: Actor) -> None:
    """Put a view last in its home."""
    if view.owner is None and view.team is None and not actor.is_admin:
        raise NotAllowed(_("Only admins share views with everybody."), pointer="is_shared")
    if view.team is not None and view.team not in homes(actor):
        raise NotAllowed(_("Only members keep views for a team."), pointer="team")
    places = list(_beside(view).values_list("position", flat=True))
    if len(places) >= MOST:
        raise Invalid(_("There are 50 views here already."))
    view.position = max(places, default=0) + 1


def _beside(view: SavedView) -> SavedViewQuerySet:
    beside: SavedViewQuerySet = SavedView.objects.filter(owner=view.owner, team=view.team)
    return beside


def _note(what: str, view: SavedView, actor: Actor, at: datetime) -> None:
    """Log what concerns others; what one keeps for oneself is one's own affair."""
    if view.owner_id is None:
        audit.note(actor, what, view.name, at)
