"""A large desk made by copying is what the real actions would have left."""

from datetime import UTC, datetime
from random import Random

import pytest

from accounts.actor import Actor
from helpdesk.sample_desk import copying, lives, loading
from sla.audit import drift
from sla.models import Clock, Outcome, Record
from sla.sweep import sweep
from tests.conftest import IS_DRILL
from tickets import publishing, search
from tickets.models import Event, Ticket, TimeEntry

pytestmark = [pytest.mark.django_db, pytest.mark.drill]
NOW = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
LIVES, COPIES = (120, 60) if IS_DRILL else (12, 6)


def test_copies_are_what_the_actions_would_have_left():
    loading.load(NOW)
    sweep(NOW)
    cast, random = lives.cast(NOW, organisations=8), Random(7)
    before = Ticket.objects.count()
    for is_open, weeks in ((False, 5), (True, 0)):
        numbers = [lives.live(cast, random, now=NOW, is_open=is_open).number for _ in range(LIVES)]
        publishing.publish_pending(NOW)
        said = []
        copying.copy(numbers, LIVES * COPIES - 1, weeks=weeks, say=said.append)
        assert said

    assert Ticket.objects.count() == before + 2 * (LIVES * COPIES - 1)
    assert list(drift(NOW)) == []
    assert Clock.objects.filter(breached_at__isnull=False).count() > COPIES
    assert Outcome.objects.count() > COPIES
    assert Record.objects.filter(kind="breached").exists()
    assert Event.objects.filter(position__isnull=True).count() == 0
    assert TimeEntry.objects.count() > COPIES
    logged = Event.objects.filter(kind="time.logged").order_by("after__entry")
    told = list(logged.values_list("after__entry", "after__worked_on", "ticket"))
    entries = TimeEntry.objects.order_by("pk").values_list("pk", "worked_on", "ticket")
    assert told == [(pk, day.isoformat(), ticket) for pk, day, ticket in entries]
    newest = Ticket.objects.latest("number")
    found = Ticket.objects.filter(search.matching(f"E{newest.number}", actor=Actor.system()))
    assert found.get() == newest
