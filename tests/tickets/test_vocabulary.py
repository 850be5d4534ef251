"""The words of the tickets: counted in pieces, anew each day, and gone when they were wiped."""

from datetime import timedelta
from threading import Thread

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from accounts.actor import Actor
from tests.factories import MONDAY, UserFactory, as_agent, file_ticket
from tickets import actions, attachments, tasks, vocabulary
from tickets.models import KnownWord, WordCount

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def count(at=MONDAY) -> None:
    while vocabulary.count(at):
        pass


def known() -> dict[str, int]:
    words = KnownWord.objects.exclude(deletes=[])  # not the stems
    return dict(words.values_list("word", "documents"))


def test_words_are_counted_once_for_each_ticket_and_nothing_else_is(monkeypatch):
    monkeypatch.setattr(vocabulary, "PIECE", 2)
    anna = UserFactory(name="Anna Huber", email="anna.h@acme.example")
    for body in ("Export export exports", "Экспорт exporté 4711 v2.4 ab", "the-end x" + "y" * 31):
        file_ticket(anna, subject="Crashes", body=body)
    count()
    assert known() == {
        "crashes": 3, "export": 1, "exports": 1, "экспорт": 1, "exporté": 1,
        "anna": 3, "huber": 3,
    }  # fmt: skip


def test_new_tickets_are_counted_as_they_come_and_by_the_task():
    file_ticket(subject="Ledger")
    tasks.count_words()
    file_ticket(subject="Ledger again")
    tasks.count_words()
    assert (known()["ledger"], known()["again"]) == (2, 1)
    assert WordCount.objects.get().round == 1


def test_a_day_later_all_is_counted_anew_and_what_no_ticket_holds_is_dropped(monkeypatch):
    monkeypatch.setattr(vocabulary, "PIECE", 1)
    first = file_ticket(subject="Ledger")
    file_ticket(subject="Ledger again")
    count()
    actions.set_subject(first.number, "Journal", actor=as_agent(), at=MONDAY)
    count(MONDAY + DAY / 2)
    assert (known()["ledger"], "journal" in known()) == (2, False)
    assert vocabulary.count(MONDAY + DAY)  # the first piece: nothing is dropped meanwhile
    assert known()["ledger"] == 2
    count(MONDAY + DAY)
    assert (known()["ledger"], known()["journal"], known()["again"]) == (1, 1, 1)
    actions.set_subject(first.number, "Other", actor=as_agent(), at=MONDAY)
    count(MONDAY + 2 * DAY)
    assert "journal" not in known()


def test_all_is_counted_anew_once_new_languages_have_come_to_all_tickets():
    file_ticket(subject="Lampen")
    count()
    actions.change_desk(actor=Actor.system(), at=MONDAY, search_languages=["german"])
    count()
    assert not KnownWord.objects.filter(word="=lamp").exists()
    tasks.reindex()
    count()
    assert KnownWord.objects.get(word="=lamp").documents == 1


@pytest.mark.parametrize("newest", [0, 2_000])
def test_a_redacted_word_is_gone_at_once_unless_another_ticket_holds_it(monkeypatch, newest):
    monkeypatch.setattr(vocabulary, "NEWEST", newest)
    ticket = file_ticket(subject="Login", body="My password is Swordfish, sorry.")
    file_ticket(subject="Sorry", body="Another.")
    count()
    message = ticket.messages.get()
    actions.redact_message(ticket.number, message.pk, actor=as_agent(), at=MONDAY)
    assert not {"swordfish", "password"} & set(known())
    assert {"sorry", "login"} <= set(known())
    assert not KnownWord.objects.filter(word="=swordfish").exists()


def test_the_words_of_a_redacted_files_name_are_gone_at_once():
    agent = as_agent()
    ticket = file_ticket()
    upload = attachments.take_in(SimpleUploadedFile("hushed.txt", b"x"), actor=agent, at=MONDAY)
    event = actions.note(ticket.number, "See", actor=agent, at=MONDAY, uploads=[str(upload.pk)])
    count()
    assert "hushed" in known()
    file = event.message.attachments.get()
    actions.redact_attachment(ticket.number, file.key, actor=agent, at=MONDAY)
    assert "hushed" not in known()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_counted_until_a_redaction_is_committed():
    ticket, another_day, came_to = file_ticket(body="Swordfish"), MONDAY + DAY, []
    count()

    def count_meanwhile() -> None:
        try:
            came_to.append((vocabulary.count(another_day), WordCount.objects.get().round))
        finally:
            connection.close()

    with transaction.atomic():
        message = ticket.messages.get()
        actions.redact_message(ticket.number, message.pk, actor=as_agent(), at=MONDAY)
        meanwhile = Thread(target=count_meanwhile)
        meanwhile.start()
        meanwhile.join(20)
    assert came_to == [(False, 1)]
    count(another_day)
    assert (WordCount.objects.get().round, "swordfish" in known()) == (2, False)
