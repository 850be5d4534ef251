"""The nightly audit of all clocks: in rounds of small chunks, so that no desk feels it.

A round that a crash ends is gone on with at the next ring, from the last chunk on.
"""

import time
from datetime import datetime, timedelta
from datetime import time as clock_time

from django.db import transaction
from django.utils import timezone

from accounts import doorbell
from accounts.actions.audit import note
from accounts.actor import Actor
from accounts.database_time import database_time
from accounts.permissions import require
from sla.agreement_days import DeskDays
from sla.audit import look_at_next
from sla.models import AuditRun

NIGHT = clock_time(3)  # at the desk, when few are at work
ROUND = 15  # seconds of a worker, which is rung for this once a minute
CHUNK = 100  # tickets
KEPT = 30
MOST_FOUND = 100


@transaction.atomic
def begin(*, actor: Actor, at: datetime) -> AuditRun:
    """Begin an audit now, unless one is under way, and ask a worker to go on with it.

    :raises NotAllowed: the actor is no admin.
    """
    require(actor, "settings.change")
    run, is_new = _begin(at, by=actor.name)
    if is_new:
        note(actor, "sla.audit_begun", "", at)
    transaction.on_commit(_ring)
    return run


def go_on(at: datetime | None = None) -> int:
    """Look at the next tickets for some seconds; gives how many it looked at.

    Tonight's audit begins with the first call after its hour, however late that is. Without
    `at`, the database's time counts.
    """
    now = at or database_time()
    if not AuditRun.objects.filter(began_at__gte=last_night(now)).exists():
        _begin(now)
    looked_at, until = 0, time.monotonic() + ROUND
    while time.monotonic() < until and (chunk := _look_at_chunk(at)):
        looked_at += chunk
    return looked_at


def last_night(at: datetime) -> datetime:
    """Give the last instant at which the nightly audit was to begin."""
    tonight = _night(at)
    return tonight if tonight <= at else _night(at - timedelta(days=1))


def next_night(at: datetime) -> datetime:
    """Give the next instant at which the nightly audit is to begin."""
    tonight = _night(at)
    return tonight if tonight > at else _night(at + timedelta(days=1))


def _night(at: datetime) -> datetime:
    zone = DeskDays().zone
    return datetime.combine(timezone.localdate(at, zone), NIGHT, tzinfo=zone)


def _begin(at: datetime, by: str = "") -> tuple[AuditRun, bool]:
    return AuditRun.objects.get_or_create(
        ended_at=None, defaults={"began_at": at, "began_by": by}
    )  # fmt: skip


@transaction.atomic
def _look_at_chunk(at: datetime | None) -> int:
    """Look at the next chunk; 0 when the audit is over or another worker has it."""
    run = (
        AuditRun.objects.select_for_update(skip_locked=True).filter(ended_at__isnull=True).first()
    )
    if run is None:
        return 0
    numbers, found = look_at_next(run.last_number, at, most=CHUNK)
    if numbers:
        run.last_number = numbers[-1]
        run.looked_at += len(numbers)
        run.differences += len(found)
        run.found += found[: MOST_FOUND - len(run.found)]
    else:
        run.ended_at = at or database_time()
        AuditRun.objects.exclude(pk__in=_last_ones()).delete()
    run.save()
    return len(numbers)


def _last_ones() -> list[int]:
    return list(AuditRun.objects.order_by("-began_at").values_list("pk", flat=True)[:KEPT])


def _ring() -> None:
    from sla.tasks import audit  # here, because the task module imports this one

    doorbell.ring(audit)
