"""Who has a ticket: assignee, team, watchers."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import Team, User
from tickets.actions._door import change, lock
from tickets.actions.sharing import share_out
from tickets.actions.status import to_open
from tickets.errors import Invalid, NotAllowed
from tickets.events import plain, record
from tickets.models import Event, Status, Watch

Kind = Event.Kind


@transaction.atomic
def assign(number: int, assignee: User, *, actor: Actor, at: datetime) -> Event | None:
    """Give the ticket to a person; a new ticket is open from then on.

    :raises Invalid: the person does not work at the desk, or could not see the ticket.
    """
    ticket = lock(number, actor, "assign")
    refuse_outsider(assignee, ticket.team)
    event = change(ticket, Kind.ASSIGNED, actor=actor, at=at, assignee=assignee)
    if ticket.status == Status.NEW:
        to_open(ticket, actor=actor, at=at)
    return event


@transaction.atomic
def take(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Assign the ticket to the one who acts.

    :raises NotAllowed: no person acts.
    """
    if actor.user is None:
        raise NotAllowed
    return assign(number, actor.user, actor=actor, at=at)


@transaction.atomic
def unassign(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Give the ticket back to its team, or to everybody."""
    ticket = lock(number, actor, "assign")
    return change(ticket, Kind.UNASSIGNED, actor=actor, at=at, assignee=None)


@transaction.atomic
def hand_over(number: int, team: Team | None, *, actor: Actor, at: datetime) -> Event | None:
    """Hand the ticket to a team, or to all; an assignee who cannot see it there loses it.

    A private team hides the ticket from everybody else at once, the giver included. A team that
    shares out gives it to a member, unless its assignee keeps it.
    """
    ticket = lock(number, actor, "hand_over")
    event = change(ticket, Kind.TEAM_SET, actor=actor, at=at, team=team)
    if event and ticket.assignee and not _could_see(ticket.assignee, team):
        change(ticket, Kind.UNASSIGNED, actor=actor, at=at, assignee=None)
    if event and team and team.is_private:
        members = team.members.values("pk")
        outside = ticket.watches.exclude(user__in=members).exclude(user__role=User.Role.ADMIN)
        outside.delete()
    if event:
        share_out(ticket, at=at)
    return event


@transaction.atomic
def watch(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Hear of what happens on the ticket."""
    ticket = lock(number, actor, "watch")
    if actor.user is None:
        raise NotAllowed
    _watch, is_new = Watch.objects.get_or_create(ticket=ticket, user=actor.user)
    if not is_new:
        return None
    return record(ticket, Kind.WATCHED, actor=actor, at=at, after={"user": plain(actor.user)})


@transaction.atomic
def unwatch(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Hear no more of the ticket."""
    ticket = lock(number, actor, "watch")
    deleted, _rows = ticket.watches.filter(user=actor.user).delete()
    if not deleted:
        return None
    return record(ticket, Kind.UNWATCHED, actor=actor, at=at, before={"user": plain(actor.user)})


def refuse_outsider(assignee: User, team: Team | None) -> None:
    """Check that a person may have tickets of this team.

    :raises Invalid: not an active agent, or not in the private team.
    """
    if not assignee.is_active or not assignee.is_staff_member:
        raise Invalid(_("Only active agents can have tickets."), pointer="assignee")
    if not _could_see(assignee, team):
        raise Invalid(
            _("%(name)s is not in the private team of this ticket.")
            % {"name": assignee.display_name},
            pointer="assignee",
        )


def _could_see(person: User, team: Team | None) -> bool:
    if team is None or not team.is_private or person.is_desk_admin:
        return True
    return team.members.filter(pk=person.pk).exists()
