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
    choice = None
    if event.kind in history.CHOOSING:
        choice = choosing.follow(ticket, sequence=event.sequence, at=event.at)
        if choice is None and "status" not in event.after:
            return
    if event.kind == Event.Kind.OPENED:
        fact = history.Fact(ticket.pk, event.sequence, event.kind, event.at, event.after)
        stories = {ticket.pk: history.told(fact, [choice] if choice else [])}
    else:
        stories = history.happenings_of([ticket.pk])
    settle([ticket], stories, event.at)
