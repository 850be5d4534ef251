"""Home shows an agent what needs them now, and nothing else."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from tests.factories import AgentFactory, TeamFactory, as_agent, file_ticket
from tests.workspace.conftest import text_of
from tickets import actions, publishing

pytestmark = pytest.mark.usefixtures("clock")
HOME = "/agent/home/"


def shown(client: Client) -> dict[str, list[int]]:
    sections = client.get(HOME).context["sections"]
    return {str(each.icon): [ticket.number for ticket, _badge in each.rows] for each in sections}


def test_each_list_holds_what_its_name_says_and_each_ticket_stands_once(
    desk: Client, agent: User, clock
):
    late = file_ticket(category="corrective", at=clock.now - timedelta(days=30))
    mine = file_ticket(category="corrective", at=clock.now)
    actions.assign(mine.number, agent, actor=as_agent(agent), at=clock.now)
    new = file_ticket(category="corrective", at=clock.now)
    of_another = file_ticket(category="corrective", at=clock.now)
    actions.assign(of_another.number, AgentFactory(), actor=as_agent(agent), at=clock.now)
    foreign = TeamFactory()
    in_foreign_team = file_ticket(category="corrective", at=clock.now)
    actions.hand_over(in_foreign_team.number, foreign, actor=as_agent(agent), at=clock.now)
    assert shown(desk) == {
        "flame": [late.number], "reply": [mine.number], "inbox": [new.number],
    }  # fmt: skip


def test_a_private_team_s_tickets_stand_on_its_members_homes_alone(
    desk: Client, agent: User, clock
):
    private = TeamFactory(is_private=True)
    private.members.add(agent)
    hidden = file_ticket(category="corrective", at=clock.now)
    actions.hand_over(hidden.number, private, actor=as_agent(agent), at=clock.now)
    assert shown(desk)["inbox"] == [hidden.number]
    private.members.clear()
    assert shown(desk)["inbox"] == []


def test_what_the_bell_told_stands_there_until_it_is_read(desk: Client, agent: User, clock):
    ticket = file_ticket(category="corrective", at=clock.now)
    actions.assign(ticket.number, agent, actor=as_agent(), at=clock.now)
    publishing.publish_pending(clock.now)
    publishing.deliver_pending(clock.now)
    told = desk.get(HOME).context["told"]
    assert {line.ticket_id for line, _about in told} == {ticket.number}
    assert f"#{ticket.number}" in text_of(desk.get(HOME))
    desk.post("/agent/notifications/read/", {})
    assert not desk.get(HOME).context["told"]


def test_an_agent_who_is_needed_nowhere_is_led_on(desk: Client):
    page = text_of(desk.get(HOME))
    assert "Nothing needs you now" in page
    assert "Go to the queue" in page


def test_the_number_of_queries_does_not_grow(desk: Client, agent: User, clock):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert desk.get(HOME).status_code == 200
        return len(caught)

    file_ticket(category="corrective", at=clock.now)
    queries()
    few = queries()
    for _ in range(12):
        ticket = file_ticket(at=clock.now - timedelta(days=3))
        actions.assign(ticket.number, agent, actor=as_agent(agent), at=clock.now)
        file_ticket(category="corrective", at=clock.now)
    assert queries() == few
