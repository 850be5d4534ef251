"""Tokens and sign-in links from the command line."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.actions.tokens import find_token
from tests.factories import AdminFactory, UserFactory

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().strip()


def test_a_token_is_made_listed_and_revoked():
    text = run("token", "create", "sentry", "--scope", "tickets:read", "--scope", "tickets:write")
    token = find_token(text, at=timezone.now())
    assert token is not None
    assert token.is_integration
    assert token.prefix in run("token", "list")
    run("token", "revoke", token.prefix)
    assert find_token(text, at=timezone.now()) is None
    assert token.prefix not in run("token", "list")


def test_a_customer_gets_no_wider_token():
    person = UserFactory()
    with pytest.raises(CommandError, match="reads and writes tickets only"):
        run("token", "create", "x", "--person", person.email, "--scope", "admin")


def test_a_sign_in_link_signs_in_once():
    admin = AdminFactory()
    path = "/" + run("sign_in_link", admin.email).split("/", 3)[3]
    client = Client()
    assert client.get(path).status_code == 200
    assert client.post(path).status_code == 302
    assert client.session["_auth_user_id"] == str(admin.pk)
    assert Client().post(path).status_code == 410
    with pytest.raises(CommandError):
        run("sign_in_link", "nobody@example.org")


def test_a_set_up_link_is_made_only_while_nobody_exists():
    path = "/" + run("setup_link").split("/", 3)[3]
    assert Client().get(path).status_code == 200
    AdminFactory()
    with pytest.raises(CommandError, match="set up already"):
        run("setup_link")
