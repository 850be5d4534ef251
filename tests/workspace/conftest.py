"""Agents at their pages."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import AdminFactory, AgentFactory


def signed_in(user: User) -> Client:
    """A browser without scripts in which this person is signed in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def agent(db: None) -> User:
    return AgentFactory(name="Mia Berger", time_zone="UTC")


@pytest.fixture
def admin(db: None) -> User:
    return AdminFactory(name="Robin Vega", time_zone="UTC")


@pytest.fixture
def desk(agent: User) -> Client:
    """The agent's browser."""
    return signed_in(agent)


@pytest.fixture
def admins_desk(admin: User) -> Client:
    """The admin's browser."""
    return signed_in(admin)


def text_of(answer: Any) -> str:
    """What a page says."""
    return str(answer.content.decode())
