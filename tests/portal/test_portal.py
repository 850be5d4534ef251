"""The customers' pages: filing, private links, answers, and what they keep from strangers."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import throttle
from accounts.models import User
from sla.answers import answer_due
from tests.factories import (
    MONDAY,
    AgentFactory,
    ProductFactory,
    ReleaseFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla import promises
from tickets import actions
from tickets.models import FieldDefinition, PublicLink, Ticket, Upload

pytestmark = pytest.mark.django_db
WORDS = {
    "category": "corrective", "subject": "Export fails", "body": "It says 500.", "name": "Zoe",
    "email": "zoe@acme.example", "zone": "Europe/Vienna", "website": "",
}  # fmt: skip


def words(client: Client, **changed: str) -> dict[str, str]:
    """What a visitor sends some seconds after opening the form."""
    page = client.get("/new/").content.decode()
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key
    opened = signing.dumps(timezone.now().timestamp() - 20, salt="filing")
    return {**WORDS, "form_key": key[1], "opened": opened, **changed}


def test_a_stranger_files_and_follows_by_the_private_link(client):
    answer = client.post("/new/", words(client), follow=True)
    ticket = Ticket.objects.get()
    assert f"#{ticket.number}" in answer.content.decode()
    assert "Europe/Vienna" in answer.content.decode()
    shown = client.get(f"/ticket/{ticket.number}/").content.decode()
    assert "It says 500." in shown
    assert "Received" in shown
    assert Client().get(f"/ticket/{ticket.number}/").status_code == 404
    assert ticket.requester_confirmed_at is None
    assert ticket.events.get(kind="ticket.opened").actor_name == ticket.requester.name


def test_who_types_somebody_elses_address_does_not_learn_the_name(client):
    UserFactory(email="kim@acme.example", name="Kim Secret")
    client.post("/new/", {**words(client), "name": "Eve", "email": "kim@acme.example"})
    ticket = Ticket.objects.get()
    client.post(f"/ticket/{ticket.number}/answer/", {"body": "One more thing"})
    page = client.get(f"/ticket/{ticket.number}/").content.decode()
    assert "One more thing" in page
    assert ("Eve" in page, "Secret" in page, ">KS<" in page) == (True, False, False)
    assert set(ticket.events.values_list("actor_name", flat=True)) == {"Eve"}


def test_a_double_click_makes_one_ticket(client):
    sent = words(client)
    first, second = client.post("/new/", sent), client.post("/new/", sent)
    assert (first.status_code, second.status_code) == (302, 302)
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize(
    "broken",
    [{"subject": ""}, {"body": ""}, {"email": "nonsense"}, {"name": ""}, {"subject": "x" * 251},
     {"category": "nonsense"}, {"product": "nonsense"}],
)  # fmt: skip
def test_a_refused_form_keeps_every_word_and_file(client, broken):
    sent = words(client, **broken)
    file = SimpleUploadedFile("log.txt", b"trace")
    answer = client.post("/new/", {**sent, "files": file})
    page = answer.content.decode()
    assert answer.status_code == 422
    for name in ("subject", "body", "name", "email"):
        assert sent[name] in page
    assert "log.txt" in page
    assert 'role="alert"' in page
    upload = re.search(r'name="uploads" value="([^"]+)"', page)
    assert upload
    mended = {**words(client), "form_key": sent["form_key"], "uploads": upload[1]}
    assert client.post("/new/", mended).status_code == 302
    assert Ticket.objects.get().messages.get().attachments.get().name == "log.txt"


@pytest.mark.parametrize("trap", [{"website": "http://x"}, {"opened": "forged"}])
def test_of_a_robot_no_file_is_stored_but_the_words_are_shown_again(client, trap):
    file = SimpleUploadedFile("log.txt", b"trace")
    answer = client.post("/new/", {**words(client, **trap), "files": file})
    assert answer.status_code == 422
    assert "It says 500." in answer.content.decode()
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("door", ["filing", "answer", "upload"])
def test_files_from_one_address_are_limited_at_every_door(client, clock, door):
    for _each in range(200):
        throttle.count("upload:127.0.0.1", at=clock.now, seconds=3600)
    ticket = file_ticket()
    file = SimpleUploadedFile("log.txt", b"trace")
    if door == "filing":
        answer = client.post("/new/", {**words(client), "files": file})
    elif door == "answer":
        client.force_login(ticket.requester)
        answer = client.post(f"/ticket/{ticket.number}/answer/", {"body": "It", "files": file})
    else:
        answer = client.post("/new/upload/", {"file": file})
    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()
    assert Upload.objects.count() == 0


@pytest.mark.parametrize("is_known", [True, False])
def test_a_refused_answer_keeps_its_words_and_files(client, settings, is_known):
    settings.MAX_FILE_BYTES = 10
    ticket = file_ticket()
    if is_known:
        client.force_login(ticket.requester)
    else:
        client.get(f"/t/{actions.make_link(ticket, at=timezone.now(), was_mailed=True)}/")
    path = f"/ticket/{ticket.number}/answer/"
    files = [SimpleUploadedFile("a.txt", b"small"), SimpleUploadedFile("b.txt", b"x" * 11)]
    refused = client.post(path, {"body": "See the log", "files": files})
    page = refused.content.decode()
    assert refused.status_code == 422
    assert "A file may have at most" in page
    assert "See the log" in page
    upload = re.search(r'name="uploads" value="([^"]+)"', page)
    assert upload
    assert client.post(path, {"body": "See it", "uploads": upload[1]}).status_code == 302
    assert ticket.messages.latest("id").attachments.get().name == "a.txt"


def test_who_answers_faster_than_a_person_is_asked_to_send_again(client):
    sent = words(client, opened=signing.dumps(timezone.now().timestamp(), salt="filing"))
    answer = client.post("/new/", sent)
    assert answer.status_code == 422
    assert Ticket.objects.count() == 0


def test_too_many_filings_from_one_address_are_refused(client):
    for number in range(31):
        answer = client.post("/new/", words(client, email=f"p{number}@x.example"))
    assert answer.status_code == 422
    assert "Too many attempts" in answer.content.decode()
    assert Ticket.objects.count() == 30


def test_the_form_asks_what_the_product_asks(client):
    product = ProductFactory(key="ledger")
    ReleaseFactory(product=product, version="2.4.1", status="published", published_on="2026-01-01")
    field = FieldDefinition.objects.create(
        key="environment", label="Environment", type="choice", choices=["a", "b"], is_required=True
    )
    field.products.add(product)
    assert "2.4.1" in client.get("/new/about/?product=ledger").content.decode()
    answer = client.post("/new/", words(client, product="ledger", affected_release="2.4.1"))
    assert answer.status_code == 422
    assert "Environment" in answer.content.decode()
    sent = words(client, product="ledger", affected_release="2.4.1") | {"fields.environment": "a"}
    assert client.post("/new/", sent).status_code == 302
    ticket = Ticket.objects.get()
    assert (ticket.fields, ticket.affected_release.version) == ({"environment": "a"}, "2.4.1")


def test_a_mailed_link_signs_nobody_in_but_proves_the_address(client):
    ticket = file_ticket(UserFactory(email_verified_at=None), requester_confirmed=False)
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    answer = client.get(f"/t/{secret}/")
    assert answer.headers["Location"] == f"/ticket/{ticket.number}/"
    ticket.refresh_from_db()
    assert ticket.requester_confirmed_at is not None
    assert client.get("/my/").status_code == 302
    assert client.get("/t/nonsense/").status_code == 410


def test_a_link_dies_by_age_and_with_another_requester(client):
    ticket = file_ticket()
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    client.get(f"/t/{secret}/")
    actions.set_requester(ticket.number, UserFactory(), actor=as_agent(), at=timezone.now())
    assert client.get(f"/ticket/{ticket.number}/").status_code == 404
    assert client.get(f"/t/{secret}/").status_code == 410
    other = actions.make_link(ticket, at=timezone.now() - timedelta(days=91), was_mailed=True)
    assert client.get(f"/t/{other}/").status_code == 410
    assert PublicLink.objects.count() == 2


def test_a_customer_answers_solves_and_objects(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    path = f"/ticket/{ticket.number}/"
    assert client.post(f"{path}answer/", {"body": "More"}).status_code == 302
    assert client.post(f"{path}answer/", {"body": ""}).status_code == 422
    client.post(f"{path}solve/")
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert "It is not solved" in client.get(path).content.decode()
    client.post(f"{path}reopen/")
    ticket.refresh_from_db()
    assert ticket.status == "open"


def test_what_is_written_beside_this_solved_it_is_received_first(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    path = f"/ticket/{ticket.number}/solve/"
    file = SimpleUploadedFile("fix.txt", b"how")
    assert client.post(path, {"body": "A restart helped", "files": file}).status_code == 302
    ticket.refresh_from_db()
    last = ticket.messages.latest("id")
    assert (ticket.status, last.body) == ("resolved", "A restart helped")
    assert last.attachments.get().name == "fix.txt"


def test_a_refused_solved_keeps_what_was_written(client):
    ticket = file_ticket()
    client.force_login(ticket.requester)
    sent = {"body": "A restart helped", "uploads": "7f3c1d5e-0000-4000-8000-000000000000"}
    answer = client.post(f"/ticket/{ticket.number}/solve/", sent)
    ticket.refresh_from_db()
    assert (answer.status_code, ticket.status) == (422, "new")
    assert "A restart helped" in answer.content.decode()
    assert ticket.messages.count() == 1


def test_the_objection_page_asks_and_only_the_button_reopens(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    path = f"/t/{secret}/object/"
    assert client.get(path).status_code == 200
    ticket.refresh_from_db()
    assert ticket.status == "resolved"
    assert client.post(path, {"body": "Still 500"}).status_code == 302
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == ("open", 2)


def test_a_refused_objection_keeps_what_was_written(client):
    words = "It still fails" + "!" * 200_000
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    answer = client.post(f"/t/{secret}/object/", {"body": words})
    assert answer.status_code == 422
    assert words[:13] in answer.content.decode()
    ticket.refresh_from_db()
    assert (ticket.status, ticket.messages.count()) == ("resolved", 1)


def test_an_objection_to_a_closed_ticket_says_where_it_goes_on(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    actions.close(ticket.number, actor=as_agent(), at=timezone.now())
    answer = client.post(f"/t/{secret}/object/", {"body": "It still fails"}, follow=True)
    follow_up = Ticket.objects.get(follows_up=ticket)
    assert answer.redirect_chain[-1][0] == f"/ticket/{follow_up.number}/"
    assert f"opened ticket #{follow_up.number}" in answer.content.decode()


@pytest.mark.parametrize("door", ["answer", "object"])
def test_a_second_click_on_a_closed_ticket_opens_no_second_follow_up(client, door):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    actions.close(ticket.number, actor=as_agent(), at=timezone.now())
    client.get(f"/t/{secret}/")
    path = f"/ticket/{ticket.number}/answer/" if door == "answer" else f"/t/{secret}/object/"
    first, second = (client.post(path, {"body": "It still fails"}) for _ in range(2))
    assert first.url == second.url
    assert Ticket.objects.filter(follows_up=ticket).count() == 1
    client.post(path, {"body": "And another thing"})
    assert Ticket.objects.filter(follows_up=ticket).count() == 2


def test_a_late_objection_says_what_is_true(client):
    ticket = file_ticket(category="support")
    actions.resolve(ticket.number, actor=as_agent(), at=timezone.now())
    secret = actions.make_link(ticket, at=timezone.now(), was_mailed=True)
    path = f"/t/{secret}/object/"
    assert "open again" in client.post(path, {"body": ""}, follow=True).content.decode()
    again = client.post(path, {"body": " "}, follow=True)
    assert again.status_code == 200
    assert "Only a resolved" not in again.content.decode()
    more = client.post(path, {"body": "Still"}, follow=True).content.decode()
    assert "We have your answer" in more


def promised(path: str, client: Client) -> tuple[bool, bool]:
    """Whether a page speaks of an answer, and of a solution."""
    page = client.get(path).content.decode()
    return "Next answer due" in page, "We aim to solve it by" in page


def test_after_the_first_answer_no_other_deadline_is_called_an_answer(client, clock):
    promises.make_default(
        promises.save_policy(targets={
            "first_response": promises.amounts("1h"), "next_response": promises.amounts("2h"),
            "resolution": promises.amounts("40h"),
        })
    )  # fmt: skip
    agent, ticket = as_agent(), file_ticket(at=clock.now)
    client.force_login(ticket.requester)
    pages = ("/my/", f"/ticket/{ticket.number}/")
    assert [promised(page, client) for page in pages] == [(True, False)] * 2
    assert answer_due(ticket) == clock.now + timedelta(hours=1)
    actions.reply(ticket.number, "We look", actor=agent, at=clock.now)
    clock.forward(minutes=1)
    assert [promised(page, client) for page in pages] == [(False, True)] * 2
    client.post(f"/ticket/{ticket.number}/answer/", {"body": "More"})
    assert answer_due(ticket) == clock.now + timedelta(hours=2)
    assert [promised(page, client) for page in pages] == [(True, False)] * 2


def test_my_tickets_cost_the_same_however_many_there_are(client, django_assert_max_num_queries):
    person = UserFactory()
    client.force_login(person)
    client.get("/my/")
    counts = []
    for _each in range(2):
        for _ticket in range(5):
            file_ticket(person)
        with django_assert_max_num_queries(20) as queries:
            client.get("/my/")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_my_tickets_are_my_own_or_the_organisations(client):
    mine, other = file_ticket(subject="Mine"), file_ticket(subject="Other")
    client.force_login(mine.requester)
    page = client.get("/my/?show=all").content.decode()
    assert "Mine" in page
    assert "Other" not in page
    assert client.get(f"/ticket/{other.number}/").status_code == 404
    assert "Mine" in client.get("/my/?show=all&q=mine").content.decode()
    assert client.get("/my/?q=%00").status_code == 400
    assert client.get("/my/?cursor=crafted").status_code < 500


def test_agents_are_led_to_their_own_pages(client):
    client.force_login(AgentFactory())
    ticket = file_ticket()
    assert client.get("/").headers["Location"] == "/agent/"
    assert client.get(f"/ticket/{ticket.number}/").headers["Location"].startswith("/agent/")


def test_sign_in_tells_nobody_who_is_known(client):
    UserFactory(email="known@acme.example")
    pages = [
        client.post("/signin/", {"email": email}).content.decode().replace(email, "")
        for email in ("known@acme.example", "nobody@acme.example")
    ]
    assert pages[0] == pages[1]


def test_passwords_work_are_throttled_and_rotate_the_session(client):
    person = UserFactory(email="zoe@acme.example")
    person.set_password("correct horse battery")
    person.save()
    before = client.session.session_key
    wrong = client.post("/signin/password/", {"email": person.email, "password": "wrong"})
    assert wrong.status_code == 422
    right = {"email": "ZOE@acme.example", "password": "correct horse battery"}
    answer = client.post("/signin/password/?next=https://evil.example/", right)
    assert answer.headers["Location"] == "/"
    assert client.session.session_key != before
    for _ in range(10):
        last = Client().post("/signin/password/", {"email": person.email, "password": "wrong"})
    assert "Too many attempts" in last.content.decode()


def test_the_set_up_page_makes_the_first_admin_once(client):
    from accounts.actions.signing_in import make_setup_link

    path = f"/signin/setup/{make_setup_link()}/"
    values = {
        "company": "Ledger Care", "name": "Robin", "email": "robin@desk.example",
        "password": "short", "time_zone": "Europe/Vienna",
    }  # fmt: skip
    refused = client.post(path, values)
    assert refused.status_code == 422
    assert "Ledger Care" in refused.content.decode()
    done = client.post(path, {**values, "password": "correct horse battery"})
    assert done.headers["Location"] == "/agent/"
    assert User.objects.get().is_desk_admin
    spent = Client().get(path)
    assert spent.status_code == 410
    assert "This desk is set up already" in spent.content.decode()
    assert client.get("/agent/").status_code == 200


def test_an_older_set_up_link_says_where_the_newest_comes_from(client):
    from accounts.actions.signing_in import make_setup_link

    older, newest = make_setup_link(), make_setup_link()
    refused = client.get(f"/signin/setup/{older}/")
    assert refused.status_code == 410
    assert "The command setup_link prints a new one." in refused.content.decode()
    assert client.get(f"/signin/setup/{newest}/").status_code == 200


@pytest.mark.parametrize(("verified_at", "sees"), [(MONDAY, True), (None, False)])
def test_signing_in_by_password_attaches_filings_only_to_a_proven_address(
    client, verified_at, sees
):
    person = UserFactory(email_verified_at=verified_at)
    person.set_password("correct horse battery")
    person.save()
    file_ticket(person, subject="By the form", requester_confirmed=False)
    client.post("/signin/password/", {"email": person.email, "password": "correct horse battery"})
    assert ("By the form" in client.get("/my/").content.decode()) is sees
