"""Names stand on one line, whichever door they came through."""

import pytest

from accounts.actions import groups, people, signing_in, tokens
from accounts.actor import Actor
from tests.factories import MONDAY, UserFactory, file_ticket

pytestmark = pytest.mark.django_db
DESK = Actor.system()
SENT = " Ana\r\nBcc:\x85all\x07\u2028 "
KEPT = "Ana Bcc: all"


def _changed(name: str) -> str:
    person = UserFactory()
    return people.change_person(person.pk, actor=DESK, at=MONDAY, name=name).name


@pytest.mark.parametrize(
    "name_of",
    [
        lambda name: people.find_or_create("a@acme.example", at=MONDAY, name=name).name,
        lambda name: people.create_person("a@b.example", actor=DESK, at=MONDAY, name=name).name,
        _changed,
        lambda name: groups.save_organisation(None, actor=DESK, at=MONDAY, name=name).name,
        lambda name: groups.save_team(None, actor=DESK, at=MONDAY, name=name).name,
        lambda name: signing_in.change_desk(actor=DESK, at=MONDAY, company=name).company,
        lambda name: tokens.create_token(name, ["admin"], actor=DESK, at=MONDAY)[0].name,
        lambda name: file_ticket(subject=name).subject,
    ],
    ids=["filing", "person", "change", "organisation", "team", "company", "token", "subject"],
)
def test_a_name_is_kept_on_one_line(name_of) -> None:
    assert name_of(SENT) == KEPT


def test_a_name_of_nothing_but_white_space_is_none_at_all() -> None:
    person = people.find_or_create("a@acme.example", at=MONDAY, name="\n\t")
    assert person.display_name == "a@acme.example"
