"""A merged ticket on the customers' pages: led on, or told that it goes on, never a stranger's."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.factories import UserFactory, as_agent, file_ticket
from tickets import actions
from tickets.models import Attachment, Ticket

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return answer.content.decode()


def merged(ben, ana, clock) -> tuple[Ticket, Ticket]:
    source = file_ticket(ben, subject="Bensubject", body="Ben asks", at=clock.now)
    target = file_ticket(ana, subject="Anasubject", body="Ana asks", at=clock.now)
    actions.merge(source.number, target.number, actor=as_agent(), at=clock.now)
    return source, target


@pytest.mark.parametrize("door", ["session", "link"])
def test_another_customer_keeps_the_own_page_and_is_heard(client: Client, clock, door: str):
    ben, ana = UserFactory(name="Ben"), UserFactory(name="Ana")
    source, target = merged(ben, ana, clock)
    if door == "session":
        client.force_login(ben)
    else:
        secret = actions.make_link(source, at=clock.now, was_mailed=True)
        assert client.get(f"/t/{secret}/")["Location"] == f"/ticket/{source.number}/"
    path = f"/ticket/{source.number}/"
    page = text_of(client.get(path))
    assert "This goes on with us" in page
    assert "We open a new ticket" not in page
    file = SimpleUploadedFile("log.txt", b"trace")
    answer = client.post(f"{path}answer/", {"body": "Any news?", "files": file})
    assert answer["Location"] == path
    actions.reply(target.number, "Dear Ana", actor=as_agent(), at=clock.now)
    clock.forward(seconds=11)
    page = text_of(client.get(path))
    assert "Any news?" in page
    for foreign in ("Ana", f"#{target.number}"):
        assert foreign not in page
    key = Attachment.objects.get().key
    assert b"".join(client.get(f"{path}files/{key}/").streaming_content) == b"trace"
    assert client.get(f"/ticket/{target.number}/").status_code == 404
    anas = Client()
    anas.force_login(ana)
    page = text_of(anas.get(f"/ticket/{target.number}/"))
    assert "Dear Ana" in page
    for foreign in ("Ben", "Any news?", "log.txt"):
        assert foreign not in page
    assert anas.get(f"/ticket/{target.number}/files/{key}/").status_code == 404


@pytest.mark.parametrize("door", ["session", "link"])
def test_the_same_customer_is_led_to_the_other_ticket(client: Client, clock, door: str):
    ana = UserFactory()
    source, target = merged(ana, ana, clock)
    there = f"/ticket/{target.number}/"
    if door == "session":
        client.force_login(ana)
        assert "Ben asks" in text_of(client.get(there))
    else:
        secret = actions.make_link(source, at=clock.now, was_mailed=True)
        assert client.get(f"/t/{secret}/")["Location"] == there
    assert client.get(f"/ticket/{source.number}/")["Location"] == there
    answer = client.post(f"/ticket/{source.number}/answer/", {"body": "More"})
    assert answer["Location"] == there
    page = text_of(client.get(there))
    assert "More" in page
    assert "opened ticket" not in page
    assert target.messages.filter(body="More").exists()


def test_who_filed_under_a_foreign_address_reads_nothing_once_its_owner_has_proven_it(
    client: Client, clock
):
    ana = UserFactory()
    own = file_ticket(ana, body="Between us", at=clock.now)
    filed = file_ticket(ana, body="Not by Ana", at=clock.now, requester_confirmed=False)
    shown = actions.make_link(filed, at=clock.now, was_mailed=False)
    mailed = actions.make_link(filed, at=clock.now, was_mailed=True)
    path = f"/ticket/{filed.number}/"
    assert client.get(f"/t/{shown}/")["Location"] == path
    assert client.get(path).status_code == 200
    assert Client().get(f"/t/{mailed}/").status_code == 302
    actions.merge(filed.number, own.number, actor=as_agent(), at=clock.now)
    assert client.get(path).status_code == 404
    assert client.post(f"{path}answer/", {"body": "Tell me"}).status_code == 404
    assert client.get(f"/t/{shown}/").status_code == 410
    assert client.get(f"/ticket/{own.number}/").status_code == 404
