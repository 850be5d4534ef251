"""The ticket page: each change through its form, refusals that keep what was typed, its price."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import DeskSettings, User
from tests.factories import (
    AgentFactory,
    ComponentFactory,
    OrganisationFactory,
    ProductFactory,
    ReleaseFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tests.workspace.conftest import signed_in, text_of
from tickets import actions
from tickets.models import Attachment, Draft, FieldDefinition, Message, Ticket

pytestmark = pytest.mark.usefixtures("clock")


def page_of(ticket: Ticket) -> str:
    return reverse("workspace:ticket", args=[ticket.number])


def change(client: Client, ticket: Ticket, what: str, **form: Any) -> Any:
    answer = client.post(reverse("workspace:change", args=[ticket.number, what]), form)
    ticket.refresh_from_db()
    return answer


def send(client: Client, ticket: Ticket, **form: Any) -> Any:
    answer = client.post(reverse("workspace:send", args=[ticket.number]), form)
    ticket.refresh_from_db()
    return answer


@pytest.fixture
def ticket(clock) -> Ticket:
    return file_ticket(
        UserFactory(name="Ana Duarte", email="ana@acme.example"), category="corrective",
        at=clock.now,
    )  # fmt: skip


def test_every_field_is_changed_by_its_form(desk: Client, agent: User, ticket: Ticket):
    team = TeamFactory()
    product = ProductFactory()
    component, release = ComponentFactory(product=product), ReleaseFactory(product=product)
    organisation = OrganisationFactory(name="Acme")
    FieldDefinition.objects.create(key="environment", label="Environment", type="text")
    changes: list[tuple[str, dict[str, Any], str, Any]] = [
        ("subject", {"to": "PDF export fails"}, "subject", "PDF export fails"),
        ("category", {"to": "adaptive"}, "category", "adaptive"),
        ("priority", {"to": "urgent"}, "priority", "urgent"),
        ("team", {"to": team.pk}, "team", team),
        ("product", {"to": product.pk}, "product", product),
        ("component", {"to": component.pk}, "component", component),
        ("affected_release", {"to": release.pk}, "affected_release", release),
        ("fixed_in", {"to": release.pk}, "fixed_in", release),
        ("field", {"key": "environment", "to": "production"}, "fields",
         {"environment": "production"}),
        ("organisation", {"to": "acme"}, "organisation", organisation),
        ("assignee", {"to": agent.pk}, "assignee", agent),
        ("assignee", {"to": "none"}, "assignee", None),
        ("take", {}, "assignee", agent),
        ("status", {"to": "pending"}, "status", "pending"),
        ("status", {"to": "on_hold", "reason": "the bank"}, "hold_reason", "the bank"),
        ("status", {"to": "resolved"}, "status", "resolved"),
        ("spam", {}, "is_spam", True),
        ("not_spam", {}, "is_spam", False),
    ]  # fmt: skip
    for what, form, column, wanted in changes:
        answer = change(desk, ticket, what, **form)
        assert answer.status_code == 302, (what, text_of(answer))
        assert getattr(ticket, column) == wanted, what
    change(desk, ticket, "tags", to="Bank, export")
    assert list(ticket.tags.order_by("name").values_list("name", flat=True)) == ["bank", "export"]
    assert ticket.events.count() == ticket.version


def test_confirming_emergency_and_watching(desk: Client, agent: User, ticket: Ticket):
    assert "Confirm" in text_of(desk.get(page_of(ticket)))
    change(desk, ticket, "confirm")
    assert ticket.category_confirmed_at is not None
    change(desk, ticket, "emergency", to="on")
    assert ticket.emergency
    change(desk, ticket, "watch")
    assert ticket.watches.get().user == agent
    assert "Watching" in text_of(desk.get(page_of(ticket)))
    change(desk, ticket, "unwatch")
    assert not ticket.watches.exists()


def test_a_new_requester_is_made_by_address_and_sees_the_ticket(desk: Client, ticket: Ticket):
    change(desk, ticket, "requester", to="New.Person@acme.example")
    assert ticket.requester.email == "new.person@acme.example"
    seen = Ticket.objects.visible_to(as_customer(ticket.requester))
    assert list(seen) == [ticket]


@pytest.mark.parametrize(
    ("what", "form", "sentence"),
    [
        ("subject", {"to": "  "}, "Give a subject."),
        ("status", {"to": "closed"}, "cannot go from"),
        ("status", {"to": "on_hold", "reason": ""}, "what it waits for"),
        ("status", {"to": "weird"}, "This is not a status."),
        ("category", {"to": "weird"}, "This is not a category."),
        ("priority", {"to": ""}, "This is not a priority."),
        ("assignee", {"to": "99999"}, "Choose one of the listed values."),
        ("requester", {"to": "nonsense"}, "valid e-mail"),
        ("organisation", {"to": "No such"}, "There is no organisation of this name."),
        ("field", {"key": "unknown", "to": "1"}, "There is no field"),
        ("tags", {"to": "x" * 61}, "A tag has 1 to 60 characters"),
    ],
)
def test_a_refusal_stands_on_the_page_and_changes_nothing(
    desk: Client, agent: User, ticket: Ticket, what: str, form: dict[str, str], sentence: str
):
    actions.start(ticket.number, actor=as_agent(agent), at=ticket.created_at)
    ticket.refresh_from_db()
    version = ticket.version
    answer = change(desk, ticket, what, **form)
    assert answer.status_code == 422
    assert sentence in text_of(answer).replace("&#x27;", "'")
    assert ticket.version == version


def test_resolving_without_a_category_says_what_is_missing(desk: Client):
    bare = file_ticket()
    answer = change(desk, bare, "status", to="resolved")
    assert answer.status_code == 422
    assert "Say what kind of maintenance this is before resolving it." in text_of(answer)


def test_handing_over_to_a_private_team_leads_back_to_the_queue(desk: Client, ticket: Ticket):
    team = TeamFactory(name="Security", is_private=True)
    assert "Security · private" in text_of(desk.get(page_of(ticket)))
    asked = change(desk, ticket, "team", to=team.pk)
    assert "Security is a private team without you." in text_of(asked)
    assert f'name="sure" value="{team.pk}"' in text_of(asked)
    assert ticket.team is None
    other = TeamFactory(is_private=True)  # what was agreed to for one team is not for another
    assert "without you" in text_of(change(desk, ticket, "team", to=team.pk, sure=other.pk))
    answer = change(desk, ticket, "team", to=team.pk, sure=team.pk)
    assert answer["Location"] == "/agent/"
    assert "you do not see it any more" in text_of(desk.get("/agent/"))
    assert desk.get(page_of(ticket)).status_code == 404
    assert change(desk, ticket, "priority", to="low").status_code == 404


def test_a_member_of_the_private_team_is_not_asked(desk: Client, agent: User, ticket: Ticket):
    team = TeamFactory(is_private=True, members=[agent])
    assert change(desk, ticket, "team", to=team.pk)["Location"] == page_of(ticket)
    assert ticket.team == team


def test_opening_a_ticket_for_a_private_team_asks_first_and_keeps_what_was_typed(desk: Client):
    team = TeamFactory(name="Security", is_private=True)
    form = {"requester": "ana@acme.example", "subject": "A leak", "body": "Look at this.",
            "priority": "normal", "team": team.pk}  # fmt: skip
    asked = desk.post(reverse("workspace:new"), form)
    assert "Security is a private team without you." in text_of(asked)
    assert "Look at this.</textarea>" in text_of(asked)
    assert f'name="sure" value="{team.pk}"' in text_of(asked)
    assert not Ticket.objects.exists()
    answer = desk.post(reverse("workspace:new"), {**form, "sure": team.pk})
    assert answer["Location"] == "/agent/"
    assert "you do not see it any more" in text_of(desk.get("/agent/"))
    assert Ticket.objects.get().team == team


def test_a_reply_is_sent_and_can_be_taken_back_within_ten_seconds(
    desk: Client, ticket: Ticket, clock
):
    answer = send(desk, ticket, kind="reply", body="On it.", since=ticket.version)
    assert answer["Location"] == page_of(ticket)
    assert ticket.status == "open"
    message = ticket.messages.latest("pk")
    assert (message.kind, message.body, message.channel) == ("reply", "On it.", "agent")
    assert "Undo" in text_of(desk.get(page_of(ticket)))
    change(desk, ticket, "undo", message=message.pk)
    message.refresh_from_db()
    assert message.withdrawn_at == clock.now
    assert ticket.status == "new"
    page = text_of(desk.get(page_of(ticket)))
    assert "On it.</textarea>" in page  # the words are the draft again
    send(desk, ticket, kind="reply", body="Now really.", since=ticket.version)
    clock.forward(seconds=11)
    late = change(desk, ticket, "undo", message=ticket.messages.latest("pk").pk)
    assert late.status_code == 422
    assert "already sent" in text_of(late)


def test_a_double_click_sends_once_and_the_same_words_later_send_again(
    desk: Client, ticket: Ticket
):
    drawn = ticket.version
    for _ in range(2):
        send(desk, ticket, kind="reply", body="Thanks.", then="pending", since=drawn)
    assert ticket.messages.filter(kind="reply", body="Thanks.").count() == 1
    ticket.refresh_from_db()
    send(desk, ticket, kind="reply", body="Thanks.", since=ticket.version)
    send(desk, ticket, kind="note", body="Thanks.", since=ticket.version)
    assert ticket.messages.filter(body="Thanks.").count() == 3


def test_what_was_written_after_a_double_click_stays(desk: Client, ticket: Ticket):
    drawn = ticket.version
    send(desk, ticket, kind="reply", body="Thanks.", since=drawn)
    desk.post(f"{page_of(ticket)}draft/", {"kind": "reply", "body": "One more thing"})
    send(desk, ticket, kind="reply", body="Thanks.", since=drawn)
    assert "One more thing</textarea>" in text_of(desk.get(page_of(ticket)))


def test_the_words_that_opened_a_ticket_offer_no_undo(desk: Client, agent: User, clock):
    opened = file_ticket(actor=as_agent(agent), at=clock.now, source="agent")
    assert opened.messages.get().author == agent
    assert "Undo" not in text_of(desk.get(page_of(opened)))


def test_sending_with_a_status_is_one_step_and_all_or_nothing(desk: Client, ticket: Ticket):
    send(desk, ticket, kind="reply", body="Please check.", then="pending", since=ticket.version)
    assert ticket.status == "pending"
    bare = file_ticket()
    answer = send(
        desk, bare, kind="reply", body="Solved, I think.", then="resolved", since=bare.version
    )
    assert answer.status_code == 422
    assert "Solved, I think." in text_of(answer)
    assert bare.messages.count() == 1
    assert bare.status == "new"


def test_a_note_is_internal_and_looks_it(desk: Client, ticket: Ticket):
    send(desk, ticket, kind="note", body="He is **angry**.", since=ticket.version)
    page = text_of(desk.get(page_of(ticket)))
    assert "entry note" in page
    assert "Internal" in page
    assert (
        not Message.objects.visible_to(as_customer(ticket.requester), ticket.updated_at)
        .filter(kind="note")
        .exists()
    )


def test_words_that_came_in_between_are_shown_before_anything_goes_out(
    desk: Client, ticket: Ticket, clock
):
    seen = ticket.version
    customer = as_customer(ticket.requester)
    actions.reply(ticket.number, "It works again!", actor=customer, at=clock.now)
    answer = send(desk, ticket, kind="reply", body="Still looking.", since=seen)
    page = text_of(answer)
    assert answer.status_code == 422
    assert "1 new message since you started" in page
    assert "It works again!" in page
    assert "Still looking.</textarea>" in page
    again = send(desk, ticket, kind="reply", body="Still looking.", since=ticket.version)
    assert again.status_code == 302


def test_files_come_with_the_form_or_before_it(desk: Client, agent: User, ticket: Ticket):
    first = desk.post(
        reverse("workspace:upload"), {"file": SimpleUploadedFile("log.txt", b"trace")}
    )
    assert first.status_code == 201
    send(
        desk, ticket, kind="reply", body="", uploads=[first.json()["id"]],
        files=SimpleUploadedFile("second.txt", b"more"), since=ticket.version,
    )  # fmt: skip
    names = set(Attachment.objects.values_list("name", flat=True))
    assert names == {"log.txt", "second.txt"}
    page = text_of(desk.get(page_of(ticket)))
    assert "second.txt" in page
    key = Attachment.objects.get(name="log.txt").key
    change(desk, ticket, "redact_file", file=key)
    page = text_of(desk.get(page_of(ticket)))
    assert "log.txt" not in page
    assert "File removed" in page


def test_a_foreign_upload_is_refused_and_the_words_stay(desk: Client, ticket: Ticket):
    other = signed_in(AgentFactory())
    foreign = other.post(
        reverse("workspace:upload"), {"file": SimpleUploadedFile("x.txt", b"x")}
    ).json()["id"]
    for uploads in (foreign, "nonsense", "../../etc"):
        answer = send(
            desk, ticket, kind="reply", body="See file", uploads=[uploads], since=ticket.version
        )
        assert answer.status_code == 422
        assert "See file</textarea>" in text_of(answer)


@pytest.mark.parametrize("door", ["new", "send"])
def test_a_file_too_large_costs_neither_the_words_nor_the_other_files(
    desk: Client, ticket: Ticket, settings: Settings, door: str
):
    settings.MAX_FILE_BYTES = 10
    files = [SimpleUploadedFile("a.txt", b"small"), SimpleUploadedFile("b.txt", b"x" * 11)]
    if door == "send":
        answer = send(
            desk, ticket, kind="reply", body="See file", files=files, since=ticket.version
        )
    else:
        answer = desk.post(
            reverse("workspace:new"),
            {"requester": "ana@acme.example", "subject": "x", "body": "See file",
             "priority": "normal", "files": files},
        )  # fmt: skip
    page = text_of(answer)
    assert answer.status_code == 422
    assert "A file may have at most" in page
    assert "See file</textarea>" in page
    assert "a.txt" in page


def test_an_invalid_new_ticket_keeps_its_files(desk: Client):
    answer = desk.post(
        reverse("workspace:new"),
        {"subject": "", "body": "y", "files": SimpleUploadedFile("a.txt", b"small")},
    )
    assert answer.status_code == 422
    assert "a.txt" in text_of(answer)


def test_redacting_wipes_the_words(desk: Client, ticket: Ticket):
    message = ticket.messages.get()
    change(desk, ticket, "redact_message", message=message.pk)
    page = text_of(desk.get(page_of(ticket)))
    assert "It says 500." not in page
    assert "Redacted on" in page


def test_a_draft_is_kept_per_kind_until_it_is_sent(desk: Client, agent: User, ticket: Ticket):
    url = reverse("workspace:draft", args=[ticket.number])
    assert desk.post(url, {"kind": "reply", "body": "Half a sen"}).status_code == 204
    assert desk.post(url, {"kind": "note", "body": "psst"}).status_code == 204
    page = text_of(desk.get(page_of(ticket)))
    assert "Half a sen</textarea>" in page
    assert 'data-keptnote="psst"' in page
    send(desk, ticket, kind="reply", body="A whole sentence.", since=ticket.version)
    assert list(Draft.objects.values_list("kind", flat=True)) == ["note"]
    assert desk.post(url, {"kind": "note", "body": " "}).status_code == 204
    assert not Draft.objects.exists()


def test_answering_a_closed_ticket_opens_its_follow_up(desk: Client, agent: User, ticket: Ticket):
    actions.resolve(ticket.number, actor=as_agent(agent), at=ticket.created_at)
    actions.close(ticket.number, actor=as_agent(agent), at=ticket.created_at)
    ticket.refresh_from_db()
    answer = send(desk, ticket, kind="reply", body="One more thing.", since=ticket.version)
    follow_up = Ticket.objects.get(follows_up=ticket)
    assert answer["Location"] == page_of(follow_up)
    assert "Continues" in text_of(desk.get(page_of(follow_up)))


def test_a_long_story_is_cut_and_can_be_read_whole(desk: Client, ticket: Ticket):
    Message.objects.bulk_create(
        Message(
            ticket=ticket, kind="note", author_name="Bot", channel="api", body=f"line {n}",
            created_at=ticket.created_at + timedelta(seconds=n),
        )
        for n in range(1, 230)
    )  # fmt: skip
    page = text_of(desk.get(page_of(ticket)))
    assert "Show everything from the beginning" in page
    assert "It says 500." not in page
    assert "It says 500." in text_of(desk.get(page_of(ticket) + "?all=1"))


def test_hostile_words_stay_words(desk: Client):
    ticket = file_ticket(
        UserFactory(name="<script>alert(1)</script>"),
        subject="<img src=x onerror=alert(1)>",
        body="<script>alert(1)</script> [x](javascript:alert(1)) <b onclick=x>b</b>",
    )
    page = text_of(desk.get(page_of(ticket)))
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page


def test_the_deadlines_explain_themselves(desk: Client, ticket: Ticket):
    page = text_of(desk.get(reverse("workspace:clocks", args=[ticket.number])))
    assert "First response" in page
    assert "default policy" in page


@pytest.mark.parametrize("messages", [1, 60])
def test_the_ticket_page_costs_fifteen_queries_however_long_the_story(
    desk: Client, agent: User, messages: int, clock
):
    DeskSettings.current()
    product = ProductFactory()
    ComponentFactory(product=product)
    ReleaseFactory(product=product)
    person = UserFactory(organisation=OrganisationFactory())
    ticket = file_ticket(person, product=product, category="corrective", at=clock.now)
    for number in range(messages):
        file_ticket(person, at=clock.now)
        actions.note(ticket.number, f"note {number}", actor=as_agent(agent), at=clock.now)
    desk.get("/agent/")  # the rail's counts are kept for some seconds
    with CaptureQueriesContext(connection) as queries:
        assert desk.get(page_of(ticket)).status_code == 200
    assert len(queries) <= 15, "\n".join(query["sql"][:130] for query in queries)


def test_a_link_is_added_by_number_shown_from_both_sides_and_removed(desk: Client, ticket: Ticket):
    other = file_ticket(subject="The export is slow", at=ticket.created_at)
    answer = change(desk, ticket, "link", relation="caused_by", to=f"#{other.number}")
    assert answer["Location"] == page_of(ticket)
    assert "The export is slow" in text_of(desk.get(page_of(ticket)))
    far = text_of(desk.get(page_of(other)))
    assert '<span class="small soft">causes</span>' in far
    assert f"linked the ticket: <b>causes #{ticket.number}</b>" in far
    change(desk, other, "unlink", link=ticket.links.get().pk)
    assert "The export is slow" not in text_of(desk.get(page_of(ticket)))
    for wrong in ("", "x", ticket.number, 10**9):
        refused = change(desk, ticket, "link", relation="blocks", to=wrong)
        assert refused.status_code == 422
        assert 'class="notice danger"' in text_of(refused)


def test_other_tickets_are_offered_by_number_and_by_words_but_no_hidden_ones(
    desk: Client, ticket: Ticket
):
    other = file_ticket(subject="Printing zebras", at=ticket.created_at)
    hidden = file_ticket(
        subject="Printing lions", at=ticket.created_at, actor=as_agent(),
        team=TeamFactory(is_private=True),
    )  # fmt: skip
    url = reverse("workspace:other_tickets", args=[ticket.number])
    for wanted in (f"#{other.number}", str(other.number), "printing zeb", "printi"):
        assert "Printing zebras" in text_of(desk.get(url, {"to": wanted})), wanted
    for wanted in ("printi", str(hidden.number), "", "'", str(ticket.number)):
        offered = text_of(desk.get(url, {"to": wanted}))
        assert "lions" not in offered
        assert ticket.subject not in offered


def test_words_to_a_third_party_are_no_draft_of_the_composer(
    desk: Client, agent: User, ticket: Ticket, clock
):
    begun = {"ticket": ticket, "user": agent, "saved_at": clock.now}
    Draft.objects.create(kind=Draft.OF_SIDE, body="Dear supplier", **begun)
    assert desk.get(page_of(ticket)).context["drafts"] == {}
    Draft.objects.create(kind="note", body="Ask Tom", **begun)
    assert desk.get(page_of(ticket)).context["drafts"] == {"note": "Ask Tom"}
