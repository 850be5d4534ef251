"""Telling account managers that an agreement is about to end."""

from datetime import datetime, time

from django.db import transaction
from django.utils import timezone

from channels import post
from sla.agreement_days import DeskDays
from sla.expiry import notice_ends

MORNING = time(8)  # an agreement ends at midnight, and nobody wants the mail then


@transaction.atomic
def tell(at: datetime) -> int:
    """Owe a mail for each end that is near and not told yet; gives how many."""
    return len([
        post.queue_expiry(notice, at=at, next_at=morning(at)) for notice in notice_ends(at)
    ])  # fmt: skip


def morning(at: datetime) -> datetime:
    """The morning of this day at the desk, or now when it is over."""
    zone = DeskDays().zone
    day = timezone.localdate(at, zone)
    return max(at, datetime.combine(day, MORNING, tzinfo=zone))
