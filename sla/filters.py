"""What lists of tickets may ask about time promises (docs/sla.md, K1)."""

from datetime import datetime

from django.db.models import Q

from accounts.actor import Actor
from sla.happenings import METRICS
from sla.models import Clock, Cover
from tickets.filters import Condition, moment, number, truth, words


def _tickets(**conditions: object) -> Q:
    return Q(pk__in=Clock.objects.filter(**conditions).values("ticket"))


def _late(at: datetime) -> Q:
    """A live clock past due, paused or not, whether or not the sweep has come by yet."""
    return _tickets(ended_at__isnull=True, due_at__lt=at)


def _either(condition: Q, value: str) -> Q:
    return condition if truth(value) else ~condition


def _overdue(value: str, actor: Actor, at: datetime) -> Q:
    return _either(_late(at), value)


def _breached(value: str, actor: Actor, at: datetime) -> Q:
    ever = Clock.objects.filter(breached_at__isnull=False).exclude(state=Clock.State.CANCELLED)
    return _either(_late(at) | Q(pk__in=ever.values("ticket")), value)


def _paused(value: str, actor: Actor, at: datetime) -> Q:
    return _either(_tickets(ended_at__isnull=True, is_paused=True), value)


def _metric(value: str, actor: Actor, at: datetime) -> Q:
    return _tickets(ended_at__isnull=True, metric__in=words(value, METRICS))


def _due_before(value: str, actor: Actor, at: datetime) -> Q:
    return Q(due_at__lt=moment(value))


def _due_after(value: str, actor: Actor, at: datetime) -> Q:
    return Q(due_at__gte=moment(value))


def _due(value: str, actor: Actor, at: datetime) -> Q:
    words(value, ["none", "any"])
    return Q(due_at__isnull=value == "none")


def _agreement(value: str, actor: Actor, at: datetime) -> Q:
    valid = Cover.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=at), valid_from__lte=at
    )
    if value == "none":
        return ~Q(organisation__in=valid.values("organisation"))
    return Q(organisation__in=valid.filter(agreement=number(value)).values("organisation"))


FIELDS: dict[str, Condition] = {
    "breached": Condition(_breached),
    "overdue": Condition(_overdue),
    "paused": Condition(_paused),
    "metric": Condition(_metric),
    "due": Condition(_due),
    "due_before": Condition(_due_before),
    "due_after": Condition(_due_after),
    "agreement": Condition(_agreement, agents_only=True),
}
