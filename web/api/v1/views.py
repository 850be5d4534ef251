"""Views: filters that somebody saved, and the tickets in them."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed, NotFound
from accounts.models import Team
from tickets import filters, language, paging
from tickets.models import SavedView
from tickets.models.views import Column, Grouping
from tickets.saved_views import delete_view, move_view, save_view
from web.api.v1 import present, shapes
from web.api.v1.doors import Door, idempotent, limit_of, refuse_unknown
from web.api.v1.inputs import Strict, read
from web.api.v1.lists import by_key, envelope
from web.api.v1.schema import described
from web.api.v1.tickets import seen_by

_MOST = 2**31 - 1


class ViewOut(serializers.Serializer[Any]):
    """A view; without owner and team it is shared by the desk."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    owner = shapes.PersonRef(allow_null=True)
    team = shapes.NamedRef(allow_null=True)
    is_shared = serializers.BooleanField()
    filter = serializers.CharField()
    sort = serializers.CharField()
    columns = serializers.ListField(child=serializers.ChoiceField(Column.choices))
    grouping = serializers.ChoiceField(Grouping.choices, allow_blank=True)
    position = serializers.IntegerField()


class ViewIn(Strict):
    """A new view."""

    name = serializers.CharField(max_length=60)
    filter = serializers.CharField(max_length=2000, allow_blank=True)
    sort = serializers.CharField(max_length=20, required=False)
    columns = serializers.ListField(
        child=serializers.ChoiceField(Column.choices), required=False, max_length=len(Column)
    )
    grouping = serializers.ChoiceField(Grouping.choices, required=False, allow_blank=True)
    team = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=_MOST)
    is_shared = serializers.BooleanField(required=False)


class ViewPatch(Strict):
    """What changes of a view; `position` is its place among those beside it."""

    name = serializers.CharField(max_length=60, required=False)
    filter = serializers.CharField(max_length=2000, allow_blank=True, required=False)
    sort = serializers.CharField(max_length=20, required=False)
    columns = serializers.ListField(
        child=serializers.ChoiceField(Column.choices), required=False, max_length=len(Column)
    )
    grouping = serializers.ChoiceField(Grouping.choices, required=False, allow_blank=True)
    team = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=_MOST)
    is_shared = serializers.BooleanField(required=False)
    position = serializers.IntegerField(required=False, min_value=1, max_value=50)


class Views(Door):
    """The views that the caller sees."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List views", gives={200: shapes.listed(ViewOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of views."""
        rows = SavedView.objects.visible_to(self.actor).select_related("owner", "team")
        return by_key(request, rows, lambda row: _shown(row, self.actor))

    @described("Create a view", takes=ViewIn, gives={201: ViewOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request) -> Response:
        """Keep a filter: for oneself, for a `team`, or for all (`is_shared`, admins)."""
        refuse_unknown(request, ())
        _refuse_others(self.actor)
        values = _found(read(ViewIn, request), self.actor)
        if self.actor.user is None and not (values.get("team") or values.get("is_shared")):
            raise Invalid("An integration has no views of its own.", pointer="is_shared")
        saved = save_view(None, actor=self.actor, at=timezone.now(), **values)
        return Response(_shown(saved, self.actor), 201)


class ViewById(Door):
    """One view."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("Read a view", gives={200: ViewOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the view."""
        refuse_unknown(request, ())
        return Response(_shown(_find(pk, self.actor), self.actor))

    @described("Change a view", takes=ViewPatch, gives={200: ViewOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given."""
        refuse_unknown(request, ())
        known, at = _find(pk, self.actor), timezone.now()
        values = _found(read(ViewPatch, request), self.actor)
        position = values.pop("position", None)
        home = {"team": known.team, "is_shared": known.owner_id is None and known.team is None}
        with transaction.atomic():
            known = save_view(known, actor=self.actor, at=at, **{**home, **values})
            if position is not None:
                move_view(known, position, actor=self.actor, at=at)
        return Response(_shown(_find(pk, self.actor), self.actor))

    @described("Delete a view", gives={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete the view; its tickets stay."""
        refuse_unknown(request, ())
        delete_view(_find(pk, self.actor), actor=self.actor, at=timezone.now())
        return Response(status=204)


class ViewTickets(Door):
    """The tickets in a view."""

    read_scope = "tickets:read"

    @described(
        "List the tickets of a view", gives={200: shapes.listed(shapes.TicketOut)},
        filters=["filter", "sort"], is_list=True,
    )  # fmt: skip
    def get(self, request: Request, pk: int) -> Response:
        """Give a page of them in the order of the view; `filter` narrows it, `sort` reorders."""
        refuse_unknown(request, ("filter", "sort", "limit", "cursor"))
        view, at = _find(pk, self.actor), timezone.now()
        tickets = seen_by(self.actor).filter(filters.of_tree(view.tree, actor=self.actor, at=at))
        if "spam" not in language.names(view.tree):
            tickets = tickets.filter(is_spam=False)
        given = [("filter", request.query_params.get("filter", ""))]
        page = paging.page(
            tickets.filter(filters.conditions(given, actor=self.actor, at=at)),
            actor=self.actor,
            sort=request.query_params.get("sort", view.sort),
            cursor=request.query_params.get("cursor", ""),
            limit=limit_of(request),
        )
        return envelope(request, present.tickets(page.rows, self.actor), page.next_cursor)


def _shown(row: SavedView, actor: Actor) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "owner": present.person_ref(row.owner, actor) if row.owner else None,
        "team": present.named(row.team),
        "is_shared": row.owner_id is None and row.team_id is None,
        "filter": language.printed(row.tree),
        "sort": row.sort,
        "columns": row.columns,
        "grouping": row.grouping,
        "position": row.position,
    }


def _find(pk: int, actor: Actor) -> SavedView:
    seen = SavedView.objects.visible_to(actor).select_related("owner", "team")
    found = seen.filter(pk=pk).first() if pk <= _MOST else None
    if found is None:
        raise NotFound
    return found


def _refuse_others(actor: Actor) -> None:
    if not actor.is_agent:
        raise NotAllowed


def _found(values: dict[str, Any], actor: Actor) -> dict[str, Any]:
    """Find the team that a body names among those that the caller sees."""
    if values.get("team") is not None:
        team = Team.objects.visible_to(actor).filter(pk=values["team"]).first()
        if team is None:
            raise Invalid("There is no team with this id.", pointer="team")
        values["team"] = team
    if values.get("team") and values.get("is_shared"):
        raise Invalid("A view is for a team or for everybody.", pointer="is_shared")
    return values
