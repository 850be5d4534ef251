"""The shapes of agreements: what calls send, and what they get."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from sla.included_hours import Use
from sla.models import Agreement, Validity
from web.api.v1 import present
from web.api.v1.inputs import Strict
from web.api.v1.shapes import NamedRef

_MOST = 2_000_000_000


def _key(**more: Any) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**63 - 1, **more)


class AgreementPatch(Strict):
    """Changes of an agreement; what is left out stays, lists are replaced as a whole."""

    policy = _key(required=False)
    valid_from = serializers.DateTimeField(required=False)
    valid_until = serializers.DateTimeField(required=False, allow_null=True)
    products = serializers.ListField(
        child=serializers.CharField(max_length=60), max_length=200, required=False
    )
    account_manager = _key(required=False, allow_null=True)
    contacts = serializers.ListField(child=_key(), max_length=1000, required=False)
    most_contacts = serializers.IntegerField(
        min_value=1, max_value=_MOST, required=False, allow_null=True
    )
    hours_a_month = serializers.IntegerField(
        min_value=0, max_value=_MOST, required=False, allow_null=True
    )
    notes = serializers.CharField(max_length=100_000, required=False, allow_blank=True)


class AgreementIn(AgreementPatch):
    """An agreement; no products means all of them, no contacts everybody."""

    organisation = _key()
    policy = _key()
    valid_from = serializers.DateTimeField()


class ContactRef(serializers.Serializer[Any]):
    """A named contact."""

    id = serializers.IntegerField()
    email = serializers.EmailField()
    name = serializers.CharField()


class AgreementOut(serializers.Serializer[Any]):
    """An agreement; `valid_until` is the first instant without it."""

    id = serializers.IntegerField()
    organisation = NamedRef()
    policy = NamedRef()
    state = serializers.ChoiceField(Validity.choices)
    valid_from = serializers.DateTimeField()
    valid_until = serializers.DateTimeField(allow_null=True)
    products = serializers.ListField(child=serializers.CharField())
    account_manager = ContactRef(allow_null=True)
    contacts = ContactRef(many=True)
    most_contacts = serializers.IntegerField(allow_null=True)
    hours_a_month = serializers.IntegerField(allow_null=True)
    notes = serializers.CharField(allow_blank=True)


class UseOut(serializers.Serializer[Any]):
    """What of the included hours was used in the days of a month on which the agreement held."""

    month = serializers.CharField(help_text="Such as 2026-03.")
    first = serializers.DateField()
    last = serializers.DateField()
    included_hours = serializers.IntegerField()
    used_seconds = serializers.IntegerField()


class HoursOut(serializers.Serializer[Any]):
    """The months of an agreement, the newest first; none where no hours are included."""

    months = UseOut(many=True)


def use(row: Use) -> dict[str, Any]:
    """Give what a month used."""
    return {
        "month": f"{row.first:%Y-%m}",
        "first": row.first.isoformat(),
        "last": row.last.isoformat(),
        "included_hours": row.agreement.hours_a_month,
        "used_seconds": row.seconds,
    }


def agreement(row: Agreement, at: Any) -> dict[str, Any]:
    """Give an agreement as it stands at that instant."""
    contacts = sorted(row.contacts.all(), key=lambda person: person.pk)
    return {
        "id": row.pk,
        "organisation": {"id": row.organisation_id, "name": row.organisation.name},
        "policy": {"id": row.policy_id, "name": row.policy.name},
        "state": row.validity(at),
        "valid_from": present.instant(row.valid_from),
        "valid_until": present.instant(row.valid_until),
        "products": sorted(cover.product.key for cover in row.covers.all() if cover.product),
        "account_manager": _person(row.account_manager) if row.account_manager else None,
        "contacts": [_person(person) for person in contacts],
        "most_contacts": row.most_contacts,
        "hours_a_month": row.hours_a_month,
        "notes": row.notes,
    }


def _person(row: User) -> dict[str, Any]:
    return {"id": row.pk, "email": row.email, "name": row.name}
