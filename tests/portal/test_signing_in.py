"""Signing in and setting up tell strangers nothing."""

import pytest
from django.test import Client

from accounts.models import User
from tests.factories import (
    MONDAY,
    UserFactory,
    file_ticket,
)

pytestmark = pytest.mark.django_db


def test_sign_in_tells_nobody_who_is_known(client):
    UserFactory(email="known@acme.example")
    pages = [
        client.post("/signin/", {"email": email}).content.decode().replace(email, "")
        for email in ("known@acme.example", "nobody@acme.example")
    ]
    assert pages[0] == pages[1]


def test_passwords_work_are_throttled_and_rotate_the_session(client):
    person = UserFactory(email="zoe@acme.example")
    person.set_password("correct horse battery")
    person.save()
    before = client.session.session_key
    wrong = client.post("/signin/password/", {"email": person.email, "password": "wrong"})
    assert wrong.status_code == 422
    right = {"email": "ZOE@acme.example", "password": "correct horse battery"}
    answer = client.post("/signin/password/?next=https://evil.example/", right)
    assert answer.headers["Location"] == "/"
    assert client.session.session_key != before
    for _ in range(10):
        last = Client().post("/signin/password/", {"email": person.email, "password": "wrong"})
    assert "Too many attempts" in last.content.decode()


def test_the_set_up_page_makes_the_first_admin_once(client):
    from accounts.actions.signing_in import make_setup_link

    path = f"/signin/setup/{make_setup_link()}/"
    values = {
        "company": "Ledger Care", "name": "Robin", "email": "robin@desk.example",
        "password": "short", "time_zone": "Europe/Vienna",
    }  # fmt: skip
    refused = client.post(path, values)
    assert refused.status_code == 422
    assert "Ledger Care" in refused.content.decode()
    done = client.post(path, {**values, "password": "correct horse battery"})
    assert done.headers["Location"] == "/agent/"
    assert User.objects.get().is_desk_admin
    spent = Client().get(path)
    assert spent.status_code == 410
    assert "This desk is set up already" in spent.content.decode()
    assert "Ledger Care" in client.get("/agent/").content.decode()


def test_an_older_set_up_link_says_where_the_newest_comes_from(client):
    from accounts.actions.signing_in import make_setup_link

    older, newest = make_setup_link(), make_setup_link()
    refused = client.get(f"/signin/setup/{older}/")
    assert refused.status_code == 410
    assert "The command setup_link prints a new one." in refused.content.decode()
    assert client.get(f"/signin/setup/{newest}/").status_code == 200


@pytest.mark.parametrize(("verified_at", "sees"), [(MONDAY, True), (None, False)])
def test_signing_in_by_password_attaches_filings_only_to_a_proven_address(
    client, verified_at, sees
):
    person = UserFactory(email_verified_at=verified_at)
    person.set_password("correct horse battery")
    person.save()
    file_ticket(person, subject="By the form", requester_confirmed=False)
    client.post("/signin/password/", {"email": person.email, "password": "correct horse battery"})
    assert ("By the form" in client.get("/my/").content.decode()) is sees
