"""What beat does by the clock: closing what stayed resolved, waking, forgetting what is stale."""

from datetime import datetime, timedelta

from accounts import throttle
from accounts.actor import Actor
from accounts.models import DeskSettings, StoredAnswer
from tickets import actions
from tickets.errors import Refused
from tickets.models import Status, Ticket

BATCH = 500


def close_resolved(at: datetime) -> int:
    """Close tickets resolved longer ago than the desk's setting, oldest first; say how many."""
    before = at - timedelta(days=DeskSettings.current().autoclose_days)
    due = Ticket.objects.filter(status=Status.RESOLVED, resolved_at__lte=before)
    numbers = due.order_by("resolved_at", "number").values_list("number", flat=True)[:BATCH]
    closed = 0
    for number in list(numbers):
        try:
            actions.close_if_quiet(number, actor=Actor.system(), at=at, since=before)
        except Refused:  # reopened, or closed by somebody, between the look and the lock
            continue
        closed += 1
    return closed


def wake_snoozed(at: datetime) -> int:
    """Wake the tickets whose snooze is over, the earliest first; say how many."""
    due = Ticket.objects.filter(snoozed_at__isnull=False, snoozed_until__lte=at)
    numbers = due.order_by("snoozed_until", "number").values_list("number", flat=True)[:BATCH]
    events = [actions.wake_if_due(number, actor=Actor.system(), at=at) for number in list(numbers)]
    return sum(event is not None for event in events)


def forget_old(at: datetime) -> None:
    """Delete stored answers after 24 hours, and old counts of attempts (docs/api.md)."""
    StoredAnswer.objects.filter(created_at__lt=at - timedelta(hours=24)).delete()
    throttle.forget_old(at)
