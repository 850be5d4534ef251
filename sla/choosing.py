"""Which policy promises a ticket, and why (docs/sla.md T7, T8, T9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q, Subquery

from accounts.models import DeskSettings
from sla import defaults, terms
from sla.business_time import ORGANISATION
from sla.models import Calendar, Choice, Cover, Policy
from tickets.models import Ticket


@dataclass(frozen=True)
class _Candidate:
    """A policy that may be chosen, by its current versions."""

    policy: str
    is_default: bool
    version_id: int
    calendar_version_id: int
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
    candidates = _candidates()
    agreed = _agreed(ticket, at)
    if agreed is not None:
        candidate, reason = agreed
    else:
        candidate, reason = _first_match(ticket, candidates)
    promised = terms.promise(candidate.version_id)
    targets = promised.targets_for(ticket.category, ticket.priority)
    calendars = _calendars(candidate, promised.document, targets)
    return Choice(
        ticket=ticket,
        policy_version_id=candidate.version_id,
        targets=targets,
        calendars=calendars,
        zone=_zone(ticket, calendars, candidates[0].desk_zone),
        reasons=[reason, {"because": "row", **_row(ticket, promised)}],
    )


def _promise_of(choice: Choice) -> tuple[object, ...]:
    return choice.policy_version_id, choice.targets, choice.calendars, choice.zone


def _candidates() -> list[_Candidate]:
    desk = DeskSettings.objects.values("time_zone")[:1]
    rows = (
        Policy.objects.filter(is_active=True, current__isnull=False)
        .order_by("is_default", "position", "id")
        .values_list(
            "name", "is_default", "current_id", F("current__calendar__current_id"), Subquery(desk)
        )
    )
    found = [
        _Candidate(name, is_default, version_id, calendar_version_id, desk_zone or "UTC")
        for name, is_default, version_id, calendar_version_id, desk_zone in rows
    ]
    if not any(candidate.is_default for candidate in found):
        defaults.ensure()
        return _candidates()
    return found


def _agreed(ticket: Ticket, at: datetime) -> tuple[_Candidate, dict[str, Any]] | None:
    if ticket.organisation_id is None:
        return None
    cover = (
        Cover.objects.filter(
            Q(valid_until__isnull=True) | Q(valid_until__gt=at),
            Q(product__isnull=True) | Q(product=ticket.product_id),
            organisation=ticket.organisation_id,
            valid_from__lte=at,
            agreement__policy__current__isnull=False,
        )
        .order_by("id")
        .values_list(
            "agreement_id",
            "agreement__policy__name",
            "agreement__policy__current_id",
            "agreement__policy__current__calendar__current_id",
        )
        .first()
    )
    if cover is None:
        return None
    agreement, name, version_id, calendar_version_id = cover
    return (
        _Candidate(name, False, version_id, calendar_version_id, ""),  # noqa: FBT003 - a column
        {"because": "agreement", "agreement": agreement, "policy": name},
    )


def _first_match(
    ticket: Ticket, candidates: list[_Candidate]
) -> tuple[_Candidate, dict[str, Any]]:
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
