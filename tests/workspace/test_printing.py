"""A ticket on paper: what it says, and that nothing internal stands there unasked."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions, attachments
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def ticket(clock, agent: User) -> Ticket:
    person = UserFactory(name="Ana Duarte", organisation=OrganisationFactory(name="Acme"))
    FieldDefinition.objects.create(key="environment", label="Environment", type="text")
    made = file_ticket(
        person, subject="Export <fails>", body="It **fails**.", category="corrective",
        product=ProductFactory(name="Ledger"), at=clock.now,
    )  # fmt: skip
    inside = {"actor": as_agent(agent), "at": clock.now}
    actions.set_fields(made.number, {"environment": "production"}, **inside)
    actions.set_tags(made.number, ["export"], **inside)
    actions.note(made.number, "Only for us", **inside)
    actions.start_side(made.number, ["help@supplier.example"], "A crash", "Please look", **inside)
    file = SimpleUploadedFile("trace.txt", b"at line 3")
    upload = attachments.take_in(file, actor=as_customer(person), at=clock.now)
    actions.receive(
        made.number, "A trace", actor=as_customer(person), at=clock.now, uploads=[str(upload.pk)]
    )
    return made


def paper(client: Client, ticket: Ticket, query: str = "") -> str:
    return text_of(client.get(f"/agent/tickets/{ticket.number}/print/{query}"))


def test_the_sheet_has_fields_clocks_and_story_and_notes_when_asked(desk: Client, ticket: Ticket):
    assert f"/agent/tickets/{ticket.number}/print/" in text_of(
        desk.get(f"/agent/tickets/{ticket.number}/")
    )
    sheet = paper(desk, ticket)
    for words in (
        "Export &lt;fails&gt;", "Ana Duarte", "Acme", "Ledger", "production", "export",
        "Mon 2 Mar 2026, 10:00 UTC", "First response", "<strong>fails</strong>", "A trace",
        "trace.txt, 9 B",
    ):  # fmt: skip
        assert words in sheet
    for inside in ("Only for us", "supplier", "Please look"):
        assert inside not in sheet
    whole = paper(desk, ticket, "?notes=1")
    for inside in ("Only for us", "With help@supplier.example", "Please look"):
        assert inside in whole


def test_what_is_gone_or_hidden_is_not_printed(desk: Client, agent: User, ticket: Ticket, clock):
    inside = {"actor": as_agent(agent), "at": clock.now}
    words = actions.reply(ticket.number, "Sorry, wrong", **inside)
    actions.withdraw(ticket.number, words.message_id, **inside)
    actions.redact_message(ticket.number, ticket.messages.earliest("id").pk, **inside)
    sheet = paper(desk, ticket)
    assert "Sorry, wrong" not in sheet
    assert "<strong>fails</strong>" not in sheet
    assert "Redacted on" in sheet
    private = TeamFactory(is_private=True, members=[agent])
    actions.hand_over(ticket.number, private, **inside)
    outsider = signed_in(AgentFactory())
    assert outsider.get(f"/agent/tickets/{ticket.number}/print/").status_code == 404
    assert desk.get(f"/agent/tickets/{ticket.number}/print/").status_code == 200


def test_the_price_is_the_same_for_a_long_story(desk: Client, agent: User, ticket: Ticket, clock):
    def cost() -> int:
        paper(desk, ticket)
        with CaptureQueriesContext(connection) as queries:
            paper(desk, ticket, "?notes=1")
        return len(queries)

    few = cost()
    for number in range(20):
        actions.note(ticket.number, f"note {number}", actor=as_agent(agent), at=clock.now)
    assert cost() == few
