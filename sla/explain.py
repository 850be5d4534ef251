"""Why a ticket is due when it is: every clock, its policy, its stretches, its closed days."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from sla import terms
from sla.business_time import BeyondHorizon
from sla.calendar_documents import ORGANISATION
from sla.clocks import evaluate
from sla.history import happenings_of
from sla.ledger import due_of
from sla.models import Choice
from sla.models.policies import Metric
from sla.stopwatch import Clock, Segment
from tickets.models import Category, Priority, Ticket

Row = dict[str, Any]


def explain(ticket: Ticket, *, at: datetime) -> Row:
    """Work out every clock of a ticket from its history, as it stands at `at`.

    Gives `number`, `due_at`, `error` (None, or why it cannot be worked out) and `clocks`; times
    are aware datetimes, durations whole seconds, sentences in the reader's language.
    """
    choices = {
        str(choice.pk): choice for choice in ticket.choices.select_related("policy_version")
    }
    try:
        clocks = evaluate(happenings_of([ticket.pk])[ticket.pk], at)
    except BeyondHorizon as error:  # docs/sla.md C6
        why = _(error.sentence) % error.values
        return {"number": ticket.pk, "due_at": None, "error": why, "clocks": []}
    return {
        "number": ticket.pk,
        "due_at": due_of(clocks),
        "error": None,
        "clocks": [_clock(clock, choices[clock.terms], at) for clock in clocks],
    }


def _clock(clock: Clock, choice: Choice, at: datetime) -> Row:
    return {
        "metric": clock.metric,
        "label": Metric(clock.metric).label,
        "seq": clock.seq,
        "state": clock.state,
        "is_live": clock.is_live,
        "is_paused": clock.is_paused,
        "is_manual": clock.is_manual,
        "started_at": clock.started_at,
        "ended_at": clock.ended_at,
        "due_at": clock.due_at,
        "breached_at": clock.breached_at,
        "target_seconds": clock.target,
        "elapsed_seconds": clock.consumed,
        "late_business_seconds": clock.late_business_seconds,
        "late_wall_seconds": clock.late_wall_seconds(at),
        "cause": clock.cause,
        "reason": clock.reason,
        "policy": _policy(clock, choice),
        "segments": [_segment(segment) for segment in clock.segments],
        "closed_days": list(_closed_days(clock, choice, at)),
        "warnings": [{"step": due.step.name, "at": due.at} for due in clock.steps],
    }


def _segment(segment: Segment) -> Row:
    return {
        "start": segment.start,
        "end": segment.end,
        "state": segment.state,
        "status": segment.status,
        "target_seconds": segment.target,
        "elapsed_seconds": segment.consumed,
        "calendar": str(_calendar_name(segment.calendar)),
    }


def _calendar_name(key: str) -> str:
    version, _at, zone = key.partition("@")
    calendar = terms.calendar(int(version))
    return zone if calendar.timezone == ORGANISATION else calendar.timezone


def _policy(clock: Clock, choice: Choice) -> Row:
    promised = terms.promise(choice.policy_version_id)
    return {
        "name": promised.policy,
        "version": promised.number,
        "reasons": [str(sentence) for sentence in _sentences(clock, choice, promised.policy)],
    }


def _sentences(clock: Clock, choice: Choice, policy: str) -> Iterator[str]:
    why = choice.reasons
    if why["because"] == "agreement":
        yield _("The organisation's agreement promises “%(policy)s”.") % {"policy": policy}
    elif why["because"] == "match":
        yield _("The policy “%(policy)s” is for tickets like this.") % {"policy": policy}
    else:
        yield _("No agreement and no other policy matches, so the default policy holds.")
    if clock.is_manual:
        yield _("The due time was set by hand.")
        return
    priority = Priority(why["priority"]).label
    if clock.metric in why["own_row"]:
        yield _("Its target is that of the category %(category)s with priority %(priority)s.") % {
            "category": Category(why["category"]).label, "priority": priority,
        }  # fmt: skip
    else:
        yield _("Its target is that of any category with priority %(priority)s.") % {
            "priority": priority
        }


def _closed_days(clock: Clock, choice: Choice, at: datetime) -> Iterator[Row]:
    """The holidays and other dates between start and end on which nothing was counted."""
    calendar = terms.calendar(choice.calendars[clock.metric])
    first = clock.started_at.date()
    last = (clock.ended_at or max(clock.due_at or at, at)).date()
    for day, hours in sorted(calendar.dated.items()):
        if first <= day <= last:
            yield {"on": day, "is_closed": not hours}
