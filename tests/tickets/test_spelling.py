"""“Did you mean”: mistyped words put right, by what the reader may find alone."""

import pytest

from accounts.actor import Actor
from tests.factories import MONDAY, TeamFactory, UserFactory, as_agent, as_customer, file_ticket
from tickets import actions, hits, spelling, vocabulary
from tickets.models import KnownWord, Ticket

pytestmark = pytest.mark.django_db


def count() -> None:
    while vocabulary.count(MONDAY):
        pass


def meant(text: str, actor: Actor | None = None) -> str:
    who = actor or as_agent()
    return spelling.meant(
        hits.read(text, actor=who, at=MONDAY).tree,
        Ticket.objects.visible_to(who),
        lambda text: hits.read(text, actor=who, at=MONDAY).condition,
    )


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("export", "export", 0), ("exprot", "export", 1), ("exort", "export", 1),
     ("eexport", "export", 1), ("axport", "export", 1), ("xeprot", "export", 2),
     ("tropxe", "export", 5), ("ab", "", 2), ("лампа", "лапма", 1)],
)  # fmt: skip
def test_slips_are_counted(one: str, other: str, apart: int):
    assert spelling.distance(one, other) == spelling.distance(other, one) == apart


def test_slips_of_every_kind_and_alphabet_are_put_right():
    file_ticket(subject="Export fails", body="Die Lampen flackern. Экспорт.")
    count()
    for typed in ("exprot", "exort", "exxport", "expart", "xport", "exportt"):
        assert meant(typed) == "export", typed
    assert meant("Lmapen") == "Lampen"
    assert meant("экспрт") == "экспорт"
    assert meant("exprot flakern") == "export flackern"
    assert meant("farther") == ""


def test_only_what_must_occur_and_is_unknown_is_put_right():
    file_ticket(subject="Export fails", category="support")
    count()
    assert meant("status:new exprot category:support") == "status:new export category:support"
    assert meant('"exprot fails"') == '"export fails"'
    assert meant("(exprot or nosuch) -exprot") == "(export or nosuch) -exprot"
    assert meant("export -fials") == ""
    assert meant("status:closed exprot") == ""  # it would find nothing
    assert meant("fails exprot.") == "fails export."
    assert meant("fails) Exprot") == "fails) Export"  # which is read as plain words


def test_a_word_that_stands_inflected_is_known_and_no_stem_is_offered():
    file_ticket(subject="Exporting batteries", body="Importing.")
    count()
    assert meant("exported") == ""
    assert meant("imports") == ""  # not “exports”, whose stem is known, too
    assert meant("exportign") == "exporting"
    assert meant("battery") == ""
    assert meant("batteri") == ""
    actions.change_desk(actor=Actor.system(), at=MONDAY, search_languages=[])
    assert meant("batterie") == "batteries"


def test_what_somebody_mistyped_before_is_put_right_where_most_write_it_so():
    file_ticket(subject="Exprot")
    for _each in range(21):
        file_ticket(subject="Export")
    count()
    assert meant("exprot") == "export"
    KnownWord.objects.filter(word="export").update(documents=20)
    assert meant("exprot") == ""


def test_the_likeliest_that_the_reader_finds_is_taken():
    kim, ben = UserFactory(), UserFactory()
    for _each in range(3):
        file_ticket(ben, subject="Printer")
    file_ticket(kim, subject="Pointer")
    count()
    assert meant("prinker") == "printer"
    assert meant("pionter", as_customer(kim)) == "pointer"
    assert meant("prinker", as_customer(kim)) == ""
    assert meant("poinker", as_customer(kim)) == "pointer"


def test_nobody_is_told_a_word_of_what_is_not_for_them():
    kim, ben = UserFactory(), UserFactory()
    outside, inside = as_agent(), as_agent()
    ticket = file_ticket(kim, subject="Hello", body="Nothing.")
    file_ticket(ben, subject="Elephant", body="Nothing.")
    actions.note(ticket.number, "Crocodile", actor=inside, at=MONDAY)
    team = TeamFactory(is_private=True, members=[inside.user])
    hidden = file_ticket(kim, subject="Rhinoceros", body="Nothing.")
    actions.hand_over(hidden.number, team, actor=inside, at=MONDAY)
    count()
    words = {"crocodlie": "crocodile", "elehpant": "elephant", "rhinocreos": "rhinoceros"}
    told = {
        name: {typed for typed, right in words.items() if meant(typed, who) == right}
        for name, who in {
            "inside": inside, "outside": outside, "kim": as_customer(kim), "ben": as_customer(ben)
        }.items()
    }  # fmt: skip
    assert told == {
        "inside": set(words),
        "outside": {"crocodlie", "elehpant"},
        "kim": {"rhinocreos"},
        "ben": {"elehpant"},
    }


@pytest.mark.parametrize(
    "typed", ["hello or elehpant", 'hello or "elehpant', "hello (elehpant or hello)"]
)
def test_nobody_is_told_a_word_beside_one_that_they_find(typed: str):
    kim, ben = UserFactory(), UserFactory()
    file_ticket(kim, subject="Hello", body="Nothing.")
    file_ticket(ben, subject="Elephant", body="Hello.")
    count()
    assert meant(typed, as_customer(kim)) == ""
    assert "elephant" in meant(typed, as_customer(ben))


def test_a_redacted_word_is_offered_no_more():
    ticket = file_ticket(subject="Login", body="Swordfish")
    count()
    assert meant("swordfsih") == "swordfish"
    actions.redact_message(ticket.number, ticket.messages.get().pk, actor=as_agent(), at=MONDAY)
    assert meant("swordfsih") == ""
    assert not KnownWord.objects.filter(word="swordfish").exists()


def test_it_costs_the_same_for_many_words(django_assert_max_num_queries):
    counts = []
    for _size in (1, 20):
        for place in range(_size):
            file_ticket(subject=f"Export exporter{'abcdefghijklmnopqrstuvw'[place]}")
        count()
        agent = as_agent()
        with django_assert_max_num_queries(9) as queries:
            assert meant("exprot", agent) == "export"
        counts.append(len(queries))
    assert counts[0] == counts[1]
