"""Splitting: a customer's message becomes a ticket of its own, and stays where it was."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from sla import audit, defaults, tasks
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions, attachments, search
from tickets.errors import Conflict, NotAllowed, NotFound
from tickets.models import Event, Link, Ticket

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def ana():
    return UserFactory(name="Ana", organisation=OrganisationFactory())


@pytest.fixture
def ticket(ana):
    team = TeamFactory()
    row = file_ticket(ana, product=ProductFactory(), category="support", actor=as_agent())
    actions.hand_over(row.number, team, actor=as_agent(), at=MONDAY)
    return Ticket.objects.get(pk=row.pk)


def second(ticket, ana, body="The printer is on fire.", **more):
    event = actions.receive(ticket.number, body, actor=as_customer(ana), at=MONDAY, **more)
    return event.message


def test_the_message_opens_a_ticket_linked_from_both_sides(ticket, ana):
    defaults.ensure()
    message = second(ticket, ana)
    agent = as_agent(AgentFactory())
    made = actions.split(ticket.number, message.pk, actor=agent, at=MONDAY + HOUR)
    assert made.subject == "The printer is on fire."
    assert (made.requester, made.organisation, made.product, made.team) == (
        ana, ticket.organisation, ticket.product, ticket.team,
    )  # fmt: skip
    assert (made.status, made.category, made.created_at) == ("new", None, MONDAY + HOUR)
    assert made.messages.get().body == message.body
    assert message.body in ticket.messages.values_list("body", flat=True)
    link = Link.objects.get()
    assert (link.ticket, link.relation, link.other) == (made, "split_from", ticket)
    kinds = list(made.events.order_by("sequence").values_list("kind", flat=True))
    assert kinds == [Event.Kind.OPENED, Event.Kind.LINKED]
    assert ticket.events.latest("sequence").kind == Event.Kind.SPLIT
    tasks.sweep()
    assert list(audit.drift()) == []
    assert search.matching("printer", actor=agent)
    first = made.clocks.get(metric="first_response")
    assert first.started_at == MONDAY + HOUR  # counted from the split, not from the words


def test_a_subject_of_ones_own_stands(ticket, ana):
    message = second(ticket, ana)
    made = actions.split(
        ticket.number, message.pk, actor=as_agent(), at=MONDAY, subject="  Fire  "
    )
    assert made.subject == "Fire"


def test_files_go_with_it_and_each_is_redacted_for_itself(ticket, ana):
    customer = as_customer(ana)
    file = SimpleUploadedFile("log.txt", b"line")
    upload = attachments.take_in(file, actor=customer, at=MONDAY)
    message = second(ticket, ana, uploads=[str(upload.pk)])
    made = actions.split(ticket.number, message.pk, actor=as_agent(), at=MONDAY)
    kept, copied = message.attachments.get(), made.messages.get().attachments.get()
    assert (copied.name, copied.sha256, copied.size) == (kept.name, kept.sha256, kept.size)
    assert copied.key != kept.key
    actions.redact_message(ticket.number, message.pk, actor=as_agent(), at=MONDAY)
    copied.refresh_from_db()
    assert copied.redacted_at is None
    assert attachments.path_of(copied.sha256).read_bytes() == b"line"


def test_what_cannot_be_split_is_refused(ticket, ana):
    agent = as_agent(AgentFactory())
    message = second(ticket, ana)
    note = actions.note(ticket.number, "Hm.", actor=agent, at=MONDAY).message
    reply = actions.reply(ticket.number, "On it.", actor=agent, at=MONDAY).message
    for other in (note, reply):
        with pytest.raises(Conflict):
            actions.split(ticket.number, other.pk, actor=agent, at=MONDAY)
    foreign = file_ticket().messages.get()
    with pytest.raises(NotFound):
        actions.split(ticket.number, foreign.pk, actor=agent, at=MONDAY)
    with pytest.raises(NotAllowed):
        actions.split(ticket.number, message.pk, actor=as_customer(ana), at=MONDAY)
    actions.split(ticket.number, message.pk, actor=agent, at=MONDAY)
    with pytest.raises(Conflict):
        actions.split(ticket.number, message.pk, actor=agent, at=MONDAY)
    gone = second(ticket, ana, "Secret")
    actions.redact_message(ticket.number, gone.pk, actor=agent, at=MONDAY)
    with pytest.raises(NotFound):
        actions.split(ticket.number, gone.pk, actor=agent, at=MONDAY)
    assert Ticket.objects.count() == 3


def test_what_is_in_a_private_team_stays_there(ana):
    insider = AgentFactory()
    team = TeamFactory(is_private=True, members=[insider])
    hidden = file_ticket(ana, team=team, actor=as_agent(insider))
    message = second(hidden, ana)
    outsider = as_agent(AgentFactory())
    with pytest.raises(NotFound):
        actions.split(hidden.number, message.pk, actor=outsider, at=MONDAY)
    made = actions.split(hidden.number, message.pk, actor=as_agent(insider), at=MONDAY)
    assert made.team == team
    assert not Ticket.objects.visible_to(outsider).filter(pk=made.pk).exists()
