"""Naming colleagues in notes: who is offered, who is told, where it stands, who never learns."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels.models import Notification, Outgoing
from tests.channels.conftest import Desk
from tests.conftest import MailSink
from tests.factories import AdminFactory, AgentFactory, TeamFactory
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Mention
from tickets.rendering import called_in, to_html

pytestmark = pytest.mark.django_db


def page_of(number: int) -> str:
    return f"/agent/tickets/{number}/"


def note(desk: Desk, number: int, body: str):
    return actions.note(number, body, actor=desk.actor(desk.ana), at=desk.clock.now)


def named(event) -> set[str]:
    return set(Mention.objects.filter(message=event.message_id).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("text", "called"),
    [
        ("@ben, look", {"ben"}),
        ("(@Ben) and @Ben Ode.", {"ben", "ben ode"}),
        ("**@Ben**", {"ben"}),
        ("@benjamin @ben-x mail@ben @ben.example", set()),
        ("> @Ben said so", set()),
        ("`@Ben` and\n\n    @Ben\n", set()),
        ("@ben@desk.example.", {"ben@desk.example"}),
        ("> " * 30 + "@Ben", set()),
    ],
)
def test_a_name_is_called_as_a_whole_and_outside_quotes_and_code(text, called):
    names = ["Ben", "Ben Ode", "ben@desk.example"]
    assert called_in(text, names) == called
    assert ('class="mention"' in to_html(text, names)) is bool(called)


def test_nobody_can_write_a_mark_themselves():
    assert "<mark" not in to_html('<mark class="mention">@Ben</mark>', ["Cleo"])


def test_who_is_named_is_told_once_by_bell_and_mail_without_the_words(
    desk: Desk, mail_sink: MailSink
):
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    note(desk, ticket.number, "@cleo and @Ana: see the *log*, @Nobody")
    desk.settle()
    assert not mail_sink.envelopes  # it can be taken back
    desk.clock.forward(seconds=10)
    desk.settle()
    (mail,) = mail_sink.mails
    assert mail["To"] == "Cleo <cleo@desk.example>"
    assert "Ana named you in a note on ticket" in mail.get_body(("plain",)).get_content()
    assert "log" not in mail.get_body(("plain",)).get_content()
    assert list(
        Notification.objects.filter(kind="mention").values_list("recipient", flat=True)
    ) == [desk.cleo.pk]
    browser = signed_in(desk.cleo)
    home = text_of(browser.get("/agent/home/"))
    assert "You were named" in home
    assert "Mention" in text_of(browser.get("/agent/notifications/"))
    assert '<mark class="mention">@cleo</mark>' in text_of(browser.get(page_of(ticket.number)))
    assert "You were named" not in text_of(browser.get("/agent/home/"))


@pytest.mark.parametrize("does", ["withdraw", "redact"])
def test_a_note_that_is_gone_tells_nobody(desk: Desk, mail_sink: MailSink, does: str):
    ticket = desk.file()
    desk.settle()
    mail_sink.envelopes.clear()
    event = note(desk, ticket.number, "@Cleo look")
    act = {"withdraw": actions.withdraw, "redact": actions.redact_message}[does]
    act(ticket.number, event.message_id, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    assert not mail_sink.envelopes
    assert Outgoing.objects.get(kind="mention").state == "dropped"
    assert "You were named" not in text_of(signed_in(desk.cleo).get("/agent/home/"))
    if does == "withdraw":
        assert "Mention" not in text_of(signed_in(desk.cleo).get("/agent/notifications/"))


def test_an_outsider_of_a_private_team_is_neither_offered_nor_told(
    desk: Desk, mail_sink: MailSink
):
    boss = AdminFactory(name="Robin", email="robin@desk.example")
    ticket = desk.file()
    private = TeamFactory(is_private=True, members=[desk.ana, desk.ben])
    offers = '<option value="{}" data-icon="user-round">'
    before = text_of(signed_in(desk.ana).get(page_of(ticket.number)))
    assert offers.format("Cleo") in before
    assert offers.format("Ana") not in before  # oneself
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    after = text_of(signed_in(desk.ana).get(page_of(ticket.number)))
    assert offers.format("Cleo") not in after
    assert offers.format("Ben") in after
    assert offers.format("Robin") in after
    desk.settle_all()
    mail_sink.envelopes.clear()
    assert named(note(desk, ticket.number, "@Cleo @Ben @Robin @Kim")) == {"Ben", "Robin"}
    desk.settle_all()
    told = {envelope.rcpt_tos[0] for envelope in mail_sink.envelopes}
    assert told == {"ben@desk.example", boss.email}


def test_who_is_sent_out_of_a_private_team_reads_of_the_mention_no_more(desk: Desk):
    ticket = desk.file()
    note(desk, ticket.number, "@Cleo look")
    private = TeamFactory(is_private=True, members=[desk.ana])
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    assert "You were named" not in text_of(signed_in(desk.cleo).get("/agent/home/"))


def test_namesakes_are_offered_by_address_and_the_name_alone_means_both(desk: Desk):
    other = AgentFactory(name="Cleo", email="cleo.two@desk.example")
    ticket = desk.file()
    page = text_of(signed_in(desk.ana).get(page_of(ticket.number)))
    assert '<option value="cleo.two@desk.example"' in page
    event = note(desk, ticket.number, "@cleo.two@desk.example")
    assert Mention.objects.get(message=event.message_id).user == other
    assert note(desk, ticket.number, "@Cleo").after["mentions"] == [
        {"id": desk.cleo.pk, "name": "Cleo"}, {"id": other.pk, "name": "Cleo"},
    ]  # fmt: skip


def test_a_reply_names_nobody(desk: Desk, mail_sink: MailSink):
    ticket = desk.file()
    actions.reply(ticket.number, "@Cleo", actor=desk.actor(desk.ana), at=desk.clock.now)
    assert not Mention.objects.exists()


def test_a_colleague_may_want_no_mail_of_it(desk: Desk, mail_sink: MailSink):
    browser = signed_in(desk.cleo)
    assert "Mention" in text_of(browser.get("/agent/profile/"))
    browser.post("/agent/profile/notices/", {"bell": ["mention"]})
    ticket = desk.file()
    note(desk, ticket.number, "@Cleo look")
    desk.settle_all()
    assert not mail_sink.to("cleo@desk.example")
    assert Notification.objects.filter(recipient=desk.cleo).count() == 1


def test_home_costs_the_same_however_often_one_is_named(desk: Desk):
    ticket = desk.file()

    def cost() -> int:
        browser = signed_in(desk.cleo)
        browser.get("/agent/home/")
        with CaptureQueriesContext(connection) as queries:
            assert "You were named" in text_of(browser.get("/agent/home/"))
        return len(queries)

    note(desk, ticket.number, "@Cleo")
    few = cost()
    for number in range(25):
        desk.clock.forward(seconds=timedelta(minutes=1).seconds)
        note(desk, desk.file().number, f"@Cleo {number}")
    assert cost() == few
