"""What lists of tickets may ask about time promises (docs/sla.md, K1)."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import DeskSettings
from sla import attainment
from sla.happenings import METRICS
from sla.models import OUT_OF_COVER, Clock, CoverState
from tickets.errors import BadFilter
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


def _policy(value: str, actor: Actor, at: datetime) -> Q:
    policies = [number(word) for word in value.split(",")]
    return Q(standing__policy_version__policy__in=policies)


def _outcome(value: str, actor: Actor, at: datetime) -> Q:
    """The tickets behind a figure of a report: `met,2026-01-01,2026-01-31,team:3,…`."""
    state, first, last, *narrowing = [*value.split(","), "", ""]
    words(state, attainment.STATES)
    where = {}
    for pair in filter(None, narrowing):
        name, _colon, key = pair.partition(":")
        words(name, attainment.BREAKDOWNS)
        is_key = name not in {"metric", "category"}
        where[name] = (number(key) if is_key else key) if key else None
    zone = ZoneInfo(DeskSettings.current().time_zone)
    try:
        period = attainment.Period(date.fromisoformat(first), date.fromisoformat(last), zone)
        return Q(pk__in=attainment.tickets_behind(state, period, where))
    except (ValueError, OverflowError) as error:
        raise BadFilter(_("Give two days such as 2026-03-01,2026-03-31.")) from error


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
    "outcome": Condition(_outcome, agents_only=True),
}
