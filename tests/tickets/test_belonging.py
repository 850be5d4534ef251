"""Random lives of tickets that are merged, linked, answered and closed, beside a small model.

After each step the desk must agree with the model: status, who reads which message, histories
without gaps, and clocks as the history gives them. A failure names its seed.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from accounts.models import User
from sla import audit, defaults, tasks
from tests.conftest import IS_DRILL
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions
from tickets.errors import Conflict
from tickets.models import Event, Message, Relation, Ticket

pytestmark = pytest.mark.django_db
SEEDS = range(300 if IS_DRILL else 6)
STEPS = 60 if IS_DRILL else 25
MINUTE = timedelta(minutes=1)


@dataclass(eq=False)
class Said:
    """A message as the model knows it."""

    body: str
    is_note: bool
    place: "Known"
    sent_to: "Known | None" = None
    may_split: bool = False


@dataclass(eq=False)
class Known:
    """A ticket as the model knows it."""

    row: Ticket
    owner: User
    is_private: bool
    status: str = "new"
    into: "Known | None" = None
    before: str = ""
    is_spam: bool = False
    said: list[Said] = field(default_factory=list)
    copied: set[User] = field(default_factory=set)

    @property
    def number(self) -> int:
        return self.row.number

    def is_read_by(self, person: User) -> bool:
        return person == self.owner or person in self.copied

    def home(self) -> "Known":
        return self.into.home() if self.into else self


class World:
    """Five tickets of two customers, one of them a private team's, somebody who is copied on some,
    and everybody who looks."""

    def __init__(self, seed: int) -> None:
        defaults.ensure()
        self.dice = random.Random(seed)
        self.now = MONDAY
        self.count = 0
        self.admin, insider = as_agent(AdminFactory()), AgentFactory()
        self.agents = {False: as_agent(AgentFactory()), True: as_agent(insider)}
        team = TeamFactory(is_private=True, members=[insider])
        self.ana, self.ben = UserFactory(name="Ana"), UserFactory(name="Ben")
        self.cleo = UserFactory(name="Cleo")
        self.tickets = [self.open(owner, None) for owner in (self.ana, self.ben) * 2]
        self.tickets.append(self.open(self.ben, team))

    def open(self, owner: User, team: object) -> Known:
        body = self.words()
        row = file_ticket(
            owner, body=body, team=team, category="support", at=self.now, actor=self.admin
        )
        known = Known(row, owner, team is not None)
        known.said.append(Said(body, is_note=False, place=known))
        return known

    def words(self) -> str:
        self.count += 1
        return f"words {self.count}"

    def step(self) -> str:
        """Do one thing at random to the desk and to the model."""
        self.now += MINUTE
        does = self.dice.choice(
            [self.merge, self.merge, self.unmerge, self.receive, self.receive, self.reply,
             self.note, self.pend, self.resolve, self.spam, self.unspam, self.link, self.split,
             self.copy, self.copy, self.receive_of_copied, self.ask_supplier]
        )  # fmt: skip
        ticket, other = self.dice.sample(self.tickets, 2)
        does(ticket, other)
        return f"{does.__name__} #{ticket.number} #{other.number}"

    def told(self) -> dict[str, object]:
        return {"actor": self.admin, "at": self.now}

    def merge(self, ticket: Known, other: Known) -> None:
        impossible = ticket.into or ticket.is_spam or other.status == "closed"
        if impossible:
            with pytest.raises(Conflict):
                actions.merge(ticket.number, other.number, **self.told())
            return
        actions.merge(ticket.number, other.number, **self.told())
        ticket.before, ticket.status, ticket.into = ticket.status, "closed", other

    def unmerge(self, ticket: Known, _other: Known) -> None:
        actions.unmerge(ticket.number, **self.told())
        if ticket.into:
            ticket.status, ticket.into = ticket.before, None

    def receive(self, ticket: Known, _other: Known) -> None:
        home = ticket.home()
        if home.status == "closed":
            return
        body = self.words()
        customer = as_customer(ticket.owner)
        actions.receive(ticket.number, body, actor=customer, at=self.now)
        foreign = ticket if ticket.owner != home.owner else None
        home.said.append(
            Said(body, is_note=False, place=home, sent_to=foreign, may_split=foreign is None)
        )
        if home.status in {"pending", "resolved"}:
            home.status = "open"

    def copy(self, ticket: Known, _other: Known) -> None:
        ticket.copied ^= {self.cleo}
        actions.set_cc(ticket.number, ticket.copied, **self.told())

    def receive_of_copied(self, ticket: Known, _other: Known) -> None:
        home = ticket.home()
        if home.status == "closed" or not ticket.copied:
            return
        body = self.words()
        actions.receive(ticket.number, body, actor=as_customer(self.cleo), at=self.now)
        is_apart = ticket is not home and not home.copied
        foreign = ticket if is_apart or ticket.owner != home.owner else None
        home.said.append(
            Said(body, is_note=False, place=home, sent_to=foreign, may_split=foreign is None)
        )
        if home.status in {"pending", "resolved"}:
            home.status = "open"

    def split(self, ticket: Known, _other: Known) -> None:
        words = [said for said in ticket.said if said.may_split]
        if not words or len(self.tickets) > 9:
            return
        said = self.dice.choice(words)
        message = Message.objects.get(ticket=ticket.row, body=said.body)
        row = actions.split(ticket.number, message.pk, **self.told())
        said.may_split = False
        made = Known(row, ticket.owner, ticket.is_private, copied=set(ticket.copied))
        made.said.append(Said(said.body, is_note=False, place=made, may_split=True))
        actions.set_category(row.number, "support", **self.told())
        self.tickets.append(made)

    def reply(self, ticket: Known, _other: Known) -> None:
        if ticket.status == "closed":
            return
        body = self.words()
        actions.reply(ticket.number, body, **self.told())
        ticket.said.append(Said(body, is_note=False, place=ticket))
        if ticket.status == "new":
            ticket.status = "open"

    def note(self, ticket: Known, _other: Known) -> None:
        body = self.words()
        actions.note(ticket.number, body, **self.told())
        ticket.said.append(Said(body, is_note=True, place=ticket))

    def ask_supplier(self, ticket: Known, _other: Known) -> None:
        body = self.words()
        actions.start_side(ticket.number, ["s@supplier.example"], "s", body, **self.told())
        ticket.said.append(Said(body, is_note=True, place=ticket))

    def pend(self, ticket: Known, _other: Known) -> None:
        if ticket.status in {"new", "open"}:
            actions.pend(ticket.number, **self.told())
            ticket.status = "pending"

    def resolve(self, ticket: Known, _other: Known) -> None:
        if ticket.status in {"new", "open", "pending"}:
            actions.resolve(ticket.number, **self.told())
            ticket.status = "resolved"

    def spam(self, ticket: Known, _other: Known) -> None:
        if ticket.into:
            with pytest.raises(Conflict):
                actions.mark_spam(ticket.number, **self.told())
        elif not ticket.is_spam:
            actions.mark_spam(ticket.number, **self.told())
            ticket.before, ticket.status, ticket.is_spam = ticket.status, "closed", True

    def unspam(self, ticket: Known, _other: Known) -> None:
        actions.unmark_spam(ticket.number, **self.told())
        if ticket.is_spam:
            ticket.status, ticket.is_spam = ticket.before, False

    def link(self, ticket: Known, other: Known) -> None:
        relation = self.dice.choice(["blocks", Relation.RELATES_TO, "caused_by"])
        actions.link(ticket.number, other.number, relation, **self.told())

    def part_of(self, ticket: Known) -> list[Known]:
        """The ticket and all that were merged into it."""
        return [ticket, *(each for each in self.tickets if self.leads_to(each, ticket))]

    def leads_to(self, ticket: Known, end: Known) -> bool:
        return ticket.into is end or (ticket.into is not None and self.leads_to(ticket.into, end))

    def check(self) -> None:
        """Compare the desk with the model."""
        for ticket in self.tickets:
            row = Ticket.objects.get(pk=ticket.number)
            assert row.status == ticket.status
            assert row.merged_into_id == (ticket.into.number if ticket.into else None)
            sequences = Event.objects.filter(ticket=row).order_by("sequence")
            assert list(sequences.values_list("sequence", flat=True)) == list(
                range(1, row.version + 1)
            )
            for sees_private, agent in self.agents.items():
                if sees_private or not ticket.is_private:
                    assert self.shown(row, agent) == self.for_agent(ticket, sees_private)
            for person in {ticket.owner, *ticket.copied}:
                assert self.shown(row, as_customer(person)) == self.for_customer(ticket, person)
        copied = Ticket.objects.visible_to(as_customer(self.cleo)).values_list("pk", flat=True)
        assert set(copied) == {each.number for each in self.tickets if each.copied}

    def shown(self, row: Ticket, actor: object) -> set[str]:
        seen = Message.objects.visible_to(actor, self.now + MINUTE).of_story(row, actor)
        return set(seen.values_list("body", flat=True))

    def for_agent(self, ticket: Known, sees_private: bool) -> set[str]:
        parts = [
            each
            for each in self.part_of(ticket)
            if each is ticket or sees_private or not each.is_private
        ]
        return {
            said.body
            for known in self.tickets
            for said in known.said
            if said.place in parts or said.sent_to is ticket
        }

    def for_customer(self, ticket: Known, person: User) -> set[str]:
        parts = [each for each in self.part_of(ticket) if each.is_read_by(person)]
        own = {None, *(each for each in self.tickets if each.is_read_by(person))}
        return {
            said.body
            for known in self.tickets
            for said in known.said
            if not said.is_note and said.sent_to in own
            if said.place in parts or said.sent_to is ticket
        }


@pytest.mark.parametrize("seed", SEEDS)
def test_the_desk_agrees_with_the_model_whatever_happens(seed):
    world = World(seed)
    story = []
    for _ in range(STEPS):
        story.append(world.step())
        try:
            world.check()
        except AssertionError as wrong:
            raise AssertionError(f"seed {seed}: {', '.join(story)}") from wrong
    tasks.sweep()
    assert list(audit.drift()) == [], f"seed {seed}: {', '.join(story)}"
