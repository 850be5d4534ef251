"""Merging on the pages: both are shown before, it is done by a button, and undone by another."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import (
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.workspace.conftest import text_of
from tickets import actions
from tickets.models import Ticket


def page_of(ticket: Ticket) -> str:
    return reverse("workspace:ticket", args=[ticket.number])


def merge_page(ticket: Ticket) -> str:
    return reverse("workspace:merge_ticket", args=[ticket.number])


@pytest.fixture
def pair(clock) -> tuple[Ticket, Ticket]:
    source = file_ticket(UserFactory(name="Ben"), subject="Slow", body="It hangs.", at=clock.now)
    clock.forward(seconds=5)
    return source, file_ticket(UserFactory(name="Ana"), subject="Export", at=clock.now)


def test_both_are_shown_then_merged_and_the_toast_undoes_it(
    desk: Client, pair: tuple[Ticket, Ticket]
):
    source, target = pair
    assert merge_page(source) in text_of(desk.get(page_of(source)))
    both = text_of(desk.get(merge_page(source), {"to": f"#{target.number}"}))
    for words in ("Slow", "Export", "It hangs.", "It says 500.", "replies go to Ana alone"):
        assert words in both
    answer = desk.post(merge_page(source), {"to": target.number})
    assert answer["Location"] == page_of(target)
    page = text_of(desk.get(page_of(target)))
    undo = reverse("workspace:change", args=[source.number, "unmerge"])
    assert f'action="{undo}"' in page
    assert f"from #{source.number}" in page
    assert page.index("It hangs.") < page.index("It says 500.")
    merged = text_of(desk.get(page_of(source)))
    assert f'Merged into <a href="{page_of(target)}">' in merged
    assert merge_page(source) not in merged
    desk.post(undo)
    source.refresh_from_db()
    assert (source.status, source.merged_into) == ("new", None)
    assert "It hangs." not in text_of(desk.get(page_of(target)))


def test_what_cannot_be_merged_is_said_before_and_when_it_is_tried(
    desk: Client, pair: tuple[Ticket, Ticket], clock
):
    source, target = pair
    hidden = file_ticket(
        actor=as_agent(), team=TeamFactory(is_private=True), subject="Hush", at=clock.now
    )
    actions.mark_spam(target.number, actor=as_agent(), at=clock.now)
    for wanted in (target.number, source.number, hidden.number, 10**9, "words"):
        for ask in (desk.get, desk.post):
            answer = ask(merge_page(source), {"to": wanted})
            page = text_of(answer)
            assert answer.status_code == 422
            assert 'class="notice danger"' in page
            assert "Hush" not in page
    source.refresh_from_db()
    assert source.merged_into is None
    assert desk.get(merge_page(hidden)).status_code == 404


def test_who_does_not_see_the_target_is_told_no_number(desk: Client, clock):
    ticket = file_ticket(at=clock.now)
    insider = AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    hidden = file_ticket(actor=as_agent(insider), team=team, at=clock.now)
    actions.merge(ticket.number, hidden.number, actor=as_agent(AdminFactory()), at=clock.now)
    page = text_of(desk.get(page_of(ticket)))
    assert "Merged into another ticket" in page
    assert f"#{hidden.number}" not in page
    assert "Unmerge" not in page


def test_an_answer_to_a_merged_ticket_is_refused_and_kept(
    desk: Client, pair: tuple[Ticket, Ticket], clock
):
    source, target = pair
    actions.merge(source.number, target.number, actor=as_agent(), at=clock.now)
    url = reverse("workspace:send", args=[source.number])
    answer = desk.post(url, {"kind": "reply", "body": "Hello Ben"})
    assert answer.status_code == 422
    assert "Hello Ben</textarea>" in text_of(answer)


def test_words_sent_to_a_merged_ticket_say_so_at_the_other(
    desk: Client, pair: tuple[Ticket, Ticket], clock
):
    source, target = pair
    actions.merge(source.number, target.number, actor=as_agent(), at=clock.now)
    ben = as_customer(source.requester)
    actions.receive(source.number, "Any news?", actor=ben, at=clock.now)
    page = text_of(desk.get(page_of(target)))
    assert "Any news?" in page
    assert "sent to a merged ticket" in page


def test_a_merged_ticket_offers_a_note_alone_but_shows_a_reply_that_was_begun(desk, agent, clock):
    kept, merged = (file_ticket(at=clock.now) for _ in range(2))
    mine = as_agent(agent)
    actions.merge(merged.number, kept.number, actor=mine, at=clock.now)
    page = text_of(desk.get(page_of(merged)))
    assert 'name="kind" value="reply"' not in page
    assert 'name="kind" value="note" checked' in page
    actions.unmerge(merged.number, actor=mine, at=clock.now)
    actions.keep_draft(merged.number, "reply", "Half a thought", actor=mine, at=clock.now)
    actions.merge(merged.number, kept.number, actor=mine, at=clock.now)
    page = text_of(desk.get(page_of(merged)))
    assert ">Half a thought</textarea>" in page
    assert f"answer in #{kept.number}" in page
    actions.unmerge(merged.number, actor=mine, at=clock.now)
    assert ">Half a thought</textarea>" in text_of(desk.get(page_of(merged)))
