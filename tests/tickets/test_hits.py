"""Searching: phrases, absent words, filters between, best first, snippets that leak nothing."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actor import Actor
from tests.factories import MONDAY, AgentFactory, UserFactory, as_agent, as_customer, file_ticket
from tickets import actions, attachments, hits, queries
from tickets.errors import BadFilter
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)


def found(text: str, actor: Actor | None = None, limit: int = 30) -> list[int]:
    who = actor or as_agent()
    wanted = hits.read(text, actor=who, at=NOON)
    matching = Ticket.objects.filter(wanted.condition)
    return hits.best(matching, wanted, actor=who, limit=limit)


def snippet(text: str, number: int, actor: Actor | None = None) -> list[tuple[str, bool]]:
    who = actor or as_agent()
    wanted = hits.read(text, actor=who, at=NOON)
    pieces = hits.snippets([number], wanted, actor=who, at=NOON).get(number, [])
    return [(piece.text, piece.is_match) for piece in pieces]


def test_phrases_absent_words_beginnings_and_filters_between():
    ledger = file_ticket(subject="Ledger export fails", category="support").number
    fails = file_ticket(subject="Export of the ledger fails", category="corrective").number
    assert set(found("ledger fails")) == {ledger, fails}
    assert found('"ledger export"') == [ledger]
    assert found('ledger -"ledger export"') == [fails]
    assert set(found("ledg")) == {ledger, fails}
    assert found("ledg fails") == []  # only the last word may be only begun
    assert found("fails category:support") == [ledger]
    assert found("category:corrective") == [fails]
    assert found("ledger (category:support or -fails)") == [ledger]
    assert set(found("quarterly or ledger")) == {ledger, fails}
    assert found("category:support or quarterly") == [ledger]


def test_the_best_come_first_and_then_the_newest():
    body = file_ticket(subject="Something", body="The export.", at=MONDAY).number
    subject = file_ticket(subject="Export export", body="x", at=MONDAY - timedelta(days=1)).number
    newer = file_ticket(subject="Something", body="The export.", at=MONDAY + timedelta(hours=1))
    assert found("export") == [subject, newer.number, body]
    assert found("export", limit=1) == [subject]


def test_only_the_newest_that_match_are_ranked(monkeypatch):
    monkeypatch.setattr(hits, "RANKED", 2)
    file_ticket(subject="Export export", at=MONDAY - timedelta(days=9))
    newer = [file_ticket(at=MONDAY + timedelta(minutes=n)).number for n in range(2)]
    assert set(found("export")) == set(newer)


def test_files_and_external_ids_are_found_by_whom_may_know_them():
    person = UserFactory()
    ticket = file_ticket(
        person, external_source="sentry", external_id="PROJ-4711", actor=as_agent()
    )
    agent = as_agent()
    for kind, name in (("reply", "invoice_march.pdf"), ("note", "hushed-plan.txt")):
        upload = attachments.take_in(SimpleUploadedFile(name, b"x"), actor=agent, at=MONDAY)
        write = actions.reply if kind == "reply" else actions.note
        write(ticket.number, "See the file.", actor=agent, at=MONDAY, uploads=[str(upload.pk)])
    customer = as_customer(person)
    for words in ("PROJ-4711", "invoice", "hushed"):
        assert found(words) == [ticket.number], words
    assert found("invoice", customer) == [ticket.number]
    assert found("invoice_march.pdf") == [ticket.number]
    assert found("hushed", customer) == []
    assert found("PROJ-4711", customer) == []


def test_a_snippet_shows_where_it_matched_and_never_what_one_may_not_read():
    person = UserFactory()
    ticket = file_ticket(person, body="The <b>export</b> fails & stops.")
    actions.note(ticket.number, "Secret export password", actor=as_agent(), at=MONDAY)
    assert ("export", True) in snippet("exp", ticket.number)
    customer = as_customer(person)
    public = "".join(text for text, _match in snippet("export", ticket.number, customer))
    assert "fails" in public
    assert "Secret" not in public
    assert "Secret" in "".join(text for text, _match in snippet("secret", ticket.number))
    hushed = "".join(text for text, _match in snippet("secret", ticket.number, customer))
    assert "Secret" not in hushed


def test_marks_in_what_somebody_wrote_are_not_taken_for_matches():
    ticket = file_ticket(body="one \x02two\x03 export")
    assert [piece for piece, match in snippet("export", ticket.number) if match] == ["export"]


def test_an_absurdly_long_run_does_not_hold_a_snippet_up():
    ticket = file_ticket(body="export " + "x" * 100_000)
    assert ("export", True) in snippet("export", ticket.number)


def test_what_is_no_filter_is_looked_for_as_words():
    ticket = file_ticket(subject="Error: cannot open (null)")
    agent = as_agent()
    for text in ("Error: cannot", "open (null", "error:42 cannot"):
        wanted = hits.read(text, actor=agent, at=NOON)
        assert wanted.doubt, text
    assert found("Error: cannot") == [ticket.number]
    with pytest.raises(BadFilter):
        hits.read("***", actor=agent, at=NOON)
    with pytest.raises(BadFilter):
        queries.asked(queries.read("w " * 21))


def test_a_search_costs_the_same_for_many_hits(django_assert_max_num_queries):
    agent = as_agent(AgentFactory())
    assert agent.sees_all  # looked up once for each request
    counts = []
    for _size in (3, 40):
        numbers = [file_ticket().number for _each in range(_size)]
        with django_assert_max_num_queries(12) as queries:
            shown = found("export", agent)
            snippets = hits.snippets(
                shown, hits.read("export", actor=agent, at=NOON), actor=agent, at=NOON
            )
        assert set(snippets) <= {*shown, *numbers}
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_order_of_a_customers_hits_does_not_tell_of_notes():
    kim = UserFactory()
    older = file_ticket(kim, at=MONDAY).number
    newer = file_ticket(kim, at=MONDAY + timedelta(minutes=5)).number
    assert found("export", as_customer(kim)) == [newer, older]
    actions.note(older, "Only for us.", actor=as_agent(), at=NOON)
    assert found("export", as_customer(kim)) == [newer, older]
    assert found("export") == [older, newer]
