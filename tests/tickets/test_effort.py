"""Time entries: who logs, corrects and deletes them, and what a merge does to them."""

from datetime import date, timedelta

import pytest

from accounts.errors import Invalid, NotAllowed, NotFound
from tests.factories import (
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions
from tickets.models import Event, Ticket, TimeEntry

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 5)


def log(ticket: Ticket, clock, minutes: int = 90, **more) -> int:
    actor = more.pop("actor", None) or as_agent()
    event = actions.log_time(
        ticket.number, minutes, more.pop("on", clock.now.date()), actor=actor, at=clock.now, **more
    )
    return event.after["entry"]


def minutes_on(ticket: Ticket, actor) -> list[int]:
    seen = TimeEntry.objects.of_story(ticket, actor).order_by("pk")
    return list(seen.values_list("minutes", flat=True))


def test_each_change_of_an_entry_is_an_event_that_no_customer_reads(clock):
    customer = UserFactory()
    ticket, mia = file_ticket(customer, at=clock.now), as_agent()
    entry = log(ticket, clock, actor=mia, words=" Call ", is_billable=False)
    actions.change_time(ticket.number, entry, actor=mia, at=clock.now, minutes=45)
    assert actions.change_time(ticket.number, entry, actor=mia, at=clock.now, minutes=45) is None
    actions.delete_time(ticket.number, entry, actor=mia, at=clock.now)
    told = Event.objects.filter(ticket=ticket, kind__startswith="time.").order_by("sequence")
    logged, changed, deleted = told
    assert [event.kind for event in told] == ["time.logged", "time.changed", "time.deleted"]
    assert (logged.after["words"], logged.after["minutes"]) == ("Call", 90)
    assert (changed.before, changed.after) == ({"minutes": 90}, {"entry": entry, "minutes": 45})
    assert deleted.before["minutes"] == 45
    assert not TimeEntry.objects.exists()
    seen = Event.objects.visible_to(as_customer(customer), clock.now).filter(ticket=ticket)
    assert not seen.filter(kind__startswith="time.").exists()


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ({"minutes": 0}, "minutes"),
        ({"minutes": 1441}, "minutes"),
        ({"on": "later"}, "worked_on"),
        ({"category": "idle"}, "category"),
        ({"words": "x" * 501}, "words"),
    ],
)
def test_what_cannot_be_logged_is_refused_at_its_place(clock, values, pointer):
    if "on" in values:
        values = {"on": clock.now.date() + timedelta(days=2)}
    with pytest.raises(Invalid) as refused:
        log(file_ticket(at=clock.now), clock, **values)
    assert refused.value.pointer == pointer


def test_only_the_author_and_admins_correct_and_delete(clock):
    ticket, mia = file_ticket(at=clock.now), as_agent()
    entry = log(ticket, clock, actor=mia)
    for act in (actions.delete_time, actions.change_time):
        with pytest.raises(NotAllowed):
            act(ticket.number, entry, actor=as_agent(), at=clock.now)
    with pytest.raises(NotFound):
        actions.delete_time(file_ticket().number, entry, actor=mia, at=clock.now)
    admin = as_agent(AdminFactory())
    assert actions.change_time(ticket.number, entry, actor=admin, at=clock.now, minutes=5)
    assert actions.delete_time(ticket.number, entry, actor=admin, at=clock.now)


def test_customers_and_outsiders_of_a_private_team_log_nothing(clock):
    customer, insider = UserFactory(), AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    ticket = file_ticket(customer, at=clock.now)
    actions.hand_over(ticket.number, team, actor=as_agent(insider), at=clock.now)
    with pytest.raises(NotAllowed):
        log(ticket, clock, actor=as_customer(customer))
    with pytest.raises(NotFound):
        log(ticket, clock)
    assert log(ticket, clock, actor=as_agent(insider))


def test_entries_stay_where_they_are_booked_and_an_unmerge_is_exact(clock):
    insider = AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    first, second, target = (file_ticket(at=clock.now) for _ in range(3))
    mia, inside = as_agent(), as_agent(insider)
    for ticket, minutes in ((first, 10), (second, 20), (target, 30)):
        log(ticket, clock, minutes, actor=inside)
    actions.merge(first.number, second.number, actor=inside, at=clock.now)
    actions.merge(second.number, target.number, actor=inside, at=clock.now)
    log(second, clock, 5, actor=inside)
    assert minutes_on(target, inside) == [10, 20, 30, 5]
    Ticket.objects.filter(pk=first.pk).update(team=team)
    assert minutes_on(target, mia) == [20, 30, 5]
    actions.unmerge(second.number, actor=inside, at=clock.now)
    assert minutes_on(target, inside) == [30]
    assert minutes_on(second, inside) == [10, 20, 5]
