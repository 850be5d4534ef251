"""Who acts, and through which door: handed to every action instead of five arguments."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from accounts.models import Team, Token, User

Door = Literal["web", "agent", "api", "email", "system"]


@dataclass(frozen=True)
class Actor:
    """A person, an integration, the desk itself, or nobody yet; with the door used.

    An actor lives as long as one request or one piece of work, and keeps its rights for that long.
    `only_ticket` narrows the actor to one ticket: somebody who came by its private link.
    `in_hand` is the ticket that the actor was allowed to take up and holds locked: steps finish
    their work on it although one of them hides it.
    """

    user: User | None = None
    token: Token | None = None
    door: Door = "system"
    request_id: str = ""
    only_ticket: int | None = None
    in_hand: int | None = None
    caused_by: int | None = None
    called: str = ""

    @classmethod
    def system(cls, caused_by: int | None = None) -> "Actor":
        """The desk itself: beat, projections, rules."""
        return cls(caused_by=caused_by)

    @classmethod
    def of(cls, user: User, *, door: Door, request_id: str = "") -> "Actor":
        """A signed-in person at a door."""
        return cls(user=user, door=door, request_id=request_id)

    @classmethod
    def anonymous(cls, *, door: Door = "web", request_id: str = "") -> "Actor":
        """Somebody who has not said who they are."""
        return cls(door=door, request_id=request_id)

    def speaking_for(self, person: User) -> "Actor":
        """The same door and token with another person's voice (scope `people:act_as`)."""
        return replace(self, user=person)

    def calling_itself(self, name: str) -> "Actor":
        """The same actor by the name that somebody gave who has proven nothing."""
        return replace(self, called=name)

    def with_in_hand(self, number: int) -> "Actor":
        """The same actor in the midst of several changes to one locked ticket."""
        return replace(self, in_hand=number)

    @property
    def is_system(self) -> bool:
        """Whether no person and no token acts, from inside the desk."""
        return self.door == "system" and self.user is None and self.token is None

    @property
    def is_bot(self) -> bool:
        """Whether an integration acts in its own name: never a response for the SLA."""
        return self.token is not None and self.user is None

    @property
    def is_anonymous(self) -> bool:
        """Whether nobody is known to stand at the door."""
        return self.user is None and self.token is None and self.door != "system"

    @property
    def is_customer(self) -> bool:
        """Whether a customer acts (a person by a ticket's link is one, whatever the role)."""
        if self.user is None:
            return False
        return self.only_ticket is not None or not self.user.is_staff_member

    @property
    def is_agent(self) -> bool:
        """Whether an agent, an admin or an integration acts."""
        if self.is_bot:
            return True
        return self.user is not None and self.user.is_staff_member and self.only_ticket is None

    @property
    def is_admin(self) -> bool:
        """Whether the actor sees and may do everything."""
        if self.is_system:
            return True
        if self.is_bot:
            return self.has_scope("admin")
        return self.is_agent and self.user is not None and self.user.is_desk_admin

    @cached_property
    def hidden_teams(self) -> tuple[int, ...]:
        """The private teams whose tickets stay hidden, looked up once: mostly there are none."""
        return tuple(Team.objects.hidden_from(self).values_list("pk", flat=True))

    @property
    def sees_all(self) -> bool:
        """Whether no ticket is hidden from the actor."""
        return self.is_admin or (self.is_agent and not self.hidden_teams)

    @property
    def is_human_agent(self) -> bool:
        """Whether a person of the desk speaks: what counts as a response (docs/sla.md K6)."""
        return self.is_agent and self.user is not None

    @property
    def name(self) -> str:
        """What the history calls the actor."""
        if self.called:
            return self.called
        if self.user is not None:
            return self.user.display_name
        return self.token.name if self.token else ""

    def has_scope(self, scope: str) -> bool:
        """Whether the token, if one is used, was given this scope."""
        return self.token is None or scope in self.token.scopes
