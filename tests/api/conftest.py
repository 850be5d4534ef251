"""A caller for the API: a token of each kind, and JSON in and out."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.models import SCOPES, User
from sla import audit, tasks
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    ReleaseFactory,
    UserFactory,
)
from tickets.models import FieldDefinition

ALL = sorted(SCOPES)


class Caller:
    """Calls the API with one token."""

    def __init__(self, token: str = "") -> None:
        self._client = Client(raise_request_exception=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"data": b""}
        if body is not None:
            text = body if isinstance(body, bytes | str) else json.dumps(body)
            sent = {"data": text}
        response = self._client.generic(
            method, f"/api/v1{path}", content_type="application/json",
            headers={**self._headers, **named}, **sent,
        )  # fmt: skip
        if "json" in response.headers.get("Content-Type", ""):
            response.body = json.loads(response.content)
        return response


@pytest.fixture
def token_for() -> Callable[..., str]:
    """Make a token: of a person, or of an integration."""

    def make(user: User | None = None, scopes: list[str] | None = None) -> str:
        admin = Actor.system()
        if user is not None and not user.is_staff_member:
            scopes = scopes or ["tickets:read", "tickets:write"]
        wanted = scopes or ALL
        return create_token("test", wanted, actor=admin, at=MONDAY, user=user)[1]

    return make


@pytest.fixture(autouse=True)
def _no_drift(db: None) -> Iterator[None]:
    """After each call the stored clocks are those that the history gives (docs/sla.md)."""
    yield
    tasks.sweep()
    assert list(audit.drift()) == []


@pytest.fixture
def agent(db: None) -> User:
    return AgentFactory()


@pytest.fixture
def as_agent(agent: User, token_for: Callable[..., str]) -> Caller:
    return Caller(token_for(agent))


@pytest.fixture
def as_admin(db: None, token_for: Callable[..., str]) -> Caller:
    return Caller(token_for(AdminFactory()))


@pytest.fixture
def as_integration(db: None, token_for: Callable[..., str]) -> Caller:
    return Caller(token_for())


@pytest.fixture
def customer(db: None) -> User:
    return UserFactory(email="ana@acme.example")


@pytest.fixture
def as_customer(customer: User, token_for: Callable[..., str]) -> Caller:
    return Caller(token_for(customer))


@pytest.fixture
def ledger(db: None) -> Any:
    """The product, releases, field and organisation of the documented example."""
    OrganisationFactory(name="Acme", domain="acme.example")
    product = ProductFactory(key="ledger", name="Ledger")
    for version in ("2.4.0", "2.4.1", "2.5.0"):
        ReleaseFactory(product=product, version=version)
    FieldDefinition.objects.create(
        key="environment", label="Environment", type="choice", choices=["production", "test"]
    )
    return product


EXAMPLE = {
    "subject": "Export fails with a 500", "body": "Since 2.4.1 …",
    "requester": {"email": "ana@acme.example", "name": "Ana"},
    "category": "corrective", "priority": "high", "product": "ledger",
    "affected_release": "2.4.1", "tags": ["export"], "fields": {"environment": "production"},
    "external_source": "sentry", "external_id": "42",
}  # fmt: skip
