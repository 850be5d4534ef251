"""The outbox under faults: refusals, an absent server, leases, dead letters."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import SignInLink, User
from channels import actions, post, smtp, tasks
from channels.models import Outgoing
from tests.channels.conftest import Desk
from tests.conftest import MailSink
from tests.dying import in_threads
from tests.factories import AdminFactory
from tests.stack import free_port, until

pytestmark = pytest.mark.django_db


def test_without_a_mail_server_mails_wait(desk: Desk, settings: Settings) -> None:
    settings.SMTP_URL = ""
    desk.file()
    desk.settle()
    assert {mail.state for mail in Outgoing.objects.all()} == {"waiting"}
    assert {mail.attempts for mail in Outgoing.objects.all()} == {0}


def test_an_absent_server_costs_no_attempt(desk: Desk, mail_sink: MailSink) -> None:
    url = smtp.settings.SMTP_URL
    smtp.settings.SMTP_URL = f"smtp://127.0.0.1:{free_port()}?security=none"
    desk.file()
    desk.settle()
    assert {mail.attempts for mail in Outgoing.objects.all()} == {0}
    assert all("refused" in mail.trouble for mail in Outgoing.objects.all())
    smtp.settings.SMTP_URL = url
    desk.clock.forward(minutes=1)
    desk.settle()
    assert len(mail_sink.mails) == 3


def test_a_deferred_mail_is_tried_again_with_the_same_message_id(
    desk: Desk, mail_sink: MailSink
) -> None:
    mail_sink.answer = "451 try later"
    desk.file()
    desk.settle()
    ids = set(Outgoing.objects.values_list("message_id", flat=True))
    assert mail_sink.mails == []
    assert {mail.attempts for mail in Outgoing.objects.all()} == {1}
    mail_sink.answer = "250 OK"
    desk.settle()
    assert mail_sink.mails == []
    desk.clock.forward(minutes=1)
    desk.settle()
    assert {mail["message-id"] for mail in mail_sink.mails} == ids


def test_a_refused_mail_is_dead_until_an_admin_tries_again(
    desk: Desk, mail_sink: MailSink
) -> None:
    mail_sink.answer = "554 no such mailbox"
    desk.file()
    desk.settle()
    dead = Outgoing.objects.filter(dead_at__isnull=False)
    assert dead.count() == 3
    assert "no such mailbox" in dead[0].trouble
    mail_sink.answer = "250 OK"
    admin = Actor.of(AdminFactory(), door="agent")
    actions.retry(dead[0].pk, actor=admin, at=desk.clock.now)
    desk.settle()
    assert len(mail_sink.mails) == 1


def test_a_mail_that_cannot_be_written_is_dead_and_stops_no_other(
    desk: Desk, mail_sink: MailSink
) -> None:
    bad = post.queue_sign_in(desk.kim, at=desk.clock.now)
    good = post.queue_sign_in(desk.ana, at=desk.clock.now)
    User.objects.filter(pk=desk.kim.pk).update(name="Kim\nBcc: all@acme.example")
    tasks.send()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.state, good.state) == ("dead", "sent")
    assert "linefeed" in bad.trouble


def test_a_leased_mail_is_left_alone_until_its_lease_is_over(
    desk: Desk, mail_sink: MailSink
) -> None:
    mail = post.queue_sign_in(desk.kim, at=desk.clock.now)
    assert post._claim(desk.clock.now) == mail  # by a worker that is killed
    desk.clock.forward(seconds=99)
    tasks.send()
    assert mail_sink.mails == []
    desk.clock.forward(seconds=11)  # and a sweep later: two minutes at most
    tasks.send()
    assert len(mail_sink.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_one_process_sends_while_the_others_do_the_rest(desk: Desk, mail_sink: MailSink) -> None:
    for _ in range(2):
        post.queue_sign_in(desk.kim, at=desk.clock.now)
    mail_sink.is_awake.clear()
    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(in_threads, 1, tasks.send)
        until(lambda: Outgoing.objects.filter(lease__isnull=False).exists(), 10)
        tasks.send()
        assert Outgoing.objects.filter(lease__isnull=False).count() == 1
        mail_sink.is_awake.set()
        sending.result(20)
    assert len(mail_sink.mails) == 2
    post.queue_sign_in(desk.kim, at=desk.clock.now)
    tasks.send()  # whoever comes later may
    assert len(mail_sink.mails) == 3


def test_the_secret_of_a_sign_in_mail_is_made_when_it_is_sent(
    desk: Desk, mail_sink: MailSink
) -> None:
    post.queue_sign_in(desk.kim, at=desk.clock.now, next_path="/my/")
    assert SignInLink.objects.count() == 0
    tasks.send()
    assert SignInLink.objects.get().user == desk.kim
    assert "next=%2Fmy%2F" in mail_sink.mails[0].get_body(("plain",)).get_content()


def test_a_stale_worker_cannot_undo_what_another_did(desk: Desk) -> None:
    mail = post.queue_sign_in(desk.kim, at=desk.clock.now)
    first = post._claim(desk.clock.now)
    desk.clock.forward(minutes=6)
    second = post._claim(desk.clock.now)
    assert first is not None
    assert second is not None
    post._finish(second, sent_at=desk.clock.now)
    post._fail(first, desk.clock.now, "too late", is_final=True)
    mail.refresh_from_db()
    assert mail.state == "sent"


def test_try_out_says_in_a_sentence_what_is_wrong(mail_sink: MailSink, db: None) -> None:
    server = smtp.current()
    assert server is not None
    assert smtp.try_out(server, "admin@desk.example") == ""
    assert mail_sink.mails[0]["to"] == "admin@desk.example"
    mail_sink.answer = "554 go away"
    assert "go away" in smtp.try_out(server, "admin@desk.example")
