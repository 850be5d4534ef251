"""The customers' pages: filing, private links, answers, and what they keep from strangers."""

import re
from datetime import timedelta

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts import throttle
from tests.factories import (
    AgentFactory,
    ProductFactory,
    ReleaseFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tickets import actions, tasks
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


def test_a_customers_search_asks_whether_something_of_their_own_was_meant(client):
    mine = file_ticket(subject="Ledger export")
    file_ticket(subject="Rhinoceros")
    actions.note(mine.number, "Crocodile", actor=as_agent(), at=mine.created_at)
    tasks.count_words()
    client.force_login(mine.requester)
    page = client.get("/my/?show=all&q=Ledgre").content.decode()
    assert 'Did you mean <a href="?show=all&amp;q=Ledger">Ledger</a>?' in page
    assert "No ticket matches these words." in page
    for query in ("show=all&q=rhinocreos", "show=all&q=crocodlie", "show=solved&q=ledgre",
                  "show=all&q=ledger", "show=all&q=***"):  # fmt: skip
        assert "Did you mean" not in client.get(f"/my/?{query}").content.decode(), query


def test_agents_are_led_to_their_own_pages(client):
    client.force_login(AgentFactory())
    ticket = file_ticket()
    assert client.get("/").headers["Location"] == "/agent/"
    assert client.get(f"/ticket/{ticket.number}/").headers["Location"].startswith("/agent/")
