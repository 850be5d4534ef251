"""The wall board: the right tickets in the right order, only what the viewer may see, bounded."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sla.sweep import sweep
from tests.factories import (
    AgentFactory,
    OrganisationFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    file_ticket,
)
from tests.sla.promises import amounts, make_default, save_policy
from tests.workspace.conftest import text_of
from tickets import actions
from web.workspace import board

BOARD = reverse("workspace:board")
NOW = reverse("workspace:board_now")
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def due(clock, db):
    """File a ticket whose promise of ten hours runs out so long after now."""
    make_default(save_policy(targets={"resolution": amounts("10h")}, at=clock.now - 100 * HOUR))

    def filed(after: timedelta, **values):
        ticket = file_ticket(at=clock.now + after - 10 * HOUR, **values)
        sweep(clock.now)
        return ticket

    return filed


def figures(answer):
    return [figure.count for figure in answer.context["figures"]]


def shown(answer):
    return [row.ticket.pk for row in answer.context["rows"]]


def test_the_large_numbers_count_open_overdue_due_and_unassigned(desk: Client, due, agent, clock):
    due(-HOUR)
    due(30 * MINUTE)
    taken = due(3 * HOUR)
    due(9 * HOUR)
    actions.take(taken.pk, actor=as_agent(agent), at=clock.now)
    assert figures(desk.get(BOARD)) == [4, 1, 1, 2, 3]


def test_each_number_leads_to_its_tickets(desk: Client, due):
    due(-HOUR)
    due(30 * MINUTE)
    due(3 * HOUR)
    due(9 * HOUR)
    answer = desk.get(BOARD)
    found = [
        len(desk.get(figure.href).context["rows"]) for figure in answer.context["figures"]
    ]  # fmt: skip
    assert found == figures(answer) == [4, 1, 1, 2, 4]


def test_what_is_due_first_stands_first_with_its_words(desk: Client, due):
    acme = UserFactory(organisation=OrganisationFactory(name="Acme"))
    later, late, soon = due(5 * HOUR), due(-18 * MINUTE), due(72 * MINUTE, requester=acme)
    due(8 * HOUR)  # not within the next eight hours
    answer = desk.get(BOARD)
    assert shown(answer) == [late.pk, soon.pk, later.pk]
    page = text_of(answer)
    for words in ("overdue", "−18 m", "1 h 12 m", "Acme", "Resolution", "Nobody"):
        assert words in page


def test_what_is_due_within_the_hour_is_coloured_whatever_its_target(desk: Client, due):
    for after in (-HOUR, 59 * MINUTE, 61 * MINUTE, 2 * HOUR):
        due(after)
    states = [row.badge.state for row in desk.get(BOARD).context["rows"]]
    assert states == ["late", "warn", "ok", "ok"]


def test_an_empty_board_is_calm(desk: Client, due):
    due(9 * HOUR)
    assert "Nothing is due within the next 8 hours." in text_of(desk.get(BOARD))


def test_overdue_tickets_leave_room_for_what_can_still_be_kept(desk: Client, due):
    late = [due(-n * HOUR).pk for n in range(20, 0, -1)]
    ahead = [due(n * MINUTE).pk for n in range(1, 15)]
    answer = desk.get(BOARD)
    assert shown(answer) == late[:6] + ahead[:6]
    assert (answer.context["late"].count, answer.context["ahead"].count) == (14, 8)
    assert "and 14 more overdue · and 8 more within 8 hours" in text_of(answer).replace("\n", "")


def test_few_ahead_leave_more_rows_to_the_overdue(desk: Client, due):
    late = [due(-n * HOUR).pk for n in range(20, 0, -1)]
    ahead = due(HOUR).pk
    assert shown(desk.get(BOARD)) == [*late[:11], ahead]


def test_no_more_are_counted_than_need_be(desk: Client, due, monkeypatch):
    monkeypatch.setattr(board, "MOST_COUNTED", 2)
    monkeypatch.setattr(board, "MOST_MORE", 1)
    for _ in range(16):
        due(HOUR)
    answer = desk.get(BOARD)
    assert [figure.words for figure in answer.context["figures"]] == ["2+", "0", "0", "2+", "2+"]
    assert answer.context["ahead"].count == 2
    assert "and 1+ more within 8 hours" in text_of(answer)


def test_only_what_the_viewer_may_see_counts(desk: Client, admins_desk: Client, due, admin, clock):
    team = TeamFactory(name="Hidden", is_private=True, members=[AgentFactory()])
    hidden = due(HOUR)
    actions.hand_over(hidden.pk, team, actor=as_agent(admin), at=clock.now)
    answer = desk.get(BOARD)
    assert (figures(answer), shown(answer)) == ([0, 0, 0, 0, 0], [])
    assert "Hidden" not in text_of(answer)
    assert "All but private teams" not in text_of(answer)
    for address in (BOARD, NOW):
        assert desk.get(address, {"team": team.pk}).status_code == 404
        assert admins_desk.get(address, {"team": team.pk}).status_code == 200


@pytest.mark.parametrize("address", [BOARD, NOW])
def test_a_private_team_is_on_the_wall_only_when_it_is_chosen(
    desk: Client, due, agent, clock, address
):
    private = TeamFactory(name="Board of directors", is_private=True, members=[agent])
    hidden, plain, of_team = due(HOUR), due(2 * HOUR), due(3 * HOUR)
    actions.hand_over(hidden.pk, private, actor=as_agent(agent), at=clock.now)
    actions.hand_over(of_team.pk, TeamFactory(), actor=as_agent(agent), at=clock.now)
    answer = desk.get(address)
    assert (figures(answer), shown(answer)) == ([2, 0, 0, 2, 2], [plain.pk, of_team.pk])
    chosen = desk.get(address, {"team": private.pk})
    assert (figures(chosen), shown(chosen)) == ([1, 0, 0, 1, 1], [hidden.pk])
    assert "All but private teams" in text_of(desk.get(BOARD))


def test_a_team_has_a_board_of_its_own(desk: Client, due, agent, clock):
    team = TeamFactory(name="Night shift")
    of_team = due(30 * MINUTE)
    due(2 * HOUR)
    actions.hand_over(of_team.pk, team, actor=as_agent(agent), at=clock.now)
    for address in (BOARD, NOW):
        answer = desk.get(address, {"team": team.pk})
        assert shown(answer) == [of_team.pk]
        assert figures(answer) == [1, 0, 1, 1, 1]
    assert f"{NOW}?team={team.pk}" in text_of(desk.get(BOARD, {"team": team.pk}))
    for wrong in ("9" * 30, "x", "0"):
        assert desk.get(BOARD, {"team": wrong}).status_code == 404


def test_spam_is_on_no_wall(desk: Client, due, agent, clock):
    ticket = due(HOUR)
    actions.mark_spam(ticket.pk, actor=as_agent(agent), at=clock.now)
    assert figures(desk.get(BOARD)) == [0, 0, 0, 0, 0]


def test_the_queue_of_what_breaches_soon_leads_to_the_board(desk: Client, due):
    assert BOARD in text_of(desk.get(reverse("workspace:queue"), {"view": "breaching"}))


@pytest.mark.parametrize("address", [BOARD, NOW])
def test_the_board_costs_the_same_queries_however_much_is_due(desk: Client, due, address):
    counts = []
    for size in (2, 20):
        for n in range(size):
            due((n - size // 2) * MINUTE)
        desk.get(address)
        with CaptureQueriesContext(connection) as queries:
            desk.get(address)
        counts.append(len(queries))
    assert counts[0] == counts[1]
