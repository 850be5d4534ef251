"""Sharing out: a ticket that comes to a team goes to the member whose turn it is."""

from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Func, IntegerField, OuterRef, When

from accounts.actor import Actor
from accounts.models import Team, User
from tickets.actions._door import change
from tickets.actions.status import to_open
from tickets.models import Event, Status, Ticket
from tickets.models.tickets import LIVE

MOST_COUNTED = 500


def share_out(ticket: Ticket, *, at: datetime) -> Event | None:
    """Assign a locked ticket of a team that shares out, unless somebody has it already.

    In the transaction that brought it to the team, so nobody sees it lie there for a moment.
    Tickets that come at once wait for each other at the team's row, so their turns differ.
    Nobody who is there: it stays unassigned.
    """
    team = ticket.team
    if team is None or team.sharing == Team.Sharing.OFF or ticket.assignee_id:
        return None
    if ticket.status not in LIVE:
        return None
    locked = Team.objects.select_for_update(no_key=True).get(pk=team.pk)
    person = _whose_turn(locked)
    if person is None:
        return None
    locked.given_last = person
    locked.save(update_fields=["given_last"])
    desk = Actor.system()
    event = change(
        ticket, Event.Kind.ASSIGNED, actor=desk, at=at, how=locked.sharing, assignee=person
    )
    if ticket.status == Status.NEW:
        to_open(ticket, actor=desk, at=at)
    return event


def _whose_turn(team: Team) -> User | None:
    """The next after whom it was last or, by load, who has fewest live tickets, counted to 500."""
    there = User.objects.working().filter(teams=team, is_away=False)
    turn = Case(
        When(pk__gt=team.given_last_id or 0, then=0), default=1, output_field=IntegerField()
    )
    if team.sharing == Team.Sharing.ROUND_ROBIN:
        return there.order_by(turn, "pk").first()
    live = Ticket.objects.live().filter(assignee=OuterRef("pk")).order_by().values("pk")
    load = Func(
        ArraySubquery(live[:MOST_COUNTED]), function="cardinality", output_field=IntegerField()
    )
    return there.order_by(load, turn, "pk").first()
