"""What lists of tickets may ask about time promises (docs/sla.md, K1)."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.models import DeskSettings
from sla import attainment
from sla.happenings import METRICS
from sla.models import OUT_OF_COVER, Clock, CoverState
from sla.models.clocks import ANSWERED
from sla.models.policies import Metric
from tickets.errors import BadFilter
from tickets.filters import (
    Condition,
    Values,
    dated,
    moment,
    number,
    suggestions,
    truth,
    whole,
    words,
)
from tickets.filters.dates import bounds, within
from tickets.filters.values import any_of
from tickets.models.tickets import LIVE

_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)


def _with_clock(condition: Q) -> Q:
    """The tickets that have such a clock; “exists” can be negated without reading all clocks."""
    return Q(Exists(Clock.objects.filter(condition, ticket=OuterRef("pk"))))


def _ticking(condition: Q, *, has: bool = True) -> Q:
    """The tickets with, or without, such a clock that has not ended; only live ones have one."""
    ticking = _with_clock(condition & Q(ended_at__isnull=True))
    return Q(status__in=LIVE) & ticking if has else ~ticking


def _overdue(values: Values, actor: Actor, at: datetime) -> Q:
    """A live clock past due, paused or not, whether or not the sweep has come by yet."""
    return _ticking(Q(due_at__lt=at), has=truth(values))


def _breached(values: Values, actor: Actor, at: datetime) -> Q:
    """One condition on clocks: two joined by “or” would be asked of every ticket in turn."""
    late = Q(ended_at__isnull=True, due_at__lt=at)
    ever = Q(breached_at__isnull=False) & ~Q(state=Clock.State.CANCELLED)
    broken = _with_clock(late | ever)
    return broken if truth(values) else ~broken


def _paused(values: Values, actor: Actor, at: datetime) -> Q:
    return _ticking(Q(is_paused=True), has=truth(values))


def _metric(values: Values, actor: Actor, at: datetime) -> Q:
    return _ticking(Q(metric__in=words(values, METRICS)))


def _answered(values: Values, actor: Actor, at: datetime) -> Q:
    """The tickets that had their first response then; the answer changed the ticket, too."""
    if "any" in values:
        return _with_clock(ANSWERED)
    spans = [bounds(value, at) for value in values]
    since = min(span.low or _EARLIEST for span in spans)
    then = any_of(within("ended_at", span) for span in spans)
    return Q(updated_at__gte=since) & _with_clock(ANSWERED & then)


def _due_before(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(due_at__lt=moment(whole(values)))


def _due_after(values: Values, actor: Actor, at: datetime) -> Q:
    return Q(due_at__gte=moment(whole(values)))


def _agreement(values: Values, actor: Actor, at: datetime) -> Q:
    """The tickets that an agreement covers at present (docs/sla.md T10)."""
    condition = Q()
    for word in values:
        if word == "none":
            condition |= Q(standing__agreement__isnull=True)
        elif word == "any":
            condition |= Q(standing__agreement__isnull=False)
        else:
            condition |= Q(standing__agreement=number(word))
    return condition


def _cover(values: Values, actor: Actor, at: datetime) -> Q:
    wanted = set(words(values, [*CoverState.values, "out"]))
    if "out" in wanted:
        wanted |= set(OUT_OF_COVER)
    return Q(standing__cover__in=sorted(wanted - {"out"}))


def _policy(values: Values, actor: Actor, at: datetime) -> Q:
    policies = [number(word) for word in values]
    return Q(standing__policy_version__policy__in=policies)


def _outcome(values: Values, actor: Actor, at: datetime) -> Q:
    """The tickets behind a figure of a report: `met,2026-01-01,2026-01-31,team:3,…`."""
    state, first, last, *narrowing = [*values, "", ""]
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


YES_NO = suggestions.fixed([("true", _("Yes")), ("false", _("No"))])
FIELDS: dict[str, Condition] = {
    "due": Condition(
        dated("due_at", is_ahead=True, may_lack=True), example="due:<4h",
        help=_("When its next deadline is; also none and any."),
        suggest=suggestions.fixed([
            ("<4h", _("Within 4 hours, or overdue")), ("<1d", _("Within a day, or overdue")),
            ("today", _("Today")), ("any", _("At some time")), ("none", _("Never")),
        ]),
    ),
    "overdue": Condition(
        _overdue, example="overdue:true", help=_("Whether a deadline has passed."), suggest=YES_NO
    ),
    "breached": Condition(
        _breached, example="breached:true", help=_("Whether an SLA was ever breached."),
        suggest=YES_NO,
    ),
    "paused": Condition(
        _paused, example="paused:true", help=_("Whether a clock is paused."), suggest=YES_NO
    ),
    "metric": Condition(
        _metric, example="metric:first_response", help=_("Which deadlines are still ahead of it."),
        suggest=suggestions.fixed(Metric.choices),
    ),
    "answered": Condition(
        _answered, agents_only=True, example="answered:<7d",
        help=_("When it had its first response; also any."),
        suggest=suggestions.fixed([*suggestions.PAST, ("any", _("At some time"))]),
    ),
    "due_before": Condition(
        _due_before, example="due_before:2026-03-31", help=_("Due before this instant.")
    ),
    "due_after": Condition(
        _due_after, example="due_after:2026-03-31", help=_("Due at this instant or later.")
    ),
    "agreement": Condition(
        _agreement, agents_only=True, example="agreement:any",
        help=_("Which agreement covers it: an id, any or none."),
        suggest=suggestions.fixed([("any", _("Any")), ("none", _("None"))]),
    ),
    "cover": Condition(
        _cover, agents_only=True, example="cover:out",
        help=_("Whether its agreement covers it, or why not."),
        suggest=suggestions.fixed([("out", _("Out of cover")), *CoverState.choices]),
    ),
    "policy": Condition(
        _policy, agents_only=True, example="policy:3", help=_("Which policy, by its id.")
    ),
    "outcome": Condition(
        _outcome, agents_only=True, example="outcome:met,2026-03-01,2026-03-31",
        help=_("What stands behind a figure of the report."),
    ),
}  # fmt: skip
