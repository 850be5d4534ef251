"""What lists of tickets may ask about the time that was logged on them; customers never may."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets.errors import BadFilter
from tickets.filters import suggestions
from tickets.filters.conditions import Condition
from tickets.filters.dates import bounds
from tickets.filters.fields import keys_of, staff
from tickets.filters.values import Values, any_of, is_key, number, truth, words
from tickets.models import Category, TimeEntry

_EARLIEST = date(1970, 1, 1)
_BEFORE = timedelta(days=2)  # tickets.actions.effort takes a day ahead, in whatever zone


def _with_entry(condition: Q, since: date | None = None) -> Q:
    """The tickets on which such time is booked: one “exists”, whatever is asked of an entry.

    Work `since` a day is logged no earlier than a day ahead, and that changes its ticket: an index
    finds what was changed from then on, where “exists” alone would be asked of every ticket.
    """
    booked = Q(Exists(TimeEntry.objects.filter(condition, ticket=OuterRef("pk"))))
    if since is None or since <= _EARLIEST:
        return booked
    begin = datetime.combine(since - _BEFORE, time(), UTC)
    return Q(updated_at__gte=begin) & booked


def _worked(values: Values, actor: Actor, at: datetime) -> Q:
    if "none" in values:
        days = tuple(value for value in values if value != "none")
        return ~_with_entry(Q()) | (_worked(days, actor, at) if days else Q(pk__in=[]))
    if "any" in values:
        return _with_entry(Q())
    asked = [_days(value, at) for value in values]
    since = min(low or date.min for low, _high in asked)
    return _with_entry(any_of(_on(*days) for days in asked), since)


def _days(value: str, at: datetime) -> tuple[date | None, date | None]:
    """Read from which day on, and before which; the day in which a span begins belongs to it."""
    low, high = bounds(value, at)
    return low and timezone.localdate(low), high and timezone.localdate(high)


def _on(low: date | None, high: date | None) -> Q:
    condition = Q()
    if low is not None:
        condition &= Q(worked_on__gte=low)
    if high is not None:
        condition &= Q(worked_on__lt=high)
    return condition


def _worked_by(values: Values, actor: Actor, at: datetime) -> Q:
    names = [word for word in values if word != "me" and not is_key(word)]
    authors = [number(word) for word in values if is_key(word)]
    authors += keys_of(staff(), names) if names else []
    if "me" in values and actor.user is not None:
        authors.append(actor.user.pk)
    return _with_entry(Q(author__in=authors))


def _effort(values: Values, actor: Actor, at: datetime) -> Q:
    """The tickets behind a figure of a report: `2026-01-01,2026-01-31,agent:3,…`."""
    first, last, *narrowing = [*values, "", ""]
    try:
        days = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError as error:
        raise BadFilter(_("Give two days such as 2026-03-01,2026-03-31.")) from error
    condition = Q(worked_on__range=days)
    for pair in filter(None, narrowing):
        name, _colon, value = pair.partition(":")
        words(name, _NARROWED)
        condition &= _NARROWED[name](value)
    return _with_entry(condition, days[0])


def _of_category(value: str) -> Q:
    words(value, [*Category.values, "none"])
    is_confirmed = Q(ticket__category_confirmed_at__isnull=False)
    if value == "none":
        return Q(category__isnull=True) & ~is_confirmed
    as_the_ticket = Q(category__isnull=True, ticket__category=value) & is_confirmed
    return Q(category=value) | as_the_ticket


_NARROWED: dict[str, Callable[[str], Q]] = {
    "agent": lambda value: Q(author__isnull=True) if value == "none" else Q(author=number(value)),
    "category": _of_category,
    "billable": lambda value: Q(is_billable=truth(value)),
}
OF_TIME: dict[str, Condition] = {
    "worked": Condition(
        _worked, agents_only=True, example="worked:<7d",
        help=_("On which days time was logged on it; also none and any."),
        suggest=suggestions.fixed(
            [*suggestions.PAST, ("any", _("At some time")), ("none", _("Never"))]
        ),
    ),
    "worked_by": Condition(
        _worked_by, agents_only=True, example="worked_by:me",
        help=_("Who logged time on it: me, a name, an address or an id."),
        suggest=suggestions.named(staff, [("me", _("Me"))], is_person=True),
    ),
    "effort": Condition(
        _effort, agents_only=True, example="effort:2026-03-01,2026-03-31",
        help=_("What stands behind a figure of logged time."),
    ),
}  # fmt: skip
