"""What each condition finds, in an address and typed, for whom it exists, and by which index."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.actor import Actor
from sla.models import Clock
from tests.factories import (
    MONDAY,
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions, filters, language, paging
from tickets.errors import BadFilter
from tickets.models import FieldDefinition, Ticket

pytestmark = pytest.mark.django_db
NOON = MONDAY + timedelta(hours=3)


def found(text: str, *, actor: Actor | None = None, at=NOON) -> set[int]:
    condition = filters.conditions([("filter", text)], actor=actor or as_agent(), at=at)
    return set(Ticket.objects.filter(condition).values_list("number", flat=True))


def refused(text: str, *, actor: Actor | None = None) -> BadFilter:
    with pytest.raises(BadFilter) as bad:
        found(text, actor=actor)
    return bad.value


def test_merged_tickets_are_found_or_left_out():
    kept, twice = file_ticket(), file_ticket()
    actions.merge(twice.number, kept.number, actor=as_agent(), at=MONDAY)
    assert found("merged:true") == {twice.number}
    assert found("merged:false") == {kept.number}


def test_and_or_not_and_words_together():
    mine, agent = file_ticket(subject="Export fails"), AgentFactory()
    actions.assign(mine.number, agent, actor=as_agent(agent), at=MONDAY)
    actions.set_tags(mine.number, ["spam"], actor=as_agent(agent), at=MONDAY)
    other = file_ticket(subject="Import fails", body="Nothing.")
    me = as_agent(agent)
    assert found("assignee:me", actor=me) == {mine.number}
    assert found("-assignee:me", actor=me) == {other.number}
    assert found("fails -tag:spam") == {other.number}
    assert found("fails -export") == {other.number}
    assert found("-export -nothing") == set()
    assert found('"export fails" or assignee:none') == {mine.number, other.number}
    assert found("export or import") == {mine.number, other.number}
    assert found("fails (import or assignee:me)", actor=me) == {mine.number, other.number}
    assert found('"fails export"') == set()
    assert found("impo") == {other.number}


def test_what_holds_always_holds_beside_or_and_not():
    ticket = file_ticket()
    assert found("") == {ticket.number}
    assert found("status:any or priority:urgent") == {ticket.number}
    assert found("-status:any") == set()
    assert found("-(status:any or priority:urgent) or priority:normal") == {ticket.number}


def test_tickets_watched_by_several_are_found_once():
    ticket, first, second = file_ticket(), AgentFactory(), AgentFactory()
    for agent in (first, second):
        actions.watch(ticket.number, actor=as_agent(agent), at=MONDAY)
    asked = filters.conditions(
        [("filter", "watched:me or status:live")], actor=as_agent(first), at=NOON
    )
    assert Ticket.objects.filter(asked).count() == 1


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("created:<7d", {0, 3}), ("created:7d", {0, 3}), ("created:>7d", {20, 60}),
        ("created:>30d", {60}), ("created:7d..30d", {20}), ("created:..30d", {60}),
        ("created:today", {0}), ("created:2026-01-02", {3}), ("created:>2026-01-02", {0}),
        ("created:<2026-01-02", {20, 60}), ("created:2025-12-16..2026-01-02", {3, 20}),
        ("created:<1h,>30d", {60}), ("created:2026-01-02..", {0, 3}),
        ("created:<2026-01-02T09:00:00Z", {20, 60}), ("created:>2026-01-02T09:00:00Z", {0, 3}),
        ("created:<4h created:>2h", {0}),
    ],
)  # fmt: skip
def test_dates_absolute_relative_and_ranges(text: str, ages: set[int]):
    numbers = {file_ticket(at=MONDAY - timedelta(days=age)).number: age for age in (0, 3, 20, 60)}
    assert {numbers[each] for each in found(text)} == ages


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("worked:<7d", {0, 3}), ("worked:>7d", {20, 60}), ("worked:today", {0}),
        ("worked:3d", {0, 3}), ("worked:>3d", {20, 60}), ("worked:2026-01-02", {3}),
        ("worked:>2026-01-02", {0}), ("worked:<2026-01-02", {20, 60}),
        ("worked:2025-12-16..2026-01-02", {3, 20}), ("worked:today,>30d", {0, 60}),
        ("worked:none", {None}), ("worked:any", {0, 3, 20, 60}), ("-worked:any", {None}),
        ("worked:none,today", {None, 0}), ("worked_by:mia", {0, 60}), ("worked_by:me", set()),
        ("worked_by:mia,me worked:today", {0}), ("-worked_by:Mia", {3, 20, None}),
        ("effort:2026-01-02,2026-01-05", {0, 3}), ("effort:2026-01-05,2026-01-02", set()),
        ("effort:2025-01-01,2026-01-05,billable:false", {20}),
        ("effort:2025-01-01,2026-01-05,category:support", {3}),
        ("effort:2025-01-01,2026-01-05,category:none", {0, 20, 60}),
        ("effort:2025-01-01,2026-01-05,agent:none", set()),
    ],
)  # fmt: skip
def test_logged_time_is_found_by_day_person_and_kind(text: str, ages: set[int | None]):
    mia, tom = as_agent(AgentFactory(name="Mia")), as_agent(AgentFactory(name="Tom"))
    numbers: dict[int, int | None] = {file_ticket().number: None}
    for age, who in ((0, mia), (3, tom), (20, tom), (60, mia)):
        number = file_ticket(category="corrective").number
        actions.log_time(
            number, 5, MONDAY.date() - timedelta(days=age), actor=who, at=MONDAY,
            category="support" if age == 3 else None, is_billable=age != 20,
        )  # fmt: skip
        numbers[number] = age
    assert {numbers[each] for each in found(text)} == ages


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("answered:<7d", {0, 3}), ("answered:>7d", {20}), ("answered:today", {0}),
        ("answered:any", {0, 3, 20}), ("-answered:any", {60}), ("-answered:<7d", {20, 60}),
        ("answered:today,2026-01-02", {0, 3}), ("answered:2025-12-16..2026-01-02", {3, 20}),
        ("answered:2026-01-02T09:00:00Z..2026-01-05T09:00:00Z", {3}),
    ],
)  # fmt: skip
def test_answers_are_found_by_the_first_response(text: str, ages: set[int]):
    numbers: dict[int, int] = {}
    for age in (0, 3, 20, 60):
        at = MONDAY - timedelta(days=age)
        number = file_ticket(at=at - timedelta(days=30)).number
        numbers[number] = age
        if age != 60:
            actions.reply(number, "Yes.", actor=as_agent(), at=at)
            actions.reply(number, "And more.", actor=as_agent(), at=MONDAY)
        else:
            actions.set_category(number, "support", actor=as_agent(), at=at)
            actions.resolve(number, actor=as_agent(), at=at)
    assert {numbers[each] for each in found(text)} == ages


def test_what_is_due_counts_forward():
    late = file_ticket(category="corrective", at=MONDAY - timedelta(days=30))
    soon = file_ticket(category="corrective")
    due_at = Ticket.objects.get(pk=soon.pk).due_at
    before = due_at - timedelta(hours=3)
    assert found("due:<4h", at=before) == {late.number, soon.number}
    assert found("due<2h", at=before) == {late.number}
    assert found("due>2h", at=before) == {soon.number}
    assert found("overdue:true", at=before) == {late.number}
    assert found("due:none", at=before) == set()
    assert found("metric:resolution paused:false due:any") == {late.number, soon.number}
    assert Clock.objects.filter(ticket=late).exists()


def test_custom_fields_compare_numbers_and_dates():
    for key, kind in (("seats", "number"), ("go-live", "date"), ("vip", "boolean")):
        FieldDefinition.objects.create(key=key, label=key, type=kind)
    FieldDefinition.objects.create(key="env", label="Env", type="choice", choices=["live", "test"])
    few = file_ticket(fields={"seats": 9, "go-live": "2026-01-03", "env": "live", "vip": True})
    many = file_ticket(fields={"seats": 120.5, "go-live": "2026-02-01", "env": "test"})
    bare = file_ticket()
    numbers = {"few": few.number, "many": many.number, "bare": bare.number}

    def names(text: str) -> set[str]:
        return {name for name, number in numbers.items() if number in found(text)}

    assert names("fields.seats:>9") == {"many"}
    assert names("fields.seats:>=9") == {"few", "many"}
    assert names("fields.seats<10") == {"few"}
    assert names("-fields.seats:<10") == {"many", "bare"}
    assert names("fields.seats:9,120.5") == {"few", "many"}
    assert names("fields.seats:10..200") == {"many"}
    assert names("fields.seats:none") == {"bare"}
    assert names("fields.go-live:<2026-02-01") == {"few"}
    assert names("fields.go-live:>2026-01-03") == {"many"}
    assert names("fields.go-live:2026-01-03") == {"few"}
    assert names("fields.go-live:<7d") == {"few", "many"}
    assert names("fields.env:live,test") == {"few", "many"}
    assert names("fields.vip:true") == {"few"}


def test_rows_are_found_by_name_for_agents_alone():
    acme = OrganisationFactory(name="Acme, Inc")
    team = TeamFactory(name="Second level")
    agent = AgentFactory(name="Mia Berger", email="mia@desk.example")
    person = UserFactory(organisation=acme, sees_organisation=True)
    ticket = file_ticket(person)
    actions.assign(ticket.number, agent, actor=as_agent(agent), at=MONDAY)
    actions.hand_over(ticket.number, team, actor=as_agent(agent), at=MONDAY)
    file_ticket()
    for text in (
        'organisation:"acme, inc"', 'team:"second level"', 'assignee:"Mia Berger"',
        "assignee:MIA@desk.example", f"assignee:{agent.pk}", 'organisation:none,"Acme, Inc"',
    ):  # fmt: skip
        assert ticket.number in found(text), text
    assert found('assignee:"mia berger"') == {ticket.number}
    assert "Did you mean “Mia Berger”?" in str(refused('assignee:"Mia Berge"'))
    assert "Did you" not in str(refused('organisation:"Acme, In"', actor=as_customer(person)))
    assert str(refused('organisation:"Acme, Inc"', actor=as_customer(person))).endswith(
        "Give a number."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prority:high", "“prority:high” (character 1): There is no filter “prority”."),
        ("prority:high", "Did you mean “priority”?"),
        ("a status:opne", "“status:opne” (character 3): “opne” is not one of: new, open"),
        ("a (b", "“(” (character 3): A closing bracket is missing."),
        ("created:soon", "Give a day such as 2026-03-31"),
        ("created:9999-12-31", "Give a day"),
        ("fields.none:1", "There is no field “none”."), ("***", "Search for one to twenty words."),
        ("a (status:new or b) (status:new or c) (status:new or d) (status:new or e)",
         "in at most four places"),
    ],
)  # fmt: skip
def test_a_wrong_filter_says_which_word_and_what_is_allowed(text: str, said: str):
    refusal = refused(text)
    assert said in str(refusal)
    assert refusal.pointer == "filter"


def test_what_is_the_teams_does_not_exist_for_customers():
    person = UserFactory()
    file_ticket(person)
    for text in ("assignee:none", "tag:x", "-team:none", "watched:me", "snoozed:true",
                 "unread:true", "a or untriaged:true"):  # fmt: skip
        assert "There is no filter" in str(refused(text, actor=as_customer(person)))


def test_the_address_and_the_typed_form_agree():
    file_ticket(category="support")
    file_ticket(category="corrective")
    for name, value in (("category", "support,none"), ("status", "live"), ("q", "export"),
                        ("created_after", "2026-01-05"), ("untriaged", "true")):  # fmt: skip
        address = filters.conditions([(name, value)], actor=as_agent(), at=NOON)
        numbers = set(Ticket.objects.filter(address).values_list("number", flat=True))
        assert numbers == found(f"{name}:{value}") != set()


def test_every_name_has_an_example_that_works_and_an_explanation():
    FieldDefinition.objects.create(key="seats", label="Seats", type="number")
    TeamFactory(name="Second level")
    OrganisationFactory(name="Acme")
    for name, condition in filters.known_filters().items():
        assert condition.help, name
        assert name.rstrip(".") in condition.example, name
        found(condition.example)


class AnyInput(TestCase):
    """Whatever is typed is a condition or a sentence."""

    pieces = st.sampled_from([
        "status", "created", "fields.seats", "fields.x", "assignee", "q", "due", "number", ":",
        "<", ">", "..", ",", " ", "(", ")", '"', "-", "or", "7d", "2026-01-05", "none", "me",
        "9" * 19, "é", "'", "\\", "*", "nan", "1e999", "٣", "\u200b", "true", "a", "%", "\n",
    ])  # fmt: skip

    @settings(suppress_health_check=list(HealthCheck))
    @given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=30))
    def test_any_input_is_answered(self, text: str):
        FieldDefinition.objects.get_or_create(
            key="seats", defaults={"label": "Seats", "type": "number"}
        )
        with suppress(BadFilter):
            found(text)


def many(count: int) -> None:
    people = [UserFactory(organisation=OrganisationFactory()) for _ in range(40)]
    agent = AgentFactory(email="busy@desk.example")
    Ticket.objects.bulk_create(
        (
            Ticket(
                subject=f"Ticket {n}", requester=people[n % 40], source="web",
                organisation=people[n % 40].organisation, requester_confirmed_at=MONDAY,
                status="closed" if n % 50 else "open", created_at=MONDAY - timedelta(minutes=n),
                updated_at=MONDAY - timedelta(minutes=n), public_updated_at=MONDAY,
                assignee=agent if n % 1000 == 7 else None, priority="urgent" if n % 900 == 3 else
                "normal", fields={"env": "live"} if n % 1500 == 11 else {},
            )
            for n in range(count)
        ),
        batch_size=5_000,
    )  # fmt: skip
    FieldDefinition.objects.create(key="env", label="Env", type="choice", choices=["live"])
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_ticket")


def test_typed_filters_read_few_pages_of_a_large_table(django_assert_max_num_queries):
    many(30_000)
    actor = as_agent()
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpages FROM pg_class WHERE relname = 'tickets_ticket'")
        pages = cursor.fetchone()[0]
    for text in (
        "assignee:busy@desk.example", "fields.env:live", "created:<5h status:closed",
        "created:2026-01-04", f"organisation:{Ticket.objects.first().organisation_id}",
        "status:open -assignee:busy@desk.example",
    ):  # fmt: skip
        tickets = Ticket.objects.filter(
            filters.conditions([("filter", text)], actor=actor, at=NOON)
        )
        with django_assert_max_num_queries(3) as queries:
            assert paging.page(tickets, actor=actor, limit=50).rows, text
        sql = next(
            q["sql"] for q in queries if q["sql"].startswith("SELECT") and "LIMIT" in q["sql"]
        )
        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"), [])
            plan = cursor.fetchone()[0][0]["Plan"]
        touched = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        assert touched < pages * 0.7, (text, touched, pages)


def test_what_is_changed_while_a_page_is_read_does_not_end_the_list():
    many(120)
    actor = as_agent()
    asked = filters.conditions([("filter", "status:closed")], actor=actor, at=NOON)
    closed = Ticket.objects.filter(asked)

    def meanwhile(execute, sql, values, is_many, context):
        answer = execute(sql, values, is_many, context)
        if "LIMIT 11" in sql:  # the numbers are read, the tickets are not
            oldest = min(Ticket.objects.filter(asked), key=lambda each: each.created_at)
            Ticket.objects.filter(pk=oldest.pk).update(status="open")
        return answer

    with connection.execute_wrapper(meanwhile):
        page = paging.page(closed, actor=actor, sort="created_at", limit=10)
    assert len(page.rows) == 10
    assert page.rows[0].status == "open"
    assert page.next_cursor


def test_trees_tell_their_names_and_parts():
    tree = language.parse("a status:open (tag:x or -priority:low)")
    assert language.names(tree) == {"status", "tag", "priority"}
    assert [language.printed(part) for part in language.top(tree)] == [
        "a", "status:open", "tag:x or -priority:low",
    ]  # fmt: skip
