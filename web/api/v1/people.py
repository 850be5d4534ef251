"""People, organisations, teams, and the caller."""

from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actions.groups import save_team
from accounts.actions.people import create_person
from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import Organisation, Team, Token, User
from accounts.permissions import require
from tickets import actions
from web.api.v1 import inputs, lookups, present, shapes
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class PeopleFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    """How a list of people can be narrowed."""

    email = django_filters.CharFilter(method="by_email")
    role = django_filters.ChoiceFilter(choices=User.Role.choices)
    organisation = django_filters.NumberFilter(
        field_name="organisation_id", min_value=1, max_value=2**63 - 1
    )

    def by_email(self, people: "QuerySet[User]", name: str, value: str) -> "QuerySet[User]":
        """Find an address whatever its capitals."""
        return people.filter(email=value.strip().lower())


class OrganisationsFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    """How a list of organisations can be narrowed."""

    name = django_filters.CharFilter(lookup_expr="iexact")
    domain = django_filters.CharFilter(field_name="domains__domain", lookup_expr="iexact")


class People(Door):
    """Everybody the desk knows."""

    read_scope = "people:read"
    write_scope = "people:write"

    @described(
        "List people",
        gives={200: shapes.listed(shapes.PersonOut)},
        filters=["email", "role", "organisation"],
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        """Give a page of people."""
        require(self.actor, "people.read")
        people = User.objects.filter(merged_into__isnull=True).select_related("organisation")
        return by_key(request, people, present.person, filters=PeopleFilter)

    @described(
        "Create a person",
        takes=inputs.NewPersonIn,
        gives={201: shapes.PersonOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a person; making agents needs an admin."""
        require(self.actor, "people.create")
        refuse_unknown(request, ())
        values = inputs.read(inputs.NewPersonIn, request)
        if "organisation" in values:
            values["organisation"] = lookups.organisation(values["organisation"])
        email = values.pop("email")
        person = create_person(email, actor=self.actor, at=timezone.now(), **values)
        return Response(present.person(person), status=201)


class PersonById(Door):
    """One person."""

    read_scope = "people:read"
    write_scope = "people:write"

    @described("Read a person", gives={200: shapes.PersonOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the person."""
        require(self.actor, "people.read")
        refuse_unknown(request, ())
        return Response(present.person(_person(pk)))

    @described("Change a person", takes=inputs.PersonPatch, gives={200: shapes.PersonOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change what the role allows."""
        require(self.actor, "people.change")
        refuse_unknown(request, ())
        values = inputs.read(inputs.PersonPatch, request)
        if "organisation" in values:
            values["organisation"] = lookups.organisation(values["organisation"])
        person = _person(pk)
        if values:
            actions.change_person(person, actor=self.actor, at=timezone.now(), **values)
        return Response(present.person(_person(pk)))


class MergePerson(Door):
    """Two accounts of one customer."""

    write_scope = "people:write"

    @described(
        "Merge a person into another",
        takes=inputs.MergeIn,
        gives={200: shapes.PersonOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give everything of this person to `into`, who is the answer; this account closes."""
        require(self.actor, "people.merge")
        refuse_unknown(request, ())
        target = lookups.heir(inputs.read(inputs.MergeIn, request)["into"])
        actions.merge_people(_person(pk), target, actor=self.actor, at=timezone.now())
        return Response(present.person(target))


class Organisations(Door):
    """The customers of the desk."""

    read_scope = "people:read"
    write_scope = "people:write"

    @described(
        "List organisations",
        gives={200: shapes.listed(shapes.OrganisationOut)},
        filters=["name", "domain"],
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        """Give a page of organisations."""
        require(self.actor, "organisations.read")
        rows = Organisation.objects.prefetch_related("domains")
        return by_key(request, rows, present.organisation, filters=OrganisationsFilter)

    @described(
        "Create an organisation",
        takes=inputs.OrganisationIn,
        gives={201: shapes.OrganisationOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an organisation."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.OrganisationIn, request)
        saved = actions.save_organisation(None, actor=self.actor, at=timezone.now(), **values)
        return Response(present.organisation(saved), status=201)


class OrganisationById(Door):
    """One organisation."""

    read_scope = "people:read"
    write_scope = "people:write"

    @described("Read an organisation", gives={200: shapes.OrganisationOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the organisation."""
        require(self.actor, "organisations.read")
        refuse_unknown(request, ())
        return Response(present.organisation(_organisation(pk)))

    @described(
        "Change an organisation",
        takes=inputs.OrganisationPatch,
        gives={200: shapes.OrganisationOut},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; `domains` replaces all of them."""
        require(self.actor, "organisations.change")
        refuse_unknown(request, ())
        values = inputs.read(inputs.OrganisationPatch, request)
        saved = actions.save_organisation(
            _organisation(pk), actor=self.actor, at=timezone.now(), **values
        )
        return Response(present.organisation(saved))


class Teams(Door):
    """The teams a caller may know of: private ones only to members and admins."""

    read_scope = "people:read"
    write_scope = "admin"

    @described("List teams", gives={200: shapes.listed(shapes.TeamOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of teams."""
        require(self.actor, "teams.read")
        teams = Team.objects.visible_to(self.actor).prefetch_related("members")
        return by_key(request, teams, present.team)

    @described(
        "Create a team",
        takes=inputs.TeamIn,
        gives={201: shapes.TeamOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a team."""
        refuse_unknown(request, ())
        values = _with_members(inputs.read(inputs.TeamIn, request))
        saved = save_team(None, actor=self.actor, at=timezone.now(), **values)
        return Response(present.team(saved), status=201)


class TeamById(Door):
    """One team."""

    read_scope = "people:read"
    write_scope = "admin"

    @described("Read a team", gives={200: shapes.TeamOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the team."""
        require(self.actor, "teams.read")
        refuse_unknown(request, ())
        return Response(present.team(_team(pk, self.actor)))

    @described("Change a team", takes=inputs.TeamPatch, gives={200: shapes.TeamOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; `members` replaces all of them."""
        require(self.actor, "teams.change")
        refuse_unknown(request, ())
        values = _with_members(inputs.read(inputs.TeamPatch, request))
        known = _team(pk, self.actor)
        saved = save_team(known, actor=self.actor, at=timezone.now(), **values)
        return Response(present.team(saved))


class Me(Door):
    """The caller."""

    read_scope = ""

    @described("Say who calls", gives={200: shapes.MeOut})
    def get(self, request: Request) -> Response:
        """Give the person or the integration behind the token, with its scopes."""
        refuse_unknown(request, ())
        token, user = cast("Token", request.auth), self.actor.user
        return Response(
            {
                "person": present.person(user) if user else None,
                "integration": None if user else token.name,
                "scopes": token.scopes,
                "expires_at": present.instant(token.expires_at),
            }
        )


def _person(pk: int) -> User:
    found = (
        User.objects.select_related("organisation").filter(pk=pk).first() if pk < 2**63 else None
    )
    if found is None:
        raise NotFound
    return found


def _team(pk: int, actor: Actor) -> Team:
    found = Team.objects.visible_to(actor).filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound
    return found


def _with_members(values: dict[str, Any]) -> dict[str, Any]:
    if "members" in values:
        values["members"] = lookups.agents(values["members"])
    return values


def _organisation(pk: int) -> Organisation:
    rows = Organisation.objects.prefetch_related("domains")
    found = rows.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise NotFound
    return found
