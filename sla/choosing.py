"""Which policy promises a ticket, and why (docs/sla.md T7, T8, T9)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from sla import defaults, terms
from sla.calendar_documents import ORGANISATION
from sla.models import Calendar, Choice
from tickets.models import Ticket

# One statement, because every ticket that is opened waits for it: the policies in their order,
# the agreement that is valid for the ticket, and the desk's zone.
_CANDIDATES = """
    SELECT policy.name, policy.is_default, policy.is_active, version.id, calendar.current_id,
           cover.agreement_id, coalesce((SELECT time_zone FROM accounts_desksettings), 'UTC')
    FROM sla_policy policy
    JOIN sla_policyversion version ON version.id = policy.current_id
    JOIN sla_calendar calendar ON calendar.id = version.calendar_id
    LEFT JOIN (
        SELECT agreement.policy_id, cover.agreement_id
        FROM sla_cover cover JOIN sla_agreement agreement ON agreement.id = cover.agreement_id
        WHERE cover.organisation_id = %(organisation)s AND cover.valid_from <= %(at)s
          AND (cover.valid_until IS NULL OR cover.valid_until > %(at)s)
          AND (cover.product_id IS NULL OR cover.product_id = %(product)s)
        ORDER BY cover.id LIMIT 1
    ) cover ON cover.policy_id = policy.id
    WHERE policy.is_active OR cover.agreement_id IS NOT NULL
    ORDER BY policy.is_default, policy.position, policy.id
"""


class _Candidate(NamedTuple):
    """A policy that may be chosen, by its current versions; `agreement` when one is valid."""

    policy: str
    is_default: bool
    is_active: bool
    version_id: int
    calendar_version_id: int
    agreement: int | None
    desk_zone: str


def follow(
    ticket: Ticket,
    *,
    sequence: int,
    at: datetime,
    counted_from: datetime | None = None,
    recounted: int | None = None,
) -> Choice | None:
    """Choose anew and store the choice when it differs from the last one; None when it does not.

    The ticket is locked by the caller; `sequence` is that of its last event. A choice that uses
    the calendar version `recounted` has its clocks counted anew since `counted_from` (T6).
    """
    fresh = choose(ticket, at)
    fresh.sequence, fresh.at = sequence, at
    if recounted in fresh.calendars.values():
        fresh.counted_from = counted_from
    last = ticket.choices.order_by("-id").first() if sequence > 1 else None
    if last is not None and _promise_of(last) == _promise_of(fresh):
        return None
    fresh.save(force_insert=True)
    return fresh


def choose(ticket: Ticket, at: datetime) -> Choice:
    """Find the first policy that matches: the agreement's, the ordered ones, the default (T7)."""
    candidate, reason = _first_match(ticket, _candidates(ticket, at))
    promised = terms.promise(candidate.version_id)
    targets = promised.targets_for(ticket.category, ticket.priority)
    calendars = _calendars(candidate, promised.document, targets)
    return Choice(
        ticket=ticket,
        policy_version_id=candidate.version_id,
        targets=targets,
        calendars=calendars,
        zone=_zone(ticket, calendars, candidate.desk_zone),
        reasons=[reason, {"because": "row", **_row(ticket, promised)}],
    )


def _promise_of(choice: Choice) -> tuple[object, ...]:
    return choice.policy_version_id, choice.targets, choice.calendars, choice.zone


def _candidates(ticket: Ticket, at: datetime) -> list[_Candidate]:
    about = {"organisation": ticket.organisation_id, "product": ticket.product_id, "at": at}
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, about)
        found = [_Candidate(*row) for row in cursor.fetchall()]
    if not any(candidate.is_default for candidate in found):
        defaults.ensure()
        return _candidates(ticket, at)
    return found


def _first_match(
    ticket: Ticket, candidates: list[_Candidate]
) -> tuple[_Candidate, dict[str, Any]]:
    for candidate in candidates:
        if candidate.agreement is not None:
            return candidate, {
                "because": "agreement", "agreement": candidate.agreement,
                "policy": candidate.policy,
            }  # fmt: skip
    for candidate in candidates:
        match = terms.promise(candidate.version_id).document.get("match") or {}
        if match and not candidate.is_default and matches(ticket, match):
            return candidate, {"because": "match", "policy": candidate.policy, "match": match}
    default = next(candidate for candidate in candidates if candidate.is_default)
    return default, {"because": "default", "policy": default.policy}


def matches(ticket: Ticket, match: Mapping[str, Any]) -> bool:
    """Say whether every condition of a policy holds for the ticket."""
    values = {
        "products": ticket.product_id,
        "organisations": ticket.organisation_id,
        "teams": ticket.team_id,
        "sources": ticket.source,
        "emergency": ticket.emergency,
    }
    return all(values[name] in wanted for name, wanted in match.items())


def _calendars(
    candidate: _Candidate, document: Mapping[str, Any], targets: Mapping[str, int]
) -> dict[str, int]:
    other = {
        metric: pk for metric, pk in document.get("calendars", {}).items() if metric in targets
    }
    current = (
        dict(Calendar.objects.filter(pk__in=other.values()).values_list("pk", "current_id"))
        if other
        else {}
    )
    return {
        metric: current[other[metric]] if metric in other else candidate.calendar_version_id
        for metric in targets
    }


def _zone(ticket: Ticket, calendars: Mapping[str, int], desk_zone: str) -> str:
    """Where the calendars are counted; empty when all of them name a zone themselves (T9)."""
    if all(terms.calendar(pk).timezone != ORGANISATION for pk in set(calendars.values())):
        return ""
    of_organisation = ticket.organisation.time_zone if ticket.organisation else ""
    return of_organisation or desk_zone


def _row(ticket: Ticket, promised: terms.Promise) -> dict[str, Any]:
    """Which rows of the table of targets were used, by metric (docs/sla.md T8)."""
    own = {metric for metric, category, priority in promised.targets
           if category == ticket.category and priority == ticket.priority}  # fmt: skip
    return {
        "category": ticket.category,
        "priority": ticket.priority,
        "own_row": sorted(own),
    }
