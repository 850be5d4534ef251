"""What waits for the background to do it: how many of each, and since when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from channels.models import Outgoing
from sla.models import Clock, Escalation, Rollout
from tickets import publishing
from tickets.models import Event
from web.workspace.counts import up_to
from web.workspace.settings.pattern import at_settings

MOST_COUNTED = 1000
PATIENCE = timedelta(minutes=2)  # then nothing should wait any more (docs/architecture.md I9)


@dataclass(frozen=True)
class Queue:
    """One kind of work: how many wait, up to one more than are counted, the oldest since when,
    and where to see them.

    `has_failed`: it was given up and waits for a person.
    """

    name: str | Promise
    count: int
    since: datetime | None
    is_late: bool = False
    has_failed: bool = False
    href: str = ""

    @property
    def words(self) -> str:
        """How many, such as 12 or 1000+."""
        return up_to(MOST_COUNTED, self.count)


def queues(at: datetime) -> Iterator[Queue]:
    """Look at each queue through the index that its worker uses, in one query each."""
    events = Event.objects.filter(delivered_at__isnull=True, published_at__isnull=False)
    tried = {"delivery_attempts__gte": publishing.MOST_ATTEMPTS}
    mails = at_settings("outgoing_mail")
    yield _queue(
        _("Events not yet in the feed"), at,
        Event.objects.filter(published_at__isnull=True).order_by("pk"), "at",
    )  # fmt: skip
    yield _queue(
        _("Events nobody was told of yet"), at,
        events.exclude(**tried).order_by("position"), "at",
    )  # fmt: skip
    yield _given_up(_("Events nobody could be told of"), events.filter(**tried), "position", "at")
    yield _queue(_("Mails to send"), at, Outgoing.objects.waiting(), "next_at", mails)
    yield _given_up(
        _("Mails given up"), Outgoing.objects.filter(dead_at__isnull=False), "dead_at", "dead_at",
        f"{mails}?state=dead",
    )  # fmt: skip
    yield _queue(
        _("Deadlines to look at"), at,
        Clock.objects.filter(next_fire_at__lte=at).order_by("next_fire_at"), "next_fire_at",
    )  # fmt: skip
    yield _queue(
        _("Steps to carry out"), at,
        Escalation.objects.filter(done_at__isnull=True).order_by("record"), "record__recorded_at",
    )  # fmt: skip
    yield _queue(
        _("SLA changes to follow"), at,
        Rollout.objects.filter(done_at__isnull=True, effective_from__lte=at)
        .order_by("effective_from"), "effective_from", at_settings("rollouts"),
    )  # fmt: skip


def _queue(
    name: Promise, at: datetime, rows: "QuerySet[Any]", moment: str, href: str = ""
) -> Queue:
    count, since = _read(rows, moment)
    return Queue(name, count, since, is_late=bool(since and since < at - PATIENCE), href=href)


def _given_up(
    name: Promise, rows: "QuerySet[Any]", order: str, moment: str, href: str = ""
) -> Queue:
    count, since = _read(rows.order_by(order), moment)
    return Queue(name, count, since, has_failed=count > 0, href=href)


def _read(rows: "QuerySet[Any]", moment: str) -> tuple[int, datetime | None]:
    found = list(rows.values_list(moment, flat=True)[: MOST_COUNTED + 1])
    return len(found), found[0] if found else None
