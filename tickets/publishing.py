"""Giving committed events their position in the feed, and telling the subscribers."""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Max
from django.utils.module_loading import import_string

from tickets.models import Event

log = logging.getLogger(__name__)
BATCH = 500
MOST_ATTEMPTS = 20
_LOCK = 7_106_318  # any number that no other advisory lock of the desk uses


class Subscriber(Protocol):
    """Called with published events in their order; writes its own rows and may run twice."""

    def __call__(self, events: Sequence[Event]) -> None: ...


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
    waiting = Event.objects.filter(published_at__isnull=True).order_by("id")
    events = list(waiting.values_list("id", flat=True)[:BATCH])
    if not events:
        return 0
    last: int = Event.objects.aggregate(last=Max("position"))["last"] or 0
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_event SET position = told.position + %s, published_at = %s"
            " FROM unnest(%s::bigint[]) WITH ORDINALITY AS told (id, position)"
            " WHERE tickets_event.id = told.id",
            [last, at, events],
        )
    return len(events)


def deliver_pending(at: datetime) -> int:
    """Tell the subscribers of published events that none of them has heard of yet.

    An event whose subscriber fails is tried again at the next call, at most 20 times, and
    never keeps the others waiting.
    """
    delivered = 0
    failed: set[int] = set()
    while batch := _deliver_batch(at, failed):
        delivered += batch
    return delivered


def tell_nobody(*, before: datetime, at: datetime) -> int:
    """Take events from before an instant as delivered, so that no subscriber hears old news."""
    untold = Event.objects.filter(delivered_at__isnull=True, at__lt=before)
    return untold.update(delivered_at=at)


@transaction.atomic
def _deliver_batch(at: datetime, failed: set[int]) -> int:
    """Tell of the next events, all at once or, when that fails, one by one."""
    events = list(
        Event.objects.select_for_update(skip_locked=True, of=("self",))
        # Fetched apart, because many events are of few tickets and fewer people.
        .prefetch_related("message", "ticket__assignee", "ticket__team", "ticket__requester")
        .filter(
            published_at__isnull=False,
            delivered_at__isnull=True,
            delivery_attempts__lt=MOST_ATTEMPTS,
        )
        .exclude(pk__in=failed)
        .order_by("position")[:BATCH]
    )
    told = events if _tell(events) else [event for event in events if _tell([event])]
    Event.objects.filter(pk__in=[event.pk for event in told]).update(delivered_at=at)
    missed = {event.pk for event in events} - {event.pk for event in told}
    Event.objects.filter(pk__in=missed).update(delivery_attempts=F("delivery_attempts") + 1)
    failed |= missed
    return len(events)


def _tell(events: Sequence[Event]) -> bool:
    """Tell every subscriber; what one of them has written goes when another fails."""
    try:
        with transaction.atomic():
            for subscribe in subscribers():
                subscribe(events)
    except Exception:  # one poisoned event must not stop all others
        log.exception("Events from %s on could not be delivered", events[0].pk)
        return False
    return True


@cache
def subscribers() -> tuple[Subscriber, ...]:
    """Load the callables named in settings, once."""
    return tuple(import_string(name) for name in settings.TICKET_EVENT_SUBSCRIBERS)
