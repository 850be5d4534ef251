"""When a customer may expect our words: what pages, mails and the API tell, and nothing else."""

from datetime import datetime

from sla.models.policies import Metric
from tickets.models import Ticket

_WORDS = frozenset({Metric.FIRST_RESPONSE, Metric.NEXT_RESPONSE, Metric.UPDATE})


def answer_due(ticket: Ticket) -> datetime | None:
    """Say by when the ticket's requester hears from us; None when no answer is promised now.

    Costs no query where the clocks were prefetched.
    """
    return _earliest(ticket, _WORDS)


def solution_due(ticket: Ticket) -> datetime | None:
    """Say by when the ticket shall be solved; None when that is not promised now."""
    return _earliest(ticket, frozenset({Metric.RESOLUTION}))


def _earliest(ticket: Ticket, metrics: frozenset[Metric]) -> datetime | None:
    live = [
        clock.due_at
        for clock in ticket.clocks.all()
        if clock.metric in metrics and clock.ended_at is None and clock.due_at is not None
    ]
    return min(live, default=None)
