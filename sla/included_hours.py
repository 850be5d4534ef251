"""How much of an agreement's included hours is used, month by month (docs/sla.md T11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from accounts.actor import Actor
from sla.agreement_days import DeskDays
from sla.attainment import Period
from sla.models import Agreement
from tickets.models import Event, Ticket, TimeEntry
from tickets.models.tickets import TicketQuerySet

_TIME = (Event.Kind.TIME_LOGGED, Event.Kind.TIME_CHANGED, Event.Kind.TIME_DELETED)


@dataclass(frozen=True)
class Use:
    """What of an agreement's hours was used in those of its days that lie in one month."""

    agreement: Agreement
    first: date
    last: date
    seconds: int

    @property
    def percent(self) -> int | None:
        """How much of what is included, in whole per cent; None where nothing is included."""
        included = (self.agreement.hours_a_month or 0) * 3600
        return self.seconds * 100 // included if included else None

    @property
    def is_over(self) -> bool:
        """Whether more was used than is included."""
        return self.seconds > (self.agreement.hours_a_month or 0) * 3600


def use_of(
    agreements: Sequence[Agreement], first: date, last: date, actor: Actor
) -> Mapping[int, list[Use]]:
    """Give by agreement with included hours its use in each month, in one query.

    All are of one organisation; from `first` to `last` are whole months. What the actor does not
    see is left out.
    """
    days = DeskDays()
    parts = {
        each: found
        for each in agreements
        if each.hours_a_month and (found := _parts(each, first, last, days))
    }
    if not parts:
        return {}
    sums = {f"of_{each.pk}": Sum("minutes", filter=_own(each, parts[each])) for each in parts}
    months: Any = (
        _logged(agreements[0], first, last, actor)
        .annotate(month=TruncMonth("worked_on"))
        .values("month")
        .annotate(**sums)
        .order_by("month")
    )
    minutes = {(name, row["month"]): row[name] or 0 for row in months for name in sums}
    return {
        each.pk: [
            Use(each, begin, end, 60 * minutes.get((f"of_{each.pk}", begin.replace(day=1)), 0))
            for begin, end in found
        ]
        for each, found in parts.items()
    }


def newest(agreement: Agreement, actor: Actor, at: datetime, most: int) -> list[Use]:
    """Give the use in each month up to that of `at`, the newest first, at most so many."""
    today = at.astimezone(DeskDays().zone).date()
    year, month = divmod(today.year * 12 + today.month - most, 12)
    last = _following(today) - timedelta(days=1)
    months = use_of([agreement], date(year, month + 1, 1), last, actor)
    return months.get(agreement.pk, [])[::-1]


def changed_after(
    agreements: Sequence[Agreement], period: Period, actor: Actor
) -> datetime | None:
    """Say when time of a period was last logged, corrected or deleted after it was over."""
    if not any(each.hours_a_month for each in agreements):
        return None
    logged = _logged(agreements[0], period.first, period.last, actor).values_list("pk", flat=True)
    days = (period.first.isoformat(), period.last.isoformat())
    changed: datetime | None = (
        Event.objects.filter(kind__in=_TIME, at__gte=period.end)
        .filter(ticket__in=_tickets(agreements[0], actor))
        .filter(
            Q(after__worked_on__range=days) | Q(before__worked_on__range=days)
            | Q(after__entry__in=list(logged))
        )
        .aggregate(changed=Max("at"))["changed"]
    )  # fmt: skip
    return changed


def _parts(
    agreement: Agreement, first: date, last: date, days: DeskDays
) -> list[tuple[date, date]]:
    """Give the days of each month on which the agreement holds."""
    begin = max(first, days.first(agreement))
    end = min(last, days.last(agreement) or last)
    parts = []
    while begin <= end:
        following = _following(begin)
        parts.append((begin, min(end, following - timedelta(days=1))))
        begin = following
    return parts


def _following(day: date) -> date:
    """Give the first day of the next month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _tickets(agreement: Agreement, actor: Actor) -> TicketQuerySet:
    found = Ticket.objects.visible_to(actor)
    return found.filter(organisation=agreement.organisation_id, is_spam=False).only("pk")


def _logged(agreement: Agreement, first: date, last: date, actor: Actor) -> QuerySet[TimeEntry]:
    """The time of an agreement's organisation in some days."""
    return TimeEntry.objects.filter(
        ticket__in=_tickets(agreement, actor), worked_on__range=(first, last)
    )


def _own(agreement: Agreement, parts: Sequence[tuple[date, date]]) -> Q:
    """What of the time of its organisation an agreement pays for."""
    condition = Q(is_billable=True, worked_on__range=(parts[0][0], parts[-1][1]))
    products = [cover.product_id for cover in agreement.covers.all()]
    if None not in products:
        condition &= Q(ticket__product__in=products)
    if contacts := [person.pk for person in agreement.contacts.all()]:
        condition &= Q(ticket__requester__in=contacts)
    return condition
