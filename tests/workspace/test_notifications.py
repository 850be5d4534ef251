"""The bell: what rings it, what it shows, what silences it, and who chooses."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from channels.models import Notification, Outgoing
from sla.sweep import sweep
from tests.factories import MONDAY, AgentFactory, TeamFactory, UserFactory, as_agent, file_ticket
from tests.sla.promises import amounts, make_default, save_policy
from tests.workspace.conftest import text_of
from tickets import actions, publishing
from tickets.events import record_many
from tickets.models import Event

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def late(agent):
    """A ticket of the agent whose answer is an hour overdue."""
    make_default(save_policy(targets={"first_response": amounts("1h")}, at=MONDAY))
    ticket = file_ticket()
    actions.assign(ticket.number, agent, actor=as_agent(), at=MONDAY)
    sweep(MONDAY + 2 * HOUR)
    tell()
    return ticket


def tell():
    publishing.publish_pending(MONDAY + 3 * HOUR)
    publishing.deliver_pending(MONDAY + 3 * HOUR)


def told(person):
    return list(
        Notification.objects.filter(recipient=person).order_by("id").values_list("kind", flat=True)
    )


def test_an_assignment_and_a_breach_ring_the_bell_once(desk, agent, late):
    assert told(agent) == ["assigned", "breach"]
    tell()
    assert told(agent) == ["assigned", "breach"]
    page = text_of(desk.get("/agent/notifications/"))
    assert "SLA breached" in page
    assert "First response" in page
    assert "2 unread notices" in page


def test_opening_the_ticket_reads_what_was_said_about_it(desk, agent, late):
    desk.get(f"/agent/tickets/{late.number}/")
    assert not Notification.objects.filter(read_at=None).exists()
    assert "unread notice" not in text_of(desk.get("/agent/notifications/count/"))
    assert "Nothing unread" in text_of(desk.get("/agent/notifications/?state=unread"))


def test_one_line_or_all_are_marked_as_read(desk, agent, late):
    first = Notification.objects.filter(recipient=agent).earliest("id")
    desk.post("/agent/notifications/read/", {"line": first.pk})
    assert Notification.objects.filter(recipient=agent, read_at=None).count() == 1
    assert "1 unread notice" in text_of(desk.get("/agent/notifications/count/"))
    desk.post("/agent/notifications/read/")
    assert not Notification.objects.filter(recipient=agent, read_at=None).exists()


def test_nobody_reads_for_somebody_else(desk, agent, late):
    other = AgentFactory()
    theirs = Notification.objects.create(
        recipient=other, event=late.events.first(), ticket=late, kind="notice", created_at=MONDAY
    )
    desk.post("/agent/notifications/read/", {"line": theirs.pk})
    desk.post("/agent/notifications/read/")
    theirs.refresh_from_db()
    assert theirs.read_at is None


def test_what_is_no_longer_seen_is_no_longer_shown_or_counted(desk, agent, late):
    actions.hand_over(
        late.number, TeamFactory(is_private=True), actor=as_agent(), at=MONDAY + 3 * HOUR
    )
    cache.clear()
    page = text_of(desk.get("/agent/notifications/"))
    assert f"#{late.number}" not in page
    assert "unread notice" not in text_of(desk.get("/agent/notifications/count/"))


@pytest.mark.parametrize(("mail", "bell"), [(True, False), (False, True), (False, False)])
def test_each_chooses_mail_bell_both_or_none(desk, agent, mail, bell):
    form = {
        "mail": ["assigned"] if mail else [], "bell": ["assigned"] if bell else [],
    }  # fmt: skip
    desk.post("/agent/profile/notices/", form)
    actions.assign(file_ticket().number, agent, actor=as_agent(), at=MONDAY)
    tell()
    assert told(agent) == (["assigned"] if bell else [])
    mails = Outgoing.objects.filter(recipient=agent, kind="assigned")
    assert mails.exists() is mail
    page = text_of(desk.get("/agent/profile/"))
    assert ('name="mail" value="assigned" checked' in page) is mail
    assert ('name="bell" value="assigned" checked' in page) is bell


def test_customers_hear_by_mail_whatever_colleagues_choose(desk, agent):
    ticket = file_ticket(UserFactory())
    actions.reply(ticket.number, "Hello", actor=as_agent(), at=MONDAY)
    tell()
    assert Outgoing.objects.filter(recipient=ticket.requester, kind="reply").exists()
    assert not Notification.objects.filter(recipient=ticket.requester).exists()


def test_w4_only_who_was_told_of_a_breach_hears_that_it_was_none(agent, late):
    stranger = AgentFactory()
    breach = late.events.get(kind="sla.breached")
    after = {**breach.after, "what": "voided"}
    late.refresh_from_db()
    record_many([(late, Event.Kind.SLA_REVOKED, after)], at=MONDAY + 3 * HOUR)
    actions.assign(late.number, stranger, actor=as_agent(), at=MONDAY + 3 * HOUR)
    tell()
    assert "correction" in told(agent)
    assert "correction" not in told(stranger)


def test_taking_back_many_breaches_asks_no_more_than_taking_back_two(agent, late):
    def cost(many):
        late.refresh_from_db()
        after = {**late.events.filter(kind="sla.breached").last().after, "what": "voided"}
        taken_back = [(late, Event.Kind.SLA_REVOKED, after)] * many
        record_many(taken_back, at=MONDAY + 3 * HOUR)
        publishing.publish_pending(MONDAY + 3 * HOUR)
        with CaptureQueriesContext(connection) as captured:
            publishing.deliver_pending(MONDAY + 3 * HOUR)
        return len(captured)

    assert cost(2) == cost(9)
    assert told(agent).count("correction") == 11


def test_the_list_goes_on_after_fifty(desk, agent, late):
    events = list(late.events.all())
    assert events
    for _ in range(60):
        ticket = file_ticket()
        Notification.objects.create(
            recipient=agent, event=ticket.events.first(), ticket=ticket, kind="notice",
            created_at=MONDAY,
        )  # fmt: skip
    first = text_of(desk.get("/agent/notifications/"))
    assert "Next page" in first
    last = Notification.objects.filter(recipient=agent).order_by("-id")[49].pk
    second = text_of(desk.get(f"/agent/notifications/?before={last}"))
    assert second.count('class="notice-line ') == 12
