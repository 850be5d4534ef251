"""What reports count of answers: each ticket's first response on its day, with the wait for it.

It goes by the clocks as they stand, not by outcomes: a promise that was broken before the answer
came keeps the outcome of its breach (docs/sla.md R3), while its clock ends with the answer.
"""

from collections.abc import Sequence
from datetime import date
from zoneinfo import ZoneInfo

from sla.models import Clock
from sla.models.policies import Metric
from tickets.measures import TOOK, Happened, Measure, days_of
from tickets.models import Event, Tally

Kind = Event.Kind


def _answered(events: Sequence[Happened], zone: ZoneInfo) -> set[date]:
    """The days on which tickets were answered, also by words that were taken back since."""
    clocks = Clock.objects.filter(
        metric=Metric.FIRST_RESPONSE, ticket__in={each.ticket for each in events}
    )
    withdrawn = [each.message for each in events if each.kind == Kind.MESSAGE_WITHDRAWN]
    written = Event.objects.filter(message__in=withdrawn, kind=Kind.MESSAGE_ADDED)
    return days_of(clocks.values_list("ended_at", flat=True), zone) | days_of(
        written.values_list("at", flat=True), zone
    )


MEASURES = [
    Measure(
        name=Tally.Measure.ANSWERED,
        rows="sla_clock c JOIN tickets_ticket k ON k.number = c.ticket_id",
        which=(
            "c.metric = 'first_response' AND c.reason = ''"  # as sla.models.clocks.ANSWERED
            " AND c.ended_at >= %(start)s AND c.ended_at < %(end)s AND k.merged_into_id IS NULL"
        ),
        seconds="extract(epoch FROM c.ended_at - c.started_at)::bigint",
        keys={"all": "''", "category": "t.category", "product": "t.product", **TOOK},
        moved=_answered,
    ),
]
