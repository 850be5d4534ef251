"""Inflected words are found in the desk's languages of search, and nothing else by them."""

from datetime import timedelta
from itertools import islice, product

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from accounts.actor import Actor
from accounts.errors import Invalid
from accounts.models import DeskSettings, SearchLanguage
from tests.factories import MONDAY, OrganisationFactory, UserFactory, as_agent, as_customer
from tests.factories import file_ticket as file_anyhow
from tickets import actions, attachments, hits, search, tasks
from tickets.models import Reindexing, SearchDocument, Ticket

pytestmark = pytest.mark.django_db
DESK = Actor.system()
NOON = MONDAY + timedelta(hours=3)


def speak(*languages: str) -> None:
    actions.change_desk(actor=DESK, at=MONDAY, search_languages=list(languages))
    Reindexing.objects.all().delete()  # nothing is filed yet


def file_ticket(subject: str, body: str = "Please help.", **values: object) -> int:
    return file_anyhow(subject=subject, body=body, **values).number


def found(text: str, actor: Actor | None = None) -> list[int]:
    who = actor or as_agent()
    wanted = hits.read(text, actor=who, at=NOON)
    return hits.best(
        Ticket.objects.visible_to(who).filter(wanted.condition), wanted, actor=who, limit=30
    )


def marked(text: str, number: int, actor: Actor | None = None) -> list[str]:
    who = actor or as_agent()
    wanted = hits.read(text, actor=who, at=NOON)
    pieces = hits.snippets([number], wanted, actor=who, at=NOON).get(number, [])
    return [piece.text for piece in pieces if piece.is_match]


def test_every_language_that_is_offered_is_one_that_postgresql_has():
    with connection.cursor() as cursor:
        cursor.execute("SELECT cfgname FROM pg_ts_config")
        known = {name for (name,) in cursor.fetchall()}
    assert set(SearchLanguage.values) <= known
    assert known - set(SearchLanguage.values) <= {"simple", "estonian"}  # not before 18


def test_english_words_are_found_inflected_on_a_desk_that_chose_nothing():
    crash = file_ticket("The ledger crashes")
    assert DeskSettings.current().search_languages == ["english"]
    for words in ("crash", "crashed", "crashing ledgers", "ledgers crash"):
        assert found(words) == [crash], words
    assert found("cash") == []


def test_each_word_may_be_of_another_language():
    speak("english", "german")
    lamp = file_ticket("Lampen, helle", "The printer crashed since then.")
    for words in ("Lampe", "Lampen hell", "crashes", "Lampe crashes", "crash lampen printers"):
        assert found(words) == [lamp], words
    assert marked("Lampe crashes", lamp) == ["crashed"]  # the subject is no part of the snippet


def test_without_languages_words_are_found_as_they_are_typed_alone():
    speak()
    crash = file_ticket("The ledger crashes")
    assert found("crashes the") == [crash]
    assert (found("crash"), found("crash ledger")) == ([crash], [])  # the last may be only begun


def test_a_phrase_stands_as_it_is_quoted():
    one = file_ticket("Ledger export stops")
    many = file_ticket("Ledger exports stop")
    assert set(found("ledger export")) == {one, many}
    assert found('"ledger export"') == [one]
    assert found('"ledger exports"') == [many]
    assert found('"export"') == [one]
    assert found('stop -"ledger export"') == [many]


def test_a_ticket_with_an_absent_word_never_comes_back():
    crash = file_ticket("The export crashes")
    other = file_ticket("The export stops", "It was fine.")
    assert set(found("exports")) == {crash, other}
    for words in ("export -crash", "export -crashed", "exports -(crash or nosuch)"):
        assert found(words) == [other], words
    assert found("export -the") == []
    assert found("export -fine") == [crash]
    assert set(found("-nosuch")) == {crash, other}
    assert found("-export") == []


def test_small_words_need_not_occur_and_alone_are_looked_for():
    with_the = file_ticket("The export fails")
    without = file_ticket("Export failed")
    assert set(found("why does the export fail")) == {with_the, without}
    assert found("the") == [with_the]
    assert found("the -stops") == [with_the]  # not all but those that stop
    assert found("the -export") == []
    assert set(found("nosuch or the or export")) == {with_the, without}
    assert found('"the export"') == [with_the]


def test_the_last_word_may_be_only_begun_or_inflected():
    number = file_ticket("Exporting invoices")
    for words in ("invoices exp", "invoice exporti", "exporting invo", "exports invoicing"):
        assert found(words) == [number], words


def test_names_files_numbers_and_ids_are_no_words_of_a_language():
    acme = OrganisationFactory(name="Bridges Painting")
    person = UserFactory(name="Ana Walters", email="walking@bridges.example", organisation=acme)
    number = file_ticket("Hello", requester=person, actor=as_agent())
    upload = attachments.take_in(
        SimpleUploadedFile("meetings.pdf", b"x"), actor=as_agent(), at=MONDAY
    )
    actions.note(number, "See", actor=upload_owner(upload), at=MONDAY, uploads=[str(upload.pk)])
    for words in ("Walters", "walking@bridges.example", "Bridges", "meetings", "Painting"):
        assert found(words) == [number], words
    for words in ("walked", "bridging", "met meetings", "painted"):
        assert found(words) == [], words


def upload_owner(upload: object) -> Actor:
    return Actor.of(upload.uploader, door="agent")  # type: ignore[attr-defined]


def test_what_stands_as_it_was_typed_comes_before_what_is_inflected():
    inflected = file_ticket("Something", "An export.", at=NOON)
    typed = file_ticket("Something", "The exports.", at=MONDAY)
    subject = file_ticket("Export", at=MONDAY - timedelta(days=1))
    assert found("exports") == [subject, typed, inflected]


def test_the_inflected_word_is_marked_where_it_is_shown():
    speak("english", "german")
    number = file_ticket("Hello", "The old printers crashed, and die Lampen. Häuser!")
    assert marked("printer crash", number) == ["printers", "crashed"]
    assert marked("Lampe printed", number) == ["printers", "Lampen"]
    assert marked("Haus", number) == ["Häuser"]
    assert marked('"old printers" crashing', number) == ["old", "printers", "crashed"]


def test_a_customer_finds_and_reads_no_inflected_word_of_a_note():
    kim = UserFactory()
    number = file_ticket("Hello", "All is well.", requester=kim)
    actions.note(number, "Zebras sleep", actor=as_agent(), at=MONDAY)
    assert found("zebra") == [number]
    assert found("zebra", as_customer(kim)) == []
    assert marked("zebra", number, as_customer(kim)) == []


def test_new_languages_come_to_all_tickets_in_chunks_and_nothing_is_lost_meanwhile(monkeypatch):
    monkeypatch.setattr(search, "CHUNK", 2)
    numbers = [file_ticket("Lampen und crashes") for _each in range(5)]
    assert (found("Lampe und"), set(found("crashed"))) == ([], set(numbers))
    actions.change_desk(actor=DESK, at=MONDAY, search_languages=["german"])
    assert set(found("Lampen crashes")) == set(numbers)
    monkeypatch.setattr(search, "ROUND", 0.0)
    tasks.reindex()
    assert found("Lampe und") == []
    monkeypatch.setattr(search, "ROUND", 60.0)
    tasks.reindex()
    assert set(found("Lampe crashes")) == set(numbers)
    assert found("crashing") == []
    assert not Reindexing.objects.exists()


def test_the_same_languages_cost_no_new_documents():
    file_ticket("Hello")
    actions.change_desk(actor=DESK, at=MONDAY, search_languages=["english"], company="Acme")
    assert not Reindexing.objects.exists()
    actions.change_desk(actor=DESK, at=MONDAY, search_languages=[])
    actions.change_desk(actor=DESK, at=MONDAY, search_languages=["french"])
    assert Reindexing.objects.count() == 1


@pytest.mark.parametrize("languages", [["klingon"], ["simple"], list(SearchLanguage.values)[:5]])
def test_languages_that_cannot_be_searched_are_refused(languages: list[str]):
    with pytest.raises(Invalid) as refused:
        actions.change_desk(actor=DESK, at=MONDAY, search_languages=languages)
    assert refused.value.pointer == "search_languages"


def test_the_longest_text_fits_in_four_languages():
    speak("english", "german", "russian", "turkish")
    words = ("".join(four) + "ение" for four in product("абвгдежзиклмнопрстуф", repeat=4))
    ticket = file_anyhow(subject="Long")
    ticket.messages.update(body=" ".join(words)[:200_000])
    search.index([ticket.number])
    assert SearchDocument.objects.filter(ticket=ticket).count() == 2
    assert found("щука") == []
    assert found("абббения") == [ticket.number]


def test_searches_with_odd_signs_are_read():
    number = file_ticket("O'Brien's e-mails v2.4.1 C:\\temp ==equal")
    for words in ("o'brien", "e-mail", "v2.4.1", "temp", "==equal", "equals", "e-mails =="):
        assert found(words) in ([number], []), words
    assert found("e-mail") == [number]
    assert found("@ equal") == [number]
    assert found("v2.4.1") == [number]


@pytest.mark.parametrize("alphabet", ["abcdefghij", "абвгдежзик", "कखगघचछजझटठ", "𐌰𐌱𐌲𐌳𐌴𐌵𐌶𐌷𐌸𐌹"])
def test_a_long_text_of_many_words_is_taken_in_every_alphabet(alphabet: str):
    speak("english", "german", "russian", "hindi")
    words = ("".join(letters) for letters in product(alphabet, repeat=6))
    body = " ".join(islice(words, 14_000))
    ticket = file_anyhow(body=body)
    actions.note(ticket.number, body[::-1], actor=as_agent(), at=MONDAY)
    assert found(alphabet[0] * 6) == [ticket.number]
