"""Letting live clocks follow an edit, in chunks that a crash does not lose (docs/sla.md T6).

Also what changes without an edit: an organisation or the desk that moved to another zone (T9),
and a newer release of the zone rules (C8). Agreements leave a rollout for their first and last
instant when they are saved.
"""

import logging
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from accounts import doorbell
from accounts.models import DeskSettings
from sla import choosing
from sla.calendar_documents import zone_version
from sla.happenings import METRICS
from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Calendar, CalendarVersion, Clock, Policy, PolicyVersion, Rollout, Standing
from tickets.models import Status, Ticket
from tickets.models.tickets import TicketQuerySet

CHUNK = 200
MOST_CHUNKS = 50  # so that a worker can be stopped within seconds
log = logging.getLogger(__name__)


def leave(**values: Any) -> Rollout:
    """Leave an edit for live clocks to follow, and ask a worker to begin once it is stored."""
    rollout = Rollout.objects.create(**values)
    transaction.on_commit(_ring)
    return rollout


def follow_changes(at: datetime) -> int:
    """Bring live clocks to what is promised at `at`; gives the number of tickets looked at.

    What is left after MOST_CHUNKS is for another call, which a worker is asked for.
    """
    _renew_calendars(at)
    _notice_zones(at)
    looked_at, chunks = 0, 0
    waiting = Rollout.objects.filter(done_at__isnull=True, effective_from__lte=at).order_by("id")
    for pk in list(waiting.values_list("pk", flat=True)):
        try:
            while chunks < MOST_CHUNKS and (tickets := _follow_chunk(pk, at)):
                looked_at += tickets
                chunks += 1
        except ValueError:  # one edit that cannot be read must not stop all others
            log.exception("Rollout %s cannot be followed", pk)
    if chunks == MOST_CHUNKS:
        _ring()
    return looked_at


@transaction.atomic
def _follow_chunk(pk: int, at: datetime) -> int:
    """Take the next tickets of a rollout; 0 when it is done or another worker has it."""
    rollout = (
        Rollout.objects.select_for_update(skip_locked=True)
        .filter(pk=pk, done_at__isnull=True)
        .first()
    )
    if rollout is None:
        return 0
    numbers = list(concerned(rollout).filter(pk__gte=rollout.next_number)[:CHUNK])
    tickets = list(
        Ticket.objects.select_for_update(of=("self",), no_key=True)
        .select_related("organisation")
        .filter(pk__in=numbers)
        .exclude(status=Status.CLOSED)
        .order_by("number")
    )
    choices = choosing.follow(
        tickets,
        # From the instant of the edit on, or from the ticket's last event if that is later.
        at=lambda ticket: max(rollout.effective_from, ticket.updated_at),
        as_made=True,
    )
    new = {choice.ticket_id for choice in choices}
    settle([ticket for ticket in tickets if ticket.pk in new], happenings_of(new), at)
    if numbers:
        rollout.next_number = numbers[-1] + 1
        rollout.looked_at += len(numbers)
        rollout.changed += len(new)
    else:
        rollout.done_at = at
    rollout.save(update_fields=["next_number", "looked_at", "changed", "done_at"])
    return len(numbers)


def concerned(rollout: Rollout) -> QuerySet[Ticket, int]:
    """List the numbers of the tickets that may be promised something else, in their order.

    Closed ones never change again.
    """
    tickets = Ticket.objects.exclude(status=Status.CLOSED)
    if rollout.organisation_id is not None:
        tickets = tickets.filter(organisation=rollout.organisation_id)
    elif rollout.calendar_version is not None:
        tickets = open_tickets_on(rollout.calendar_version.calendar_id)
    elif rollout.policy_id is not None:
        versions = PolicyVersion.objects.filter(policy=rollout.policy_id)
        tickets = tickets.filter(pk__in=_promised(versions))
    return tickets.order_by("number").values_list("number", flat=True)


def policies_on(calendar: int) -> list[Policy]:
    """The policies that ever counted anything on this calendar, in their order."""
    return list(
        Policy.objects.filter(versions__in=_using(calendar))
        .distinct()
        .order_by("is_default", "position", "pk")
    )


def open_tickets_on(calendar: int) -> TicketQuerySet:
    """The tickets that an edit of this calendar lets be worked out again."""
    return Ticket.objects.exclude(status=Status.CLOSED).filter(pk__in=_promised(_using(calendar)))


def _ring() -> None:
    from sla.tasks import follow_changes  # here, because the task module imports this one

    doorbell.ring(follow_changes)


def _using(calendar: int) -> QuerySet[PolicyVersion]:
    """The policy versions that count anything on this calendar (docs/sla.md T9)."""
    uses = Q(calendar=calendar)
    for metric in METRICS:
        uses |= Q(**{f"document__calendars__{metric}": calendar})
    return PolicyVersion.objects.filter(uses)


def _promised(versions: QuerySet[PolicyVersion]) -> QuerySet[Standing, int]:
    wanted = list(versions.values_list("pk", flat=True))  # a list, so that its index is used
    return Standing.objects.filter(policy_version__in=wanted).values_list("ticket", flat=True)


def _notice_zones(at: datetime) -> None:
    desk = DeskSettings.objects.values("time_zone")[:1]
    expected = Coalesce(
        NullIf("ticket__organisation__time_zone", Value("")), Subquery(desk), Value("UTC")
    )
    moved = (
        Clock.objects.filter(ended_at__isnull=True)
        .exclude(choice__zone="")
        .annotate(expected=expected)
        .exclude(choice__zone=F("expected"))
        .values_list("ticket__organisation", flat=True)
        .distinct()
    )
    waiting = set(
        Rollout.objects.filter(done_at__isnull=True, effective_from__lte=at).values_list(
            "organisation", flat=True
        )
    )
    for organisation in list(moved):
        if organisation not in waiting:
            leave(organisation_id=organisation, effective_from=at, created_at=at)


def _renew_calendars(at: datetime) -> None:
    stale = Calendar.objects.exclude(current__tzdata=zone_version())
    for pk in list(stale.order_by("pk").values_list("pk", flat=True)):
        renew(pk, at=at)


@transaction.atomic
def renew(
    pk: int,
    *,
    at: datetime,
    document: object = None,
    by: str = "",
    counted_from: datetime | None = None,
) -> CalendarVersion:
    """Make the next version of a calendar, its document unchanged unless given; clocks follow."""
    calendar = Calendar.objects.select_for_update(of=("self",)).get(pk=pk)
    current = calendar.current
    version = CalendarVersion.objects.create(
        calendar=calendar,
        number=current.number + 1 if current else 1,
        document=document if document is not None or current is None else current.document,
        tzdata=zone_version(),
        counted_from=counted_from,
        created_at=at,
        created_by=by,
    )
    calendar.current = version
    calendar.save(update_fields=["current"])
    leave(
        calendar_version=version, effective_from=at, created_at=at, created_by=by,
        what=f"{calendar.name} {version.number}",
    )  # fmt: skip
    return version
