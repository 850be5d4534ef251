"""A small desk to write mails from: one team, two agents, a private team, a customer."""

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from accounts.actor import Actor
from accounts.models import DeskSettings, Team, User
from channels import tasks
from tests.conftest import Clock
from tests.factories import AgentFactory, UserFactory
from tickets import actions, publishing
from tickets.actions import Filing
from tickets.models import Ticket

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@dataclass
class Desk:
    """The people of the tests, and one ticket to talk about."""

    clock: Clock
    ana: User
    ben: User
    cleo: User
    kim: User
    team: Team

    def actor(self, user: User) -> Actor:
        """The person at the door that suits the role."""
        return Actor.of(user, door="agent" if user.is_staff_member else "web")

    def file(self) -> Ticket:
        """File as the customer; the desk hands it to the team at once."""
        filing = Filing(
            subject="Export fails", body="Since 2.4.1 it **fails**.", requester=self.kim,
            category="corrective",
        )  # fmt: skip
        ticket = actions.open_ticket(filing, actor=self.actor(self.kim), at=self.clock.now)
        actions.hand_over(ticket.number, self.team, actor=Actor.system(), at=self.clock.now)
        return ticket

    def settle(self) -> None:
        """Publish what was committed, tell the subscribers, and send what is due."""
        publishing.publish_pending(self.clock.now)
        publishing.deliver_pending(self.clock.now)
        tasks.send()

    def settle_all(self) -> None:
        """The same, once the undo window of every reply is over."""
        self.settle()
        self.clock.forward(seconds=11)
        self.settle()


@pytest.fixture
def desk(db: None, clock: Clock) -> Desk:
    """A desk in Vienna with the agents Ana and Ben; Cleo works in no team, Kim is a customer."""
    clock.set(START)
    DeskSettings.objects.create(pk=1, company="Ledger Support", time_zone="Europe/Vienna")
    ana = AgentFactory(email="ana@desk.example", name="Ana")
    ben = AgentFactory(email="ben@desk.example", name="Ben")
    cleo = AgentFactory(email="cleo@desk.example", name="Cleo")
    kim = UserFactory(email="kim@acme.example", name="Kim")
    team = Team.objects.create(name="First line", signature="Yours, first line", created_at=START)
    team.members.set([ana, ben])
    return Desk(clock, ana, ben, cleo, kim, team)
