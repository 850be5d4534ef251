"""How one organisation was served in a month: its tickets and promises.

Tickets are counted as they stood when the month was over (docs/sla.md A2): what was changed since
is taken back with the help of their events, so that the numbers stay as long as the organisation's
zone does. Names, agreements and logged time are today's, and it holds what its reader may see.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.dateparse import parse_datetime

from accounts.actor import Actor
from accounts.models import DeskSettings, Organisation
from sla import attainment, included_hours
from sla.attainment import Period, Share
from sla.included_hours import Use
from sla.models import Agreement, Clock, Metric, Outcome
from tickets.models import Category, Event, Ticket
from tickets.models.tickets import LIVE, TicketQuerySet

MOST_MISSED = 100
_REWOUND = (
    "status", "category", "category_confirmed_at", "organisation", "is_spam", "resolved_at",
    "closed_at", "merged_into",
)  # fmt: skip


@dataclass(frozen=True)
class Count:
    """Tickets of a category, "" where no agent had confirmed one: filed and solved in the month,
    open at its end."""

    category: str
    filed: int = 0
    solved: int = 0
    open: int = 0


@dataclass(frozen=True)
class ServiceReport:
    """One organisation's month, as far as the reader may see its tickets."""

    organisation: Organisation
    period: Period
    agreements: list[Agreement]
    counts: list[Count]
    promises: list[attainment.Line]
    missed: list[Outcome]
    missed_unlisted: int  # beyond MOST_MISSED, or on tickets that are no more its own
    hours: Mapping[int, Use]  # of the included ones, by agreement
    hours_changed_at: datetime | None  # when time of the month was last changed after its end

    @property
    def total(self) -> Count:
        """All categories together."""
        return Count(
            "",
            sum(count.filed for count in self.counts),
            sum(count.solved for count in self.counts),
            sum(count.open for count in self.counts),
        )

    @property
    def kept(self) -> Share:
        """All promises together."""
        return Share(
            sum(line.met for line in self.promises), sum(line.breached for line in self.promises)
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened in it."""
        return not self.counts and not self.promises


def month_of(organisation: Organisation, day: date) -> Period:
    """Give the month in which a day lies, in the organisation's zone."""
    return Period.month(day, zone_of(organisation))


def zone_of(organisation: Organisation) -> ZoneInfo:
    """Give the organisation's zone, or else the desk's."""
    return ZoneInfo(organisation.time_zone or DeskSettings.current().time_zone)


def make(organisation: Organisation, period: Period, actor: Actor) -> ServiceReport:
    """Work the report out as far as the actor sees, with a constant number of queries."""
    lines = attainment.report(
        actor, period, by="metric", where={"organisation": organisation.pk}
    )  # fmt: skip
    tickets = _tickets(organisation, period, actor)
    missed = (
        attainment.ended(actor, period)
        .filter(organisation=organisation, state=Clock.State.BREACHED)
        .filter(clock__ticket__in=list(tickets), clock__ticket__organisation=organisation)
        .select_related("clock__ticket")
        .order_by("ended_at", "pk")[:MOST_MISSED]
    )
    agreements = (
        Agreement.objects.filter(organisation=organisation)
        .valid_between(period.start, period.end)
        .select_related("policy", "account_manager")
        .prefetch_related("covers__product", "contacts")
        .order_by("valid_from", "pk")
    )
    bought = list(agreements)
    use = included_hours.use_of(bought, period.first, period.last, actor)
    order = list(Metric.values)
    judged = [line for line in lines if line.judged or line.no_answer]
    shown = list(missed)
    return ServiceReport(
        organisation, period, bought, _counts(tickets.values(), period),
        sorted(judged, key=lambda line: order.index(line.key)),
        shown, sum(line.breached for line in lines) - len(shown),
        {pk: months[0] for pk, months in use.items()},
        included_hours.changed_after(bought, period, actor),
    )  # fmt: skip


def _tickets(
    organisation: Organisation, period: Period, actor: Actor
) -> dict[int, dict[str, Any]]:
    """Give, by number, how each ticket stood that was the organisation's at the month's end."""
    tickets = list(_concerned(organisation, period, actor))
    before = _before_changes(period.end, tickets)
    then = {ticket.pk: _as_of_end(ticket, before.get(ticket.pk, {})) for ticket in tickets}
    return {
        number: stood for number, stood in then.items()
        if stood["organisation"] == organisation.pk and not stood["is_spam"]
    }  # fmt: skip


def _counts(tickets: Iterable[Mapping[str, Any]], period: Period) -> list[Count]:
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for then in tickets:
        if then["merged_into"] is not None:
            continue
        counts = found[then["category"] if then["category_confirmed_at"] else ""]
        finished_at = then["resolved_at"] or then["closed_at"]
        counts["filed"] += then["created_at"] >= period.start
        counts["open"] += then["status"] in LIVE
        counts["solved"] += (
            then["status"] not in LIVE and finished_at is not None and finished_at >= period.start
        )
    return [
        Count(category, **found[category])
        for category in (*Category.values, "")
        if any(found[category].values())
    ]


def _concerned(organisation: Organisation, period: Period, actor: Actor) -> TicketQuerySet:
    """The organisation's tickets, now or then, that were not over before the month began."""
    its = Q(organisation=organisation)
    moves = Event.objects.filter(
        kind=Event.Kind.ORGANISATION_SET, at__gte=period.end,
        before__organisation__id=organisation.pk,
    )  # fmt: skip
    if moved := list(moves.values_list("ticket", flat=True)):
        its |= Q(pk__in=moved)
    late = Q(resolved_at__gte=period.start) | Q(closed_at__gte=period.start)
    return (
        Ticket.objects.visible_to(actor)
        .filter(its, Q(status__in=LIVE) | late, created_at__lt=period.end)
        .only("created_at", *_REWOUND)
    )


def _before_changes(end: datetime, tickets: Sequence[Ticket]) -> Mapping[int, dict[str, Any]]:
    """Give what stood in each column that was changed after the month, before that change."""
    events = (
        Event.objects.filter(
            ticket__in=[ticket.pk for ticket in tickets], at__gte=end,
            before__has_any_keys=list(_REWOUND),
        )
        .order_by("ticket", "sequence")
        .values_list("ticket", "before")
    )  # fmt: skip
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for number, before in events:
        found[number] = {**before, **found[number]}  # the first change says what stood there
    return found


def _as_of_end(ticket: Ticket, before: Mapping[str, Any]) -> dict[str, Any]:
    then = {
        "status": ticket.status, "category": ticket.category, "is_spam": ticket.is_spam,
        "category_confirmed_at": ticket.category_confirmed_at, "resolved_at": ticket.resolved_at,
        "closed_at": ticket.closed_at, "organisation": ticket.organisation_id,
        "created_at": ticket.created_at, "merged_into": ticket.merged_into_id,
    }  # fmt: skip
    return then | dict(_read_back(before))


def _read_back(before: Mapping[str, Any]) -> Iterable[tuple[str, Any]]:
    """Read columns back from the shape that events store."""
    for name in _REWOUND:
        if name not in before:
            continue
        value = before[name]
        if name in {"organisation", "merged_into"}:
            yield name, value and value["id"]
        elif name.endswith("_at"):
            yield name, value and parse_datetime(value)
        else:
            yield name, value
