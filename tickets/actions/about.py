"""Saying which software a ticket is about: product, component, releases."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from products.models import Component, Product, Release
from tickets.actions._door import change, lock
from tickets.errors import Invalid
from tickets.models import Event, Ticket

Kind = Event.Kind


@transaction.atomic
def set_product(
    number: int, product: Product | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Say which product it is about; component and releases of another product fall away."""
    ticket = lock(number, actor, "set_product")
    if product == ticket.product:
        return None
    return change(
        ticket, Kind.PRODUCT_SET, actor=actor, at=at,
        product=product, component=None, affected_release=None, fixed_in=None,
    )  # fmt: skip


@transaction.atomic
def set_component(
    number: int, component: Component | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Say which part of the product it is about.

    :raises Invalid: the component is of another product.
    """
    ticket = lock(number, actor, "set_product")
    _refuse_foreign(ticket, component, "component")
    return change(ticket, Kind.COMPONENT_SET, actor=actor, at=at, component=component)


@transaction.atomic
def set_affected_release(
    number: int, release: Release | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Say in which release it was seen.

    :raises Invalid: the release is of another product.
    """
    ticket = lock(number, actor, "set_product")
    _refuse_foreign(ticket, release, "affected_release")
    return change(ticket, Kind.AFFECTED_RELEASE_SET, actor=actor, at=at, affected_release=release)


@transaction.atomic
def set_fixed_in(
    number: int, release: Release | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Say in which release it is fixed, planned or published.

    :raises Invalid: the release is of another product.
    """
    ticket = lock(number, actor, "set_product")
    _refuse_foreign(ticket, release, "fixed_in")
    return change(ticket, Kind.FIXED_IN_SET, actor=actor, at=at, fixed_in=release)


def _refuse_foreign(ticket: Ticket, part: Component | Release | None, pointer: str) -> None:
    if part is not None and part.product_id != ticket.product_id:
        raise Invalid(_("This does not belong to the ticket's product."), pointer=pointer)
