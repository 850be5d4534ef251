"""Making and changing products, components and releases."""

from datetime import date
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.errors import Invalid, NameTaken
from accounts.permissions import require
from products.models import Component, Product, Release

Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def save_product(product: Product | None, *, actor: Actor, **values: Any) -> Product:
    """Make or change a product (`key`, `name`, `is_active`).

    :raises NameTaken: another product has the key.
    :raises Invalid: a value cannot be used.
    """
    require(actor, "products.change")
    return _store(product or Product(), values, pointer="key")


@transaction.atomic
def save_component(
    component: Component | None, *, actor: Actor, product: Product, name: str
) -> Component:
    """Make or rename a component of a product.

    :raises NameTaken: the product has one of that name.
    """
    require(actor, "products.change")
    values = {"product": product, "name": name}
    return _store(component or Component(), values, pointer="name")


@transaction.atomic
def save_release(
    release: Release | None,
    *,
    actor: Actor,
    product: Product,
    version: str,
    status: str = Release.Status.PLANNED,
    published_on: date | None = None,
) -> Release:
    """Make or change a release of a product; a published one has its day.

    :raises NameTaken: the product has that version.
    :raises Invalid: published without a day.
    """
    require(actor, "products.change")
    if status == Release.Status.PUBLISHED and published_on is None:
        raise Invalid(_("Say on which day it was published."), pointer="published_on")
    values = {
        "product": product, "version": version, "status": status, "published_on": published_on,
    }  # fmt: skip
    return _store(release or Release(), values, pointer="version")


def _store(row: Row, values: dict[str, Any], *, pointer: str) -> Row:
    for name, value in values.items():
        setattr(row, name, value)
    try:
        row.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=field) from error
    try:
        row.validate_unique()
        row.validate_constraints()
    except ValidationError as error:
        raise NameTaken(pointer=pointer) from error
    row.save()
    return row
