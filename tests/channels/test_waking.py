"""Who is told that a snoozed ticket is back: only when its time has come, and only who sees it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels.models import Notification
from tests.channels.conftest import Desk
from tests.conftest import MailSink
from tests.factories import TeamFactory
from tests.workspace.conftest import signed_in, text_of
from tickets import actions, housekeeping, publishing
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def snoozed(desk: Desk, *, by=None, until: timedelta | None = HOUR) -> Ticket:
    """A ticket that Cleo, who does not work in its team, has put aside."""
    ticket = desk.file()
    later = until and desk.clock.now + until
    actions.snooze(ticket.number, later, actor=desk.actor(by or desk.cleo), at=desk.clock.now)
    desk.settle()
    return ticket


def an_hour_later(desk: Desk) -> None:
    housekeeping.wake_snoozed(desk.clock.forward(hours=1))
    desk.settle()


def told() -> list[str]:
    woken = Notification.objects.filter(kind="woken").order_by("id")
    return list(woken.values_list("recipient__name", flat=True))


def test_whoever_snoozed_it_last_hears_of_it_by_bell_and_mail(desk: Desk, mail_sink: MailSink):
    ticket = snoozed(desk, by=desk.ana)
    actions.snooze(
        ticket.number, desk.clock.now + HOUR / 2, actor=desk.actor(desk.cleo), at=desk.clock.now
    )
    mail_sink.envelopes.clear()
    an_hour_later(desk)
    desk.settle()
    assert told() == ["Cleo"]
    (mail,) = mail_sink.mails
    assert mail["To"] == "Cleo <cleo@desk.example>"
    words = mail.get_body(("plain",)).get_content()
    assert f"Ticket #{ticket.number} is back: its snooze is over." in words
    page = text_of(signed_in(desk.cleo).get("/agent/notifications/"))
    assert "Snooze over" in page
    assert "alarm-clock" in page.split("notice-line")[1]


def test_who_has_it_is_told_instead(desk: Desk, mail_sink: MailSink):
    ticket = snoozed(desk)
    actions.assign(ticket.number, desk.ben, actor=desk.actor(desk.ana), at=desk.clock.now)
    an_hour_later(desk)
    assert told() == ["Ben"]


def test_it_is_no_news_when_somebody_woke_it_or_put_it_aside_again(
    desk: Desk, mail_sink: MailSink
):
    by_hand, answered, endless, again = (
        snoozed(desk, until=until) for until in (HOUR, HOUR, None, HOUR)
    )
    actions.wake(by_hand.number, actor=desk.actor(desk.ana), at=desk.clock.now)
    for ticket in (answered, endless):
        actions.reply(ticket.number, "?", actor=desk.actor(desk.kim), at=desk.clock.now)
    housekeeping.wake_snoozed(desk.clock.forward(hours=1))
    actions.snooze(again.number, None, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.settle_all()
    assert told() == []


def test_who_does_not_see_it_any_more_or_left_is_not_told(desk: Desk, mail_sink: MailSink):
    hidden, left = snoozed(desk), snoozed(desk, by=desk.ben)
    private = TeamFactory(is_private=True, members=[desk.ana])
    actions.hand_over(hidden.number, private, actor=desk.actor(desk.ana), at=desk.clock.now)
    desk.ben.is_active = False
    desk.ben.save()
    an_hour_later(desk)
    assert not Ticket.objects.exclude(snoozed_at=None).exists()
    assert left.events.filter(kind="ticket.woken").exists()
    assert told() == []


def test_a_colleague_may_want_none_of_it_and_a_requester_of_the_desk_reads_the_desks_words(
    desk: Desk, mail_sink: MailSink
):
    browser = signed_in(desk.cleo)
    assert "Snooze over" in text_of(browser.get("/agent/profile/"))
    browser.post("/agent/profile/notices/", {"mail": ["woken"]})
    ticket = snoozed(desk)
    Ticket.objects.filter(pk=ticket.pk).update(requester=desk.cleo)
    mail_sink.envelopes.clear()
    an_hour_later(desk)
    assert told() == []
    (mail,) = mail_sink.to("cleo@desk.example")
    assert "its snooze is over" in mail.get_body(("plain",)).get_content()


def test_telling_costs_the_same_for_many_at_once(desk: Desk, mail_sink: MailSink):
    def cost(tickets: int) -> int:
        for _ in range(tickets):
            snoozed(desk)
        housekeeping.wake_snoozed(desk.clock.forward(hours=1))
        publishing.publish_pending(desk.clock.now)
        with CaptureQueriesContext(connection) as queries:
            publishing.deliver_pending(desk.clock.now)
        return len(queries)

    few = cost(2)
    assert cost(9) == few
    assert len(told()) == 11
