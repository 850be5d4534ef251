"""The people about a ticket, looked up once for many events."""

from collections.abc import Sequence

from accounts.models import User
from channels.models import Notification, Outgoing
from sla.models import Standing
from tickets.models import Event, Ticket

Owed = list[tuple[str, User]]


class Audience:
    """Finds who has a ticket, who looks after it, and whom a step names."""

    def __init__(self) -> None:
        self._teams: dict[int | None, list[User]] = {}

    def at_work(self, ticket: Ticket) -> list[User]:
        """Who has it, and who watches it (prefetched: `watches__user`)."""
        watchers = sorted((watch.user for watch in ticket.watches.all()), key=lambda one: one.pk)
        return [*self.responsible(ticket), *watchers]

    def responsible(self, ticket: Ticket) -> Sequence[User]:
        """The assignee, or the team when nobody has it."""
        return [ticket.assignee] if ticket.assignee else self.team(ticket)

    def team(self, ticket: Ticket) -> Sequence[User]:
        """The people who look after tickets that nobody has."""
        if ticket.team_id not in self._teams:
            people = ticket.team.members.all() if ticket.team else User.objects.all()
            staff = people.filter(is_active=True, role__in=User.STAFF).order_by("pk")
            self._teams[ticket.team_id] = list(staff)
        return self._teams[ticket.team_id]

    def named(self, one: str | int, ticket: Ticket) -> Sequence[User]:
        """Whom the step of a policy or a rule names: by a word, or by the key of a person."""
        if one == "assignee":
            return [ticket.assignee] if ticket.assignee else []
        if one == "team":
            return self.team(ticket)
        if one == "account_manager":
            standing = Standing.objects.filter(ticket=ticket)
            return list(User.objects.filter(pk__in=standing.values("agreement__account_manager")))
        return list(User.objects.filter(pk=one))

    def told_of_breach(self, correction: Event) -> Sequence[User]:
        """Who heard of the breach that this event takes back, by mail or at the bell."""
        breach = {
            f"event__after__{name}": correction.after[name]
            for name in ("metric", "seq", "generation")
        }
        about = {"event__ticket": correction.ticket_id, "kind": Outgoing.Kind.BREACH, **breach}
        return list(
            User.objects.filter(mails__in=Outgoing.objects.filter(**about))
            .union(User.objects.filter(notifications__in=Notification.objects.filter(**about)))
            .order_by("id")
        )
