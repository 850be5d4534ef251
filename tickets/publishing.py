"""Giving committed events their position in the feed, and telling the subscribers."""

import logging
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from django.utils.module_loading import import_string

from tickets.models import Event

log = logging.getLogger(__name__)
BATCH = 500
MOST_ATTEMPTS = 20
_LOCK = 7_106_318  # any number that no other advisory lock of the desk uses


class Subscriber(Protocol):
    """Called once the event is published; writes its own rows and may run twice."""

    def __call__(self, event: Event) -> None: ...


def publish_pending(at: datetime) -> int:
    """Give positions to all committed events, in id order, and say how many.

    One advisory lock orders all publishers, so positions never go back in time for a reader.
    """
    published = 0
    while batch := _publish_batch(at):
        published += batch
    return published


@transaction.atomic
def _publish_batch(at: datetime) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    events = list(Event.objects.filter(published_at__isnull=True).order_by("id")[:BATCH])
    if not events:
        return 0
    position: int = Event.objects.aggregate(last=Max("position"))["last"] or 0
    for event in events:
        position += 1
        event.position = position
        event.published_at = at
    Event.objects.bulk_update(events, ["position", "published_at"])
    return len(events)


def deliver_pending(at: datetime) -> int:
    """Tell the subscribers of published events that none of them has heard of yet.

    An event whose subscriber fails is tried again at the next call, at most 20 times, and
    never keeps the others waiting.
    """
    waiting = Event.objects.filter(
        published_at__isnull=False,
        delivered_at__isnull=True,
        delivery_attempts__lt=MOST_ATTEMPTS,
    ).order_by("position")
    delivered = 0
    for pk in list(waiting.values_list("pk", flat=True)[:BATCH]):
        try:
            delivered += _deliver(pk, at)
        except Exception:  # one poisoned event must not stop all others
            log.exception("Event %s could not be delivered", pk)
            _count_attempt(pk)
    return delivered


def tell_nobody(*, before: datetime, at: datetime) -> int:
    """Take events from before an instant as delivered, so that no subscriber hears old news."""
    untold = Event.objects.filter(delivered_at__isnull=True, at__lt=before)
    return untold.update(delivered_at=at)


@transaction.atomic
def _deliver(pk: int, at: datetime) -> int:
    event = (
        Event.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("ticket", "message")
        .filter(pk=pk, delivered_at__isnull=True)
        .first()
    )
    if event is None:
        return 0
    for subscribe in subscribers():
        subscribe(event)
    event.delivered_at = at
    event.save(update_fields=["delivered_at"])
    return 1


def _count_attempt(pk: int) -> None:
    with transaction.atomic():
        event = Event.objects.select_for_update(of=("self",)).get(pk=pk)
        event.delivery_attempts += 1
        event.save(update_fields=["delivery_attempts"])


@cache
def subscribers() -> tuple[Subscriber, ...]:
    """Load the callables named in settings, once."""
    return tuple(import_string(name) for name in settings.TICKET_EVENT_SUBSCRIBERS)
