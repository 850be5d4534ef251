"""Side conversations: mail to a supplier, what comes back, and no trace of it for a customer."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.errors import Invalid
from accounts.models import User
from channels.models import Outgoing
from sla import audit, defaults
from sla import tasks as sla_tasks
from tests.channels.conftest import Desk
from tests.channels.test_copies import caller
from tests.conftest import MailSink
from tests.factories import AgentFactory, TeamFactory, UserFactory
from tests.workspace.conftest import signed_in, text_of
from tickets import actions, attachments
from tickets.errors import TooLarge
from tickets.models import Event, Message, SideConversation, Ticket

pytestmark = pytest.mark.django_db
SUPPLIER = "help@supplier.example"
HUSH = "Quicksilver"


@pytest.fixture
def ticket(desk: Desk, mail_sink: MailSink) -> Ticket:
    """A customer's ticket with a file, its mails sent."""
    defaults.ensure()
    made = desk.file()
    kim = desk.actor(desk.kim)
    upload = attachments.take_in(
        SimpleUploadedFile("trace.txt", b"at line 3"), actor=kim, at=desk.clock.now
    )
    actions.receive(made.number, "A trace", actor=kim, at=desk.clock.now, uploads=[str(upload.pk)])
    desk.settle_all()
    mail_sink.envelopes.clear()
    return Ticket.objects.get(pk=made.pk)


@pytest.fixture
def ana(desk: Desk) -> Client:
    return signed_in(desk.ana)


def page_of(ticket: Ticket) -> str:
    return f"/agent/tickets/{ticket.number}/"


def forward(client: Client, ticket: Ticket, **more: object):
    sent = {"addresses": SUPPLIER, "subject": "A crash", "body": f"**{HUSH}**: help", **more}
    return client.post(f"{page_of(ticket)}third-party/", sent)


def addresses(sink: MailSink) -> list[str]:
    return sorted(address for envelope in sink.envelopes for address in envelope.rcpt_tos)


def test_a_message_is_forwarded_with_its_files_by_mail_after_ten_seconds(
    desk: Desk, ticket: Ticket, ana: Client, mail_sink: MailSink
):
    message = ticket.messages.get(body="A trace")
    address = f"{page_of(ticket)}third-party/?message={message.pk}"
    form = text_of(ana.get(address))
    assert "&gt; A trace" in form
    assert 'value="Export fails"' in form
    file = message.attachments.get()
    assert f'value="{file.key}" checked' in form
    before = (ticket.status, ticket.waiting_since, ticket.due_at, ticket.public_version)
    answer = ana.post(address, {
        "addresses": f"{SUPPLIER.upper()}, it@supplier.example", "subject": "A crash",
        "body": f"**{HUSH}**: help", "files_along": [file.key],
    })  # fmt: skip
    side = SideConversation.objects.get()
    assert answer["Location"] == f"{page_of(ticket)}#side-{side.pk}"
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since, ticket.due_at, ticket.public_version) == before
    desk.settle()
    assert not mail_sink.envelopes
    desk.clock.forward(seconds=11)
    desk.settle()
    assert addresses(mail_sink) == [SUPPLIER, "it@supplier.example"]
    (mail,) = mail_sink.to(SUPPLIER)
    assert mail["Subject"] == f"A crash [#{ticket.number}]"
    assert mail["Auto-Submitted"] is None
    assert f"**{HUSH}**: help" in mail.get_body(("plain",)).get_content()
    assert f"<strong>{HUSH}</strong>" in mail.get_body(("html",)).get_content()
    assert "localhost" not in mail.get_body(("plain",)).get_content()  # no link to the ticket
    (enclosed,) = mail.iter_attachments()
    assert (enclosed.get_filename(), enclosed.get_content()) == ("trace.txt", "at line 3")
    shown = text_of(ana.get(page_of(ticket)))
    assert f"With {SUPPLIER}, it@supplier.example" in shown
    assert f"<strong>{HUSH}</strong>" in shown
    sla_tasks.sweep()
    assert list(audit.drift()) == []


def test_it_is_taken_back_within_ten_seconds_and_its_words_are_kept(
    desk: Desk, ticket: Ticket, ana: Client, mail_sink: MailSink
):
    forward(ana, ticket)
    message = Message.objects.get(side__isnull=False)
    desk.settle()
    ana.post(f"{page_of(ticket)}change/undo/", {"message": message.pk})
    desk.settle_all()
    assert not mail_sink.envelopes
    assert Outgoing.objects.get(kind="side").state == "dropped"
    assert f"With {SUPPLIER}" not in text_of(ana.get(page_of(ticket)))
    assert f"**{HUSH}**: help" in text_of(ana.get(f"{page_of(ticket)}third-party/"))


def test_an_answer_is_recorded_and_the_conversation_closed_and_opened_again(
    desk: Desk, ticket: Ticket, ana: Client, mail_sink: MailSink
):
    forward(ana, ticket)
    side = SideConversation.objects.get()
    base = f"{page_of(ticket)}third-party/{side.pk}"
    ana.post(f"{base}/close/")
    assert Event.objects.filter(kind="side.closed").count() == 1
    assert ana.post(f"{base}/answer/", {"body": " "}).status_code == 422
    ana.post(f"{base}/answer/", {"body": "Update to 3.1"})
    side.refresh_from_db()
    assert side.closed_at is None
    ana.post(f"{base}/write/", {"body": "Thank you"})
    assert [each.is_of_third_party for each in side.messages.order_by("pk")] == [
        False,
        True,
        False,
    ]
    shown = text_of(ana.get(page_of(ticket)))
    assert "added by Ana" in shown
    mail_sink.envelopes.clear()
    desk.settle_all()
    assert [HUSH in text_of_mail(mail) for mail in mail_sink.to(SUPPLIER)] == [True, False]
    answered = side.messages.get(body="Update to 3.1")
    ana.post(f"{page_of(ticket)}change/redact_message/", {"message": answered.pk})
    assert "Update to 3.1" not in text_of(ana.get(page_of(ticket)))
    kinds = Event.objects.filter(kind__startswith="side.").order_by("pk")
    assert list(kinds.values_list("kind", flat=True)) == [
        "side.started", "side.closed", "side.answered", "side.written",
    ]  # fmt: skip


def text_of_mail(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def test_no_customer_learns_of_it_by_page_rest_mail_search_or_count(
    desk: Desk, ticket: Ticket, ana: Client, mail_sink: MailSink
):
    copied = UserFactory()
    actions.add_cc(ticket.number, copied, actor=desk.actor(desk.ana), at=desk.clock.now)
    kim = caller(desk, desk.kim)
    before = kim("GET", f"/tickets/{ticket.number}/").body
    forward(ana, ticket)
    side = SideConversation.objects.get()
    desk.settle_all()
    assert {"kim@acme.example", copied.email}.isdisjoint(addresses(mail_sink))
    assert kim("GET", f"/tickets/{ticket.number}/").body == before
    for person in (desk.kim, copied):
        call = caller(desk, person)
        for path in ("", "messages/", "events/"):
            answer = call("GET", f"/tickets/{ticket.number}/{path}")
            assert HUSH not in str(answer.body)
            assert "supplier" not in str(answer.body)
        assert call("GET", f"/tickets/{ticket.number}/third-parties/").status_code == 403
        assert call("GET", f"/search/?q={HUSH}").body["data"] == []
        page = text_of(signed_in(person).get(f"/ticket/{ticket.number}/"))
        assert HUSH not in page
        assert "supplier" not in page
    found = caller(desk, desk.ana)("GET", f"/search/?q={HUSH}").body["data"]
    assert [each["ticket"]["number"] for each in found] == [ticket.number]
    quote = ana.get(f"{page_of(ticket)}quote/{side.messages.get().pk}/", {"kind": "reply"})
    assert quote.json()["kind"] == "note"


def test_an_outsider_of_a_private_team_finds_nothing(desk: Desk, ticket: Ticket, ana: Client):
    forward(ana, ticket)
    side = SideConversation.objects.get()
    private = TeamFactory(is_private=True, members=[desk.ana])
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    cleo, call = signed_in(desk.cleo), caller(desk, desk.cleo)
    assert forward(cleo, ticket).status_code == 404
    for way in ("write", "answer", "close"):
        path = f"{page_of(ticket)}third-party/{side.pk}/{way}/"
        assert cleo.post(path, {"body": "x"}).status_code == 404
    path = f"/tickets/{ticket.number}/third-parties/"
    words = {"by": "desk", "body": "x"}
    assert call("GET", path).status_code == 404
    assert call("POST", f"{path}{side.pk}/messages/", words).status_code == 404
    assert ana.post(f"{page_of(ticket)}third-party/{side.pk + 1}/close/").status_code == 404


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"addresses": "kim@acme.example"}, "Write a reply instead"),
        ({"addresses": "x"}, "valid e-mail"),
        ({"addresses": ", ".join(f"p{n}@s.example" for n in range(11))}, "one to ten"),
        ({"body": ""}, "Write something"),
        ({"files_along": ["nonsense"]}, "not there any more"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_kept(
    ticket: Ticket, ana: Client, more: dict[str, object], sentence: str
):
    answer = forward(ana, ticket, **more)
    assert answer.status_code == 422
    assert sentence in text_of(answer)
    assert 'value="A crash"' in text_of(answer)
    assert not SideConversation.objects.exists()


def test_more_than_a_mail_carries_is_refused(
    desk: Desk, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tickets.actions.sides.MOST_BYTES", 8)
    file = ticket.messages.get(body="A trace").attachments.get()
    told = {"actor": desk.actor(desk.ana), "at": desk.clock.now}
    with pytest.raises(TooLarge):
        actions.start_side(ticket.number, [SUPPLIER], "s", "b", files=[file.key], **told)
    foreign = desk.file()
    with pytest.raises(Invalid):
        actions.start_side(foreign.number, [SUPPLIER], "s", "b", files=[file.key], **told)


def test_over_rest_one_is_begun_answered_and_closed(
    desk: Desk, ticket: Ticket, mail_sink: MailSink
):
    call, path = caller(desk, desk.ana), f"/tickets/{ticket.number}/third-parties/"
    begun = call("POST", path, {"addresses": [SUPPLIER], "subject": "A crash", "body": HUSH})
    assert begun.status_code == 201
    one = f"{path}{begun.body['id']}/"
    call("POST", f"{one}messages/", {"by": "third_party", "body": "Update"})
    said = call("POST", f"{one}messages/", {"by": "desk", "body": "Thanks"}).body["messages"]
    assert [each["by"] for each in said] == ["agent", "third_party", "agent"]
    assert call("POST", f"{one}close/", {}).body["closed_at"] is not None
    assert call("GET", path).body["data"][0]["addresses"] == [SUPPLIER]
    assert HUSH not in str(call("GET", f"/tickets/{ticket.number}/messages/").body)
    wrong = call("POST", path, {"addresses": ["kim@acme.example"], "subject": "s", "body": "b"})
    assert wrong.body["errors"][0]["pointer"] == "/addresses"
    integration = call("POST", f"{one}messages/", {"by": "desk", "body": "x", "y": 1})
    assert integration.status_code == 400


def test_the_page_costs_the_same_however_much_is_said(desk: Desk, ticket: Ticket, ana: Client):
    told = {"actor": desk.actor(desk.ana), "at": desk.clock.now}

    def cost() -> int:
        ana.get(page_of(ticket))  # then it is seen, and the rail is kept
        with CaptureQueriesContext(connection) as queries:
            assert ana.get(page_of(ticket)).status_code == 200
        return len(queries)

    actions.start_side(ticket.number, [SUPPLIER], "s", "b", **told)
    few = cost()
    for _ in range(5):
        event = actions.start_side(ticket.number, [SUPPLIER], "s", "b", **told)
        actions.answer_side(ticket.number, event.after["side"], "b", **told)
    assert cost() == few


def test_a_colleague_reads_the_admins_outbox_without_a_person(
    desk: Desk, ticket: Ticket, ana: Client
):
    forward(ana, ticket)
    desk.settle()
    admin = signed_in(AgentFactory(role=User.Role.ADMIN))
    assert SUPPLIER in text_of(admin.get("/agent/settings/outgoing-mail/"))
    mail = Outgoing.objects.get(kind="side")
    assert HUSH in text_of(admin.get(f"/agent/settings/outgoing-mail/{mail.pk}/"))
