"""On each event of a ticket: choose its policy, work out its clocks, store what they promise."""

from sla import choosing, history
from sla.ledger import settle
from tickets.models import Event, Ticket


def project(ticket: Ticket, event: Event) -> None:
    """Bring the clocks up to an event of its ticket, inside the event's own transaction.

    Judges first: the breach that a late reply reveals is recorded with the reply.
    """
    if not history.matters(event):
        return
    choices = []
    if event.kind in choosing.CHOOSING:
        is_new = event.kind == Event.Kind.OPENED
        choices = choosing.follow([ticket], at=lambda _: event.at, are_new=is_new)
        if not choices and "status" not in event.after:
            return
    if event.kind == Event.Kind.OPENED:
        fact = history.Fact(ticket.pk, event.sequence, event.kind, event.at, event.after)
        stories = {ticket.pk: history.told(fact, choices)}
    else:
        stories = history.happenings_of([ticket.pk])
    settle([ticket], stories, event.at)
