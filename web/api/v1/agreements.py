"""Agreements: what organisations bought, from when to when."""

from datetime import datetime
from typing import Any

import django_filters
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import Invalid, NotFound
from accounts.models import User
from accounts.permissions import require
from products.models import Product
from sla import included_hours
from sla.actions import save_agreement
from sla.models import Agreement, Policy, Validity
from sla.models.agreements import AgreementQuerySet
from web.api.v1 import agreement_shapes, lookups, shapes
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.inputs import read
from web.api.v1.lists import by_key
from web.api.v1.schema import described

MOST_MONTHS = 120
_MOST = 2**63 - 1


class AgreementsFilter(django_filters.FilterSet):  # type: ignore[misc]  # untyped library
    """How a list of agreements can be narrowed."""

    organisation = django_filters.NumberFilter(
        field_name="organisation_id", min_value=1, max_value=_MOST
    )
    policy = django_filters.NumberFilter(field_name="policy_id", min_value=1, max_value=_MOST)
    account_manager = django_filters.NumberFilter(
        field_name="account_manager_id", min_value=1, max_value=_MOST
    )
    state = django_filters.ChoiceFilter(choices=Validity.choices, method="by_state")
    ending_within = django_filters.NumberFilter(min_value=1, max_value=3660, method="by_end")

    def by_state(self, rows: AgreementQuerySet, name: str, value: str) -> AgreementQuerySet:
        """Keep those that are not begun, valid or ended now."""
        return rows.standing(value, timezone.now())

    def by_end(self, rows: AgreementQuerySet, name: str, value: Any) -> AgreementQuerySet:
        """Keep those that end in so many days, though none follows them."""
        return rows.ending_within(int(value), timezone.now())


class Agreements(Door):
    """What organisations bought; agents read, admins change."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described(
        "List agreements",
        gives={200: shapes.listed(agreement_shapes.AgreementOut)},
        filters=list(AgreementsFilter.base_filters),
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        """Give a page of agreements."""
        require(self.actor, "agreements.read")
        at = timezone.now()
        return by_key(
            request, _rows(), lambda row: agreement_shapes.agreement(row, at),
            filters=AgreementsFilter,
        )  # fmt: skip

    @described(
        "Create an agreement",
        takes=agreement_shapes.AgreementIn,
        gives={201: agreement_shapes.AgreementOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make an agreement; the organisation's open tickets follow."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        at = timezone.now()
        values = _found(read(agreement_shapes.AgreementIn, request))
        saved = save_agreement(None, actor=self.actor, at=at, **values)
        return Response(_shown(saved.pk, at), 201)


class AgreementById(Door):
    """One agreement."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read an agreement", gives={200: agreement_shapes.AgreementOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the agreement."""
        refuse_unknown(request, ())
        require(self.actor, "agreements.read")
        return Response(_shown(pk, timezone.now()))

    @described(
        "Change an agreement",
        takes=agreement_shapes.AgreementPatch,
        gives={200: agreement_shapes.AgreementOut},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; `valid_until` ends it."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        known, at = _find(pk), timezone.now()
        values = {**_kept(known), **_found(read(agreement_shapes.AgreementPatch, request))}
        save_agreement(known, actor=self.actor, at=at, **values)
        return Response(_shown(pk, at))


class AgreementHours(Door):
    """What of an agreement's included hours was used."""

    read_scope = "tickets:read"

    @described("Read the used hours", gives={200: agreement_shapes.HoursOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give its months up to this one, at most ten years of them, as far as the caller sees."""
        refuse_unknown(request, ())
        require(self.actor, "agreements.read")
        found = included_hours.newest(_find(pk), self.actor, timezone.now(), MOST_MONTHS)
        return Response({"months": [agreement_shapes.use(each) for each in found]})


def _rows() -> AgreementQuerySet:
    return Agreement.objects.select_related(
        "organisation", "policy", "account_manager"
    ).prefetch_related("covers__product", "contacts")


def _find(pk: int) -> Agreement:
    found = _rows().filter(pk=pk).first() if pk <= _MOST else None
    if found is None:
        raise NotFound
    return found


def _shown(pk: int, at: datetime) -> dict[str, Any]:
    return agreement_shapes.agreement(_find(pk), at)


def _kept(row: Agreement) -> dict[str, Any]:
    """What an agreement says at present, in the words of the action."""
    return {
        "organisation": row.organisation, "policy": row.policy,
        "valid_from": row.valid_from, "valid_until": row.valid_until,
        "products": [cover.product for cover in row.covers.all() if cover.product],
        "account_manager": row.account_manager, "contacts": list(row.contacts.all()),
        "most_contacts": row.most_contacts, "hours_a_month": row.hours_a_month,
        "notes": row.notes,
    }  # fmt: skip


def _found(values: dict[str, Any]) -> dict[str, Any]:
    """Find what the body names by key."""
    if "organisation" in values:
        values["organisation"] = lookups.organisation(values["organisation"])
    if "policy" in values:
        values["policy"] = _one(Policy, values["policy"], "policy")
    if values.get("account_manager") is not None:
        values["account_manager"] = _one(User, values["account_manager"], "account_manager")
    if "products" in values:
        values["products"] = _all(Product, "key", values["products"], "products")
    if "contacts" in values:
        values["contacts"] = _all(User, "pk", values["contacts"], "contacts")
    return values


def _one(model: Any, pk: int, pointer: str) -> Any:
    found = model.objects.filter(pk=pk).first()
    if found is None:
        raise Invalid("There is nothing with this id.", pointer=pointer)
    return found


def _all(model: Any, column: str, keys: list[Any], pointer: str) -> list[Any]:
    found = list(model.objects.filter(**{f"{column}__in": keys}))
    if len(found) != len(set(keys)):
        raise Invalid("One of these does not exist.", pointer=pointer)
    return found
