"""What lists of tickets may ask about time promises (docs/sla.md, K1)."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from sla.attainment import judged
from sla.happenings import METRICS
from sla.models import OUT_OF_COVER, Clock, CoverState
from tickets.errors import BadFilter
from tickets.filters import Condition, moment, number, truth, words

_MOST_DAYS = 3660


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
    """The tickets that an agreement covers at present (docs/sla.md T10)."""
    condition = Q()
    for word in value.split(","):
        if word == "none":
            condition |= Q(standing__agreement__isnull=True)
        elif word == "any":
            condition |= Q(standing__agreement__isnull=False)
        else:
            condition |= Q(standing__agreement=number(word))
    return condition


def _cover(value: str, actor: Actor, at: datetime) -> Q:
    wanted = set(words(value, [*CoverState.values, "out"]))
    if "out" in wanted:
        wanted |= set(OUT_OF_COVER)
    return Q(standing__cover__in=sorted(wanted - {"out"}))


def _days(value: str) -> int:
    days = number(value)
    if not 1 <= days <= _MOST_DAYS:
        raise BadFilter(_("Choose between 1 and 3660 days."))
    return days


def _judged_within(value: str, actor: Actor, at: datetime) -> Q:
    """The tickets of which a clock was met or breached in the last days (docs/sla.md A1)."""
    return Q(pk__in=judged(_days(value), at).values("clock__ticket"))


def _missed_within(value: str, actor: Actor, at: datetime) -> Q:
    missed = judged(_days(value), at).filter(state=Clock.State.BREACHED)
    return Q(pk__in=missed.values("clock__ticket"))


def _policy(value: str, actor: Actor, at: datetime) -> Q:
    policies = [number(word) for word in value.split(",")]
    return Q(standing__policy_version__policy__in=policies)


FIELDS: dict[str, Condition] = {
    "breached": Condition(_breached),
    "overdue": Condition(_overdue),
    "paused": Condition(_paused),
    "metric": Condition(_metric),
    "due": Condition(_due),
    "due_before": Condition(_due_before),
    "due_after": Condition(_due_after),
    "agreement": Condition(_agreement, agents_only=True),
    "cover": Condition(_cover, agents_only=True),
    "policy": Condition(_policy, agents_only=True),
    "judged_within": Condition(_judged_within, agents_only=True),
    "missed_within": Condition(_missed_within, agents_only=True),
}
