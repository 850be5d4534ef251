"""Making people, teams and tickets for tests, with sensible names."""

from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from accounts.actor import Actor
from accounts.models import Organisation, OrganisationDomain, Team, User
from products.models import Component, Product, Release
from tickets import actions
from tickets.models import Ticket

MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
_NO_PASSWORD = make_password(None)


class OrganisationFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Organisation
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Organisation {n}")
    created_at = MONDAY

    @factory.post_generation
    def domain(self, create: bool, extracted: str | None, **kwargs: Any) -> None:
        if extracted:
            OrganisationDomain.objects.create(organisation=self, domain=extracted)


class UserFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"person{n}@example.org")
    name = factory.Sequence(lambda n: f"Person {n}")
    password = _NO_PASSWORD
    email_verified_at = MONDAY
    created_at = MONDAY


class AgentFactory(UserFactory):
    email = factory.Sequence(lambda n: f"agent{n}@desk.example")
    name = factory.Sequence(lambda n: f"Agent {n}")
    role = User.Role.AGENT


class AdminFactory(AgentFactory):
    email = factory.Sequence(lambda n: f"admin{n}@desk.example")
    name = factory.Sequence(lambda n: f"Admin {n}")
    role = User.Role.ADMIN


class TeamFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Team {n}")
    created_at = MONDAY

    @factory.post_generation
    def members(self, create: bool, extracted: list[User] | None, **kwargs: Any) -> None:
        self.members.set(extracted or [])


class ProductFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Product

    key = factory.Sequence(lambda n: f"product-{n}")
    name = factory.Sequence(lambda n: f"Product {n}")


class ComponentFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Component

    product = factory.SubFactory(ProductFactory)
    name = factory.Sequence(lambda n: f"Component {n}")


class ReleaseFactory(factory.django.DjangoModelFactory):
    class Meta:
        model = Release

    product = factory.SubFactory(ProductFactory)
    version = factory.Sequence(lambda n: f"1.{n}.0")


def file_ticket(
    requester: User | None = None,
    *,
    at: datetime = MONDAY,
    actor: Actor | None = None,
    **values: Any,
) -> Ticket:
    """File a ticket as its requester does by the web form, or as `actor`."""
    person = requester or UserFactory()
    filing = actions.Filing(
        **{"subject": "Export fails", "body": "It says 500.", "requester": person, **values}
    )
    return actions.open_ticket(filing, actor=actor or Actor.of(person, door="web"), at=at)


def as_agent(user: User | None = None, request_id: str = "") -> Actor:
    """An agent in the workspace."""
    return Actor.of(user or AgentFactory(), door="agent", request_id=request_id)


def as_customer(user: User) -> Actor:
    """A customer on the portal."""
    return Actor.of(user, door="web")
