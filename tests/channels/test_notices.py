"""Who gets which mail (product: events out), received by a real mail server."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import Team
from channels import preferences
from channels.models import Outgoing
from sla.sweep import sweep
from tests.channels.conftest import Desk
from tests.conftest import MailSink
from tests.factories import AgentFactory, OrganisationFactory
from tests.sla.promises import agree, amounts, make_default, save_policy
from tickets import actions, publishing
from tickets.actions import Filing

pytestmark = pytest.mark.django_db


def addresses(sink: MailSink) -> list[str]:
    return sorted(envelope.rcpt_tos[0] for envelope in sink.envelopes)


def test_a_filing_is_confirmed_and_the_team_is_told(desk: Desk, mail_sink: MailSink) -> None:
    ticket = desk.file()
    desk.settle()
    assert addresses(mail_sink) == ["ana@desk.example", "ben@desk.example", "kim@acme.example"]
    mail = mail_sink.to("kim@acme.example")[0]
    text = mail.get_body(("plain",)).get_content()
    assert f"#{ticket.number}" in mail["subject"]
    assert f"#{ticket.number}" in text
    assert "http://localhost:8000/" in text
    assert "answer through this link" in text
    assert "Yours, first line" in text
    assert mail["auto-submitted"] == "auto-replied"


def test_who_wants_no_mail_about_new_tickets_gets_none(desk: Desk, mail_sink: MailSink) -> None:
    preferences.choose({"new_ticket": (False, True)}, actor=desk.actor(desk.ben))
    ticket = desk.file()
    desk.settle()
    assert "ben@desk.example" not in addresses(mail_sink)
    actions.receive(ticket.number, "Hello?", actor=desk.actor(desk.kim), at=desk.clock.now)
    desk.settle()
    (mail,) = mail_sink.to("ben@desk.example")
    assert "Kim has answered." in mail.get_body(("plain",)).get_content()


def test_a_reply_waits_ten_seconds_and_carries_the_agents_words(
    desk: Desk, mail_sink: MailSink
) -> None:
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    actions.reply(ticket.number, "Try **2.4.2**.", actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    assert addresses(mail_sink) == []
    desk.clock.forward(seconds=10)
    desk.settle()
    assert addresses(mail_sink) == ["kim@acme.example"]
    mail = mail_sink.mails[0]
    assert "Try **2.4.2**." in mail.get_body(("plain",)).get_content()
    assert "<strong>2.4.2</strong>" in mail.get_body(("html",)).get_content()
    assert mail["auto-submitted"] is None


def test_a_reply_taken_back_is_never_sent(desk: Desk, mail_sink: MailSink) -> None:
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    ana = desk.actor(desk.ana)
    event = actions.reply(ticket.number, "Oops", actor=ana, at=desk.clock.now)
    desk.settle()
    desk.clock.forward(seconds=5)
    actions.withdraw(ticket.number, event.message_id, actor=ana, at=desk.clock.now)
    desk.settle_all()
    assert addresses(mail_sink) == []
    assert Outgoing.objects.get(event=event).state == "dropped"


def test_a_note_leaves_no_trace_outside_the_desk(desk: Desk, mail_sink: MailSink) -> None:
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    actions.note(ticket.number, "Secret", actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    assert addresses(mail_sink) == []


@pytest.mark.parametrize(
    ("is_assigned", "expected"),
    [
        (False, ["ana@desk.example", "ben@desk.example", "cleo@desk.example"]),
        (True, ["ben@desk.example", "cleo@desk.example"]),
    ],
)
def test_a_customers_answer_reaches_those_at_work(
    desk: Desk, mail_sink: MailSink, is_assigned: bool, expected: list[str]
) -> None:
    ticket = desk.file()
    actions.watch(ticket.number, actor=desk.actor(desk.cleo), at=desk.clock.now)
    if is_assigned:
        actions.assign(ticket.number, desk.ben, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    mail_sink.envelopes.clear()
    actions.reply(ticket.number, "Still broken", actor=desk.actor(desk.kim), at=desk.clock.now)
    desk.settle_all()
    assert addresses(mail_sink) == expected
    assert "Still broken" in mail_sink.mails[0].get_body(("plain",)).get_content()


def test_taking_a_ticket_oneself_makes_no_mail(desk: Desk, mail_sink: MailSink) -> None:
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    actions.take(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    assert addresses(mail_sink) == []
    actions.assign(ticket.number, desk.ben, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    assert addresses(mail_sink) == ["ben@desk.example"]


def test_solved_offers_to_object_and_the_objection_reaches_the_agent(
    desk: Desk, mail_sink: MailSink
) -> None:
    ticket = desk.file()
    actions.take(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    mail_sink.envelopes.clear()
    actions.resolve(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    assert addresses(mail_sink) == ["kim@acme.example"]
    assert "It is not solved" in mail_sink.mails[0].get_body(("plain",)).get_content()
    mail_sink.envelopes.clear()
    actions.reopen(ticket.number, actor=desk.actor(desk.kim), at=desk.clock.now)
    desk.settle()
    assert addresses(mail_sink) == ["ana@desk.example"]


def test_an_answer_that_reopens_is_one_mail(desk: Desk, mail_sink: MailSink) -> None:
    ticket = desk.file()
    actions.take(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    actions.resolve(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    mail_sink.envelopes.clear()
    actions.reply(ticket.number, "No, it is not", actor=desk.actor(desk.kim), at=desk.clock.now)
    desk.settle_all()
    assert addresses(mail_sink) == ["ana@desk.example"]


def test_a_late_answer_is_confirmed_with_the_number_of_the_follow_up(
    desk: Desk, mail_sink: MailSink
) -> None:
    ticket = desk.file()
    actions.close(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle()
    mail_sink.envelopes.clear()
    event = actions.reply(ticket.number, "Again", actor=desk.actor(desk.kim), at=desk.clock.now)
    desk.settle_all()
    mail = mail_sink.to("kim@acme.example")[0]
    text = mail.get_body(("plain",)).get_content()
    assert f"#{ticket.number} is closed" in text
    assert f"[#{event.ticket_id}]" in mail["subject"]


def test_an_agents_words_on_a_closed_ticket_are_in_the_mail_about_the_follow_up(
    desk: Desk, mail_sink: MailSink
) -> None:
    ticket = desk.file()
    actions.resolve(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    actions.close(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    mail_sink.envelopes.clear()
    actions.reply(ticket.number, "We **found** it.", actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    mail = mail_sink.to("kim@acme.example")[0]
    text = mail.get_body(("plain",)).get_content()
    assert f"#{ticket.number} is closed" in text
    assert "found" in text
    assert mail["auto-submitted"] is None


def test_a_private_team_stays_private_even_for_watchers(desk: Desk, mail_sink: MailSink) -> None:
    private = Team.objects.create(name="Security", is_private=True, created_at=desk.clock.now)
    private.members.set([desk.ana])
    ticket = desk.file()
    actions.watch(ticket.number, actor=desk.actor(desk.cleo), at=desk.clock.now)
    desk.settle()
    mail_sink.envelopes.clear()
    actions.reply(ticket.number, "More", actor=desk.actor(desk.kim), at=desk.clock.now)
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    assert addresses(mail_sink) == ["ana@desk.example"]


def test_telling_the_subscribers_twice_owes_each_mail_once(
    desk: Desk, mail_sink: MailSink
) -> None:
    from channels.notices import on_events
    from tickets.models import Event

    desk.file()
    desk.settle()
    on_events(list(Event.objects.order_by("id")))
    desk.settle()
    assert addresses(mail_sink) == ["ana@desk.example", "ben@desk.example", "kim@acme.example"]


def test_a_mail_speaks_its_readers_language_and_zone(desk: Desk, mail_sink: MailSink) -> None:
    desk.ana.time_zone = "America/New_York"
    desk.ana.save()
    desk.file()
    desk.settle()
    to_ana = mail_sink.to("ana@desk.example")[0].get_body(("plain",)).get_content()
    to_kim = mail_sink.to("kim@acme.example")[0].get_body(("plain",)).get_content()
    assert "Tue 3 Mar 2026, 05:00 (EST)" in to_ana
    assert "Tue 3 Mar 2026, 11:00 (CET)" in to_kim


def test_a_step_tells_those_that_it_names_and_nobody_who_does_not_see_the_ticket(
    desk: Desk, mail_sink: MailSink
) -> None:
    acme = OrganisationFactory()
    desk.kim.organisation = acme
    desk.kim.save()
    boss = AgentFactory(email="boss@desk.example")
    agree(acme, save_policy(is_plan=True), at=desk.clock.now, account_manager=boss)
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    to = ["assignee", "team", "account_manager", desk.cleo.pk, desk.kim.pk]
    actions.ask_notice(
        ticket.number, to, actor=Actor.system(), at=desk.clock.now, why="Resolution: almost over"
    )
    desk.settle()
    staff = ["ana@desk.example", "ben@desk.example", "boss@desk.example", "cleo@desk.example"]
    assert addresses(mail_sink) == staff
    text = mail_sink.mails[0].get_body(("plain",)).get_content()
    assert f"ticket #{ticket.number}: Resolution: almost over" in text


def test_a_step_with_actions_tells_nobody_else_and_one_without_tells_the_team(
    desk: Desk, mail_sink: MailSink
) -> None:
    steps = [
        {"name": "half", "percent": 50, "actions": [{"do": "notify", "to": [desk.cleo.pk]}]},
        {"name": "long over", "offset": 3600},
    ]
    make_default(
        save_policy(
            targets={"first_response": amounts("1h")}, at=desk.clock.now,
            document={"steps": {"first_response": steps}},
        )
    )  # fmt: skip
    desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    sweep(desk.clock.forward(minutes=31))
    desk.settle()
    assert addresses(mail_sink) == ["cleo@desk.example"]
    mail_sink.envelopes.clear()
    sweep(desk.clock.forward(minutes=90))
    desk.settle()
    assert set(addresses(mail_sink)) == {"ana@desk.example", "ben@desk.example"}
    texts = [mail.get_body(("plain",)).get_content() for mail in mail_sink.mails]
    assert any("is still overdue: First response" in text for text in texts)


def test_who_had_it_only_when_it_was_opened_is_not_told_that_it_is_theirs(
    desk: Desk, mail_sink: MailSink
) -> None:
    filing = Filing(subject="Call back", body="Now", requester=desk.kim, assignee=desk.ana)
    ticket = actions.open_ticket(filing, actor=desk.actor(desk.cleo), at=desk.clock.now)
    actions.unassign(ticket.number, actor=desk.actor(desk.cleo), at=desk.clock.now)
    desk.settle()
    assert not Outgoing.objects.filter(kind="assigned").exists()


def test_telling_named_people_of_many_tickets_costs_no_query_each(
    desk: Desk, mail_sink: MailSink
) -> None:
    def cost(many: int) -> int:
        for _ in range(many):
            to = [desk.cleo.pk, "account_manager"]
            actions.ask_notice(desk.file().number, to, actor=Actor.system(), at=desk.clock.now)
        publishing.publish_pending(desk.clock.now)
        with CaptureQueriesContext(connection) as captured:
            publishing.deliver_pending(desk.clock.now)
        return len(captured)

    assert cost(2) == cost(8)
