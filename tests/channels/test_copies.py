"""People copied on a ticket: what they get, read and may do, and how that ends."""

import re

import pytest
from django.test import Client

from accounts.actions.tokens import create_token
from accounts.actor import Actor
from accounts.errors import Invalid, NotFound
from accounts.models import User
from tests.api.conftest import ALL, Caller
from tests.channels.conftest import Desk
from tests.channels.test_notices import addresses
from tests.conftest import MailSink
from tests.factories import AdminFactory, AgentFactory, TeamFactory, UserFactory, file_ticket
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Copy, Event, Message, Ticket
from tickets.permissions import may

pytestmark = pytest.mark.django_db
LEA = "lea@partner.example"


@pytest.fixture
def ticket(desk: Desk) -> Ticket:
    made = desk.file()
    actions.set_category(made.number, "support", actor=desk.actor(desk.ana), at=desk.clock.now)
    return made


@pytest.fixture
def lea(desk: Desk, ticket: Ticket) -> User:
    """Somebody of another company, whose name nobody knows, copied by an agent's page."""
    answer = signed_in(desk.ana).post(
        f"/agent/tickets/{ticket.number}/change/add_cc/", {"to": LEA.upper()}
    )
    assert answer.status_code == 302
    return User.objects.get(email=LEA)


def reply(desk: Desk, ticket: Ticket, body: str = "Try **2.4.2**.") -> Event:
    return actions.reply(ticket.number, body, actor=desk.actor(desk.ana), at=desk.clock.now)


def opened(sink: MailSink, address: str) -> tuple[Client, str]:
    """Follow the newest mail's private link and give the browser with the page's text."""
    text = sink.to(address)[-1].get_body(("plain",)).get_content()
    browser = Client()
    path = re.search(r"http://localhost:8000(/\S+)", text)[1]
    return browser, text_of(browser.get(path, follow=True))


def test_who_is_copied_gets_replies_with_a_link_of_their_own(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    desk.settle_all()
    assert LEA not in addresses(mail_sink)  # copied, but nothing was said yet
    page = text_of(signed_in(desk.ben).get(f"/agent/tickets/{ticket.number}/"))
    assert f"copied: {LEA}" in re.sub(r"\s+", " ", page)
    assert f"changed who is copied: <b>{LEA}</b>" in page
    mail_sink.envelopes.clear()
    actions.note(ticket.number, "Secret", actor=desk.actor(desk.ana), at=desk.clock.now)
    reply(desk, ticket)
    desk.settle_all()
    assert addresses(mail_sink) == ["kim@acme.example", LEA]
    browser, page = opened(mail_sink, LEA)
    assert "Since 2.4.1 it" in page
    assert "2.4.2" in page
    assert "Secret" not in page
    assert "kim@acme.example" not in page
    assert "This solved it" not in page
    assert browser.post(f"/ticket/{ticket.number}/solve/", {"body": ""}).status_code == 422
    assert browser.post(f"/ticket/{ticket.number}/reopen/").status_code == 403
    ticket.refresh_from_db()
    assert ticket.status == "open"
    assert browser.get("/my/").status_code == 302
    assert opened(mail_sink, "kim@acme.example")[1].count("This solved it") == 1


def test_their_answer_is_a_customers_message_whose_address_the_other_does_not_read(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    reply(desk, ticket)
    actions.pend(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    browser, _page = opened(mail_sink, LEA)
    mail_sink.envelopes.clear()
    browser.post(f"/ticket/{ticket.number}/answer/", {"body": "It works here."})
    ticket.refresh_from_db()
    assert (ticket.status, ticket.waiting_since) == ("open", desk.clock.now)
    event = Event.objects.filter(kind=Event.Kind.MESSAGE_ADDED).latest("id")
    assert (event.actor_user, event.after["by"]) == (lea, "customer")
    desk.settle_all()
    assert addresses(mail_sink) == ["ana@desk.example", "ben@desk.example"]
    page = text_of(signed_in(desk.kim).get(f"/ticket/{ticket.number}/"))
    assert "It works here." in page
    assert "Another customer" in page
    assert LEA not in page
    assert LEA in text_of(signed_in(desk.ana).get(f"/agent/tickets/{ticket.number}/"))


def test_signed_in_they_find_it_among_their_tickets_until_they_are_taken_off(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    reply(desk, ticket)
    desk.settle_all()
    by_link, _page = opened(mail_sink, LEA)
    browser = signed_in(lea)
    assert f"#{ticket.number}" in text_of(browser.get("/my/"))
    assert browser.get(f"/ticket/{ticket.number}/").status_code == 200
    reply(desk, ticket, "And one more thing")
    desk.settle()
    signed_in(desk.ana).post(f"/agent/tickets/{ticket.number}/change/remove_cc/", {"to": lea.pk})
    mail_sink.envelopes.clear()
    desk.settle_all()
    assert addresses(mail_sink) == ["kim@acme.example"]
    assert f"#{ticket.number}" not in text_of(browser.get("/my/"))
    assert browser.get(f"/ticket/{ticket.number}/").status_code == 404
    assert by_link.get(f"/ticket/{ticket.number}/").status_code == 404
    assert not may(desk.actor(lea), "resolve", ticket)
    with pytest.raises(NotFound):
        actions.receive(ticket.number, "Hello?", actor=desk.actor(lea), at=desk.clock.now)
    actions.add_cc(ticket.number, lea, actor=desk.actor(desk.ana), at=desk.clock.now)
    assert browser.get(f"/ticket/{ticket.number}/").status_code == 200
    assert by_link.get(f"/ticket/{ticket.number}/").status_code == 404  # that link is dead


def caller(desk: Desk, person: User) -> Caller:
    scopes = ALL if person.is_staff_member else ["tickets:read", "tickets:write"]
    made = create_token("test", scopes, actor=Actor.system(), at=desk.clock.now, user=person)
    return Caller(made[1])


@pytest.mark.parametrize("who", ["requester", "colleague", "blocked", "closed", "21"])
def test_who_cannot_be_copied_is_refused_with_a_sentence(desk: Desk, ticket: Ticket, who: str):
    people = {
        "requester": [desk.kim], "colleague": [desk.cleo],
        "blocked": [UserFactory(is_blocked=True)], "closed": [UserFactory(is_active=False)],
        "21": UserFactory.create_batch(21),
    }[who]  # fmt: skip
    with pytest.raises(Invalid) as refusal:
        actions.set_cc(ticket.number, people, actor=desk.actor(desk.ana), at=desk.clock.now)
    assert refusal.value.pointer == "cc"
    page = signed_in(desk.ana).post(
        f"/agent/tickets/{ticket.number}/change/add_cc/", {"to": people[0].email}
    )
    assert page.status_code == (302 if who == "21" else 422)


def test_who_works_at_the_desk_by_now_is_copied_nowhere(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    private = TeamFactory(is_private=True, members=[desk.ana])
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    reply(desk, ticket)
    desk.settle_all()
    by_link, _page = opened(mail_sink, LEA)
    actions.change_person(lea, actor=desk.actor(AdminFactory()), at=desk.clock.now, role="agent")
    lea.refresh_from_db()
    reply(desk, ticket, "Inside")
    mail_sink.envelopes.clear()
    desk.settle_all()
    assert addresses(mail_sink) == ["kim@acme.example"]
    assert by_link.get(f"/ticket/{ticket.number}/").status_code == 404
    assert not Ticket.objects.visible_to(desk.actor(lea)).exists()


def test_a_merge_shows_nobody_what_they_did_not_read_before(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    other = file_ticket(desk.kim, body="Only for Kim", at=desk.clock.now)
    reply(desk, ticket)
    desk.settle_all()
    browser, _page = opened(mail_sink, LEA)
    actions.merge(ticket.number, other.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    page = opened(mail_sink, LEA)[1]
    assert "Since 2.4.1 it" in page
    assert "Only for Kim" not in page
    assert browser.get(f"/ticket/{other.number}/").status_code == 404
    page = text_of(
        browser.post(f"/ticket/{ticket.number}/answer/", {"body": "From Lea"}, follow=True)
    )
    assert "From Lea" in page
    message = Message.objects.get(body="From Lea")
    assert (message.ticket, message.sent_to) == (other, ticket)
    assert "From Lea" in text_of(signed_in(desk.kim).get(f"/ticket/{other.number}/"))
    mail_sink.envelopes.clear()
    actions.reply(other.number, "To Kim", actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    assert LEA not in addresses(mail_sink)


def test_a_follow_up_and_a_split_keep_who_is_copied(
    desk: Desk, ticket: Ticket, lea: User, mail_sink: MailSink
):
    gone = UserFactory()
    actions.add_cc(ticket.number, gone, actor=desk.actor(desk.ana), at=desk.clock.now)
    event = actions.receive(ticket.number, "Else", actor=desk.actor(lea), at=desk.clock.now)
    User.objects.filter(pk=gone.pk).update(is_blocked=True)
    made = actions.split(
        ticket.number, event.message_id, actor=desk.actor(desk.ana), at=desk.clock.now
    )
    assert actions.copied_on(made) == [lea]
    actions.resolve(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    actions.close(ticket.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    mail_sink.envelopes.clear()
    late = actions.receive(ticket.number, "Late", actor=desk.actor(lea), at=desk.clock.now)
    assert late.ticket.requester == desk.kim
    assert (late.message.author, late.message.author_name) == (lea, LEA)
    assert actions.copied_on(late.ticket) == [lea]
    desk.settle_all()
    assert {"kim@acme.example", LEA} <= set(addresses(mail_sink))
    assert f"#{late.ticket_id}" in opened(mail_sink, LEA)[1]


def test_another_requester_and_merged_people_keep_the_rows_true(
    desk: Desk, ticket: Ticket, lea: User
):
    told = {"actor": desk.actor(desk.ana), "at": desk.clock.now}
    admin = {"actor": desk.actor(AdminFactory()), "at": desk.clock.now}
    max_ = UserFactory(email="max@partner.example")
    actions.add_cc(ticket.number, max_, **told)
    secret = actions.make_link(ticket, at=desk.clock.now, was_mailed=False, person=max_)
    actions.set_requester(ticket.number, lea, **told)
    assert actions.copied_on(ticket) == [max_]
    assert actions.use_link(secret, at=desk.clock.now).person == max_
    actions.merge_people(max_, desk.kim, **admin)
    assert actions.copied_on(ticket) == [desk.kim]
    actions.merge_people(desk.kim, lea, **admin)
    assert not Copy.objects.exists()
    sequences = ticket.events.order_by("sequence").values_list("sequence", flat=True)
    ticket.refresh_from_db()
    assert list(sequences) == list(range(1, ticket.version + 1))


def test_over_rest_agents_read_and_set_all_of_them(desk: Desk, ticket: Ticket):
    call, path = caller(desk, desk.ana), f"/tickets/{ticket.number}/cc/"
    people = [{"email": LEA}, {"email": "max@partner.example", "name": "Max"}]
    answer = call("PUT", path, {"cc": people})
    assert [each["name"] for each in answer.body["cc"]] == [LEA, "Max"]
    assert call("PUT", path, {"cc": people[1:]}).body == call("GET", path).body
    assert call("PUT", path, {"cc": [{"email": "kim@acme.example"}]}).status_code == 400
    assert call("PUT", path, {"cc": [{"email": "x"}]}).status_code == 400
    copied = caller(desk, User.objects.get(name="Max"))
    assert copied("GET", path).status_code == copied("PUT", path, {"cc": []}).status_code == 403
    seen = copied("GET", f"/tickets/{ticket.number}/").body
    assert (seen["requester"]["name"], seen["requester"]["email"]) == ("Kim", None)
    assert copied("GET", f"/tickets/{ticket.number}/events/").status_code == 200
    assert caller(desk, UserFactory())("GET", path).status_code == 404
    private = TeamFactory(is_private=True, members=[desk.ana])
    actions.hand_over(ticket.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    outsider = caller(desk, AgentFactory())
    assert (
        outsider("GET", path).status_code == outsider("PUT", path, {"cc": []}).status_code == 404
    )
    assert call("PUT", path, {"cc": []}).body == {"cc": []}
