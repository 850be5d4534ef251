"""People, organisations and teams over REST: what each role may change, and that it changes."""

import pytest

from accounts.models import User
from tests.factories import MONDAY, AdminFactory, AgentFactory, UserFactory
from tests.factories import as_agent as agent_actor
from tickets import actions

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", User.Role.values)
def test_an_admin_closes_and_reopens_anybodys_account(as_admin, role):
    person = UserFactory(role=role)
    path = f"/people/{person.pk}/"
    closed = as_admin("PATCH", path, {"is_active": False})
    assert (closed.status_code, closed.body["is_active"]) == (200, False)
    assert as_admin("GET", path).body["is_active"] is False
    opened = as_admin("PATCH", path, {"is_active": True})
    assert (opened.status_code, opened.body["is_active"]) == (200, True)


@pytest.mark.parametrize("is_active", [True, False])
def test_an_agent_is_refused_to_close_or_reopen_an_account(as_agent, is_active):
    for person in (UserFactory(is_active=not is_active), AgentFactory(is_active=not is_active)):
        answer = as_agent("PATCH", f"/people/{person.pk}/", {"is_active": is_active})
        assert answer.status_code == 403
        person.refresh_from_db()
        assert person.is_active is not is_active


def test_a_merged_account_stays_closed(as_admin):
    source, target = UserFactory(), UserFactory()
    actions.merge_people(source, target, actor=agent_actor(AdminFactory()), at=MONDAY)
    answer = as_admin("PATCH", f"/people/{source.pk}/", {"is_active": True})
    assert answer.status_code == 400
    assert answer.body["errors"][0]["pointer"] == "/is_active"
