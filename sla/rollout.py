"""Letting live clocks follow an edit, in chunks that a crash does not lose (docs/sla.md T6).

Also what changes without an edit: an organisation or the desk that moved to another zone (T9),
and a newer release of the zone rules (C8). Agreements leave a rollout for their first and last
instant when they are saved.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf

from accounts.models import DeskSettings
from sla import choosing
from sla.calendar_documents import zone_version
from sla.history import happenings_of
from sla.ledger import settle
from sla.models import Calendar, CalendarVersion, Clock, Rollout
from tickets.models import Status, Ticket

CHUNK = 200


def follow_changes(at: datetime) -> int:
    """Bring live clocks to what is promised at `at`; gives the number of tickets looked at."""
    _renew_calendars(at)
    _notice_zones(at)
    looked_at = 0
    waiting = Rollout.objects.filter(done_at__isnull=True, effective_from__lte=at).order_by("id")
    for pk in list(waiting.values_list("pk", flat=True)):
        while chunk := _follow_chunk(pk, at):
            looked_at += chunk
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
    tickets = list(_tickets(rollout)[:CHUNK])
    moved = [ticket for ticket in tickets if _follow(ticket, rollout)]
    settle(moved, happenings_of(ticket.pk for ticket in moved), at)
    if tickets:
        rollout.next_number = tickets[-1].pk + 1
    else:
        rollout.done_at = at
    rollout.save(update_fields=["next_number", "done_at"])
    return len(tickets)


def _tickets(rollout: Rollout) -> QuerySet[Ticket]:
    """Lock the tickets that may be promised something else; closed ones never change again."""
    tickets = (
        Ticket.objects.select_for_update(of=("self",))
        .select_related("organisation")
        .exclude(status=Status.CLOSED)
        .filter(pk__gte=rollout.next_number)
        .order_by("number")
    )
    if rollout.organisation_id is not None:
        return tickets.filter(organisation=rollout.organisation_id)
    return tickets


def _follow(ticket: Ticket, rollout: Rollout) -> bool:
    """Choose anew from the instant of the edit on, or from the ticket's last event if later."""
    return None is not choosing.follow(
        ticket,
        sequence=ticket.version,
        at=max(rollout.effective_from, ticket.updated_at),
        counted_from=rollout.counted_from,
        recounted=rollout.calendar_version_id,
    )


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
            Rollout.objects.create(organisation_id=organisation, effective_from=at)


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
        created_at=at,
        created_by=by,
    )
    calendar.current = version
    calendar.save(update_fields=["current"])
    Rollout.objects.create(calendar_version=version, effective_from=at, counted_from=counted_from)
    return version
