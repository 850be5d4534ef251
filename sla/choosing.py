"""Which policy promises a ticket, and why (docs/sla.md T7 to T10)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import BooleanField, ExpressionWrapper, F, Q, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.actor import Actor
from accounts.models import DeskSettings
from sla import covering, defaults, terms
from sla.covering import Bought, Verdict
from sla.models import Calendar, Choice, Policy, Standing
from tickets.filters import conditions
from tickets.models import Event, Ticket

# What a policy may ask about a ticket, in the words of tickets.filters, and the events that
# may change the answer; `agreement` is answered here.
MATCHES: Mapping[str, frozenset[Event.Kind]] = {
    "agreement": frozenset(),
    "organisation": frozenset({Event.Kind.ORGANISATION_SET}),
    "product": frozenset({Event.Kind.PRODUCT_SET}),
    "category": frozenset({Event.Kind.CATEGORY_SET}),
    "priority": frozenset({Event.Kind.PRIORITY_SET}),
    "team": frozenset({Event.Kind.TEAM_SET}),
    "tag": frozenset({Event.Kind.TAGGED}),
    "source": frozenset(),
    "emergency": frozenset({Event.Kind.EMERGENCY_SET, Event.Kind.CATEGORY_SET}),
}
CHOOSING = frozenset({
    Event.Kind.OPENED, Event.Kind.CATEGORY_SET, Event.Kind.PRIORITY_SET,
    Event.Kind.ORGANISATION_SET, Event.Kind.PRODUCT_SET, Event.Kind.REQUESTER_SET,
}).union(*MATCHES.values())  # fmt: skip


class _Candidate(NamedTuple):
    """A policy that may be chosen, by its current versions."""

    policy: int
    name: str
    is_default: bool
    is_active: bool
    version: int
    calendar_version: int
    desk_zone: str

    @property
    def match(self) -> Mapping[str, str]:
        found: Mapping[str, str] = terms.promise(self.version).document.get("match") or {}
        return found


class Chooser:
    """Chooses for some locked tickets, with a handful of queries for all of them together."""

    def __init__(self, tickets: Sequence[Ticket], at: datetime) -> None:
        self.candidates = _candidates()
        self.bought = covering.bought_by(ticket.organisation_id for ticket in tickets)
        self.failed = _failed(tickets, self.candidates, at)

    def choose(self, ticket: Ticket, at: datetime) -> Choice:
        """Find the first policy that matches, the agreement's, or the default (T7)."""
        verdict = covering.judge(ticket, self._bought_for(ticket), at)
        candidate, reason = self._first_match(ticket, verdict)
        promised = terms.promise(candidate.version)
        targets = promised.targets_for(ticket.category, ticket.priority)
        calendars = _calendars(candidate, promised.document, targets)
        return Choice(
            ticket=ticket,
            at=at,
            policy_version_id=candidate.version,
            agreement_id=verdict.agreement,
            cover=verdict.state,
            targets=targets,
            calendars=calendars,
            zone=_zone(ticket, calendars, candidate.desk_zone),
            reasons={**reason, **_cover(verdict), **_row(ticket, promised)},
        )

    def _bought_for(self, ticket: Ticket) -> Sequence[Bought]:
        return self.bought.get(ticket.organisation_id or 0, ())

    def _first_match(self, ticket: Ticket, verdict: Verdict) -> tuple[_Candidate, dict[str, Any]]:
        passed_over: list[dict[str, Any]] = []
        for candidate in self.candidates:
            if candidate.is_default or not candidate.match or not candidate.is_active:
                continue
            failed = self._failed_by(ticket, candidate, verdict)
            if not failed:
                why = {"because": "match", "match": dict(candidate.match)}
                return candidate, {**why, "passed_over": passed_over}
            passed_over.append({"policy": candidate.name, "failed": failed})
        for candidate in self.candidates:
            if verdict.is_covered and verdict.bought and candidate.policy == verdict.bought.policy:
                return candidate, {"because": "agreement", "passed_over": passed_over}
        default = next(candidate for candidate in self.candidates if candidate.is_default)
        return default, {"because": "default", "passed_over": passed_over}

    def _failed_by(self, ticket: Ticket, candidate: _Candidate, verdict: Verdict) -> list[str]:
        """Name the conditions of a policy that do not hold."""
        failed = self.failed.get((ticket.pk, candidate.version), frozenset())
        return [
            name
            for name in MATCHES
            if name in failed
            or (name == "agreement" and not _has_agreement(verdict, candidate.match.get(name)))
        ]


def follow(
    tickets: Sequence[Ticket],
    *,
    at: Callable[[Ticket], datetime],
    are_new: bool = False,
    as_made: bool = False,
) -> list[Choice]:
    """Choose anew for locked tickets and store each choice that differs from the last one.

    With `as_made`, no version counts from before it was made: an edit that waited for a worker
    may meet the versions of a later one. Gives the new choices.
    """
    if not tickets:
        return []
    last = {} if are_new else _last_choices(tickets)
    chooser = Chooser(tickets, max(map(at, tickets)))
    fresh = []
    for ticket in tickets:
        choice = chooser.choose(ticket, at(ticket))
        choice.sequence = ticket.version
        if as_made:
            choice.at = max(choice.at, terms.made_at(choice))
        before = last.get(ticket.pk)
        if before is None or _promise_of(before) != _promise_of(choice):
            choice.counted_from = _counted_from(before, choice)
            fresh.append(choice)
    _store(fresh)
    return fresh


def _last_choices(tickets: Sequence[Ticket]) -> dict[int, Choice]:
    numbers = [ticket.pk for ticket in tickets]
    standings = Standing.objects.filter(ticket__in=numbers).select_related("choice")
    return {standing.ticket_id: standing.choice for standing in standings}


def _store(choices: Sequence[Choice]) -> None:
    Choice.objects.bulk_create(choices)
    Standing.objects.bulk_create(
        [
            Standing(
                ticket_id=choice.ticket_id,
                choice=choice,
                policy_version_id=choice.policy_version_id,
                agreement_id=choice.agreement_id,
                cover=choice.cover,
            )
            for choice in choices
        ],
        update_conflicts=True,
        unique_fields=["ticket"],
        update_fields=["choice", "policy_version", "agreement", "cover"],
    )


def _counted_from(before: Choice | None, choice: Choice) -> datetime | None:
    """Since when used time is counted anew, by the calendars that are new to the ticket (T6)."""
    if before is None or before.calendars == choice.calendars:
        return None
    since = (
        terms.counted_from(before.calendars[metric], version)
        for metric, version in choice.calendars.items()
        if metric in before.calendars
    )
    return min((moment for moment in since if moment), default=None)


def _promise_of(choice: Choice) -> tuple[object, ...]:
    return (
        choice.policy_version_id, choice.targets, choice.calendars, choice.zone,
        choice.agreement_id, choice.cover,
    )  # fmt: skip


def _candidates() -> list[_Candidate]:
    """Read the policies in their order, the default one last, with the desk's zone."""
    desk = DeskSettings.objects.values("time_zone")[:1]
    rows = (
        Policy.objects.filter(current__isnull=False)
        .order_by("is_default", "position", "pk")
        .annotate(desk_zone=Coalesce(Subquery(desk), Value("UTC")))
        .values_list(
            "pk", "name", "is_default", "is_active", "current",
            F("current__calendar__current"), "desk_zone",
        )
    )  # fmt: skip
    found = [_Candidate(*row) for row in rows]
    if not any(candidate.is_default for candidate in found):
        defaults.ensure()
        return _candidates()
    return found


def _failed(
    tickets: Sequence[Ticket], candidates: Iterable[_Candidate], at: datetime
) -> dict[tuple[int, int], frozenset[str]]:
    """Ask every condition of every policy about every ticket, in one query."""
    asked = [
        (candidate.version, name, conditions([(name, value)], actor=Actor.system(), at=at))
        for candidate in candidates
        if candidate.is_active and not candidate.is_default
        for name, value in candidate.match.items()
        if name != "agreement"
    ]
    if not asked:
        return {}
    columns = {
        f"answer_{place}": _holds(condition) for place, (_, _, condition) in enumerate(asked)
    }
    answers = (
        Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets])
        .annotate(**columns)
        .values_list("pk", *columns)
    )
    failed: dict[tuple[int, int], set[str]] = {}
    for pk, *row in answers:
        for (version, name, _), is_so in zip(asked, row, strict=True):
            if not is_so:
                failed.setdefault((pk, version), set()).add(name)
    return {key: frozenset(names) for key, names in failed.items()}


def _holds(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def _has_agreement(verdict: Verdict, wanted: str | None) -> bool:
    """Answer the condition `agreement`, if there is one: keys of agreements, `any`, or `none`."""
    if wanted is None:
        return True
    words = wanted.split(",")
    if verdict.agreement is None:
        return "none" in words
    return "any" in words or str(verdict.agreement) in words


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
        metric: current[other[metric]] if metric in other else candidate.calendar_version
        for metric in targets
    }


def _zone(ticket: Ticket, calendars: Mapping[str, int], desk_zone: str) -> str:
    of_organisation = ticket.organisation.time_zone if ticket.organisation else ""
    return terms.zone_of(calendars.values(), of_organisation or desk_zone)


def _cover(verdict: Verdict) -> dict[str, Any]:
    """What the agreement said, for those who ask why."""
    if verdict.bought is None:
        return {}
    until = verdict.bought.valid_until
    return {
        "agreement": verdict.bought.agreement,
        "agreement_from": verdict.bought.valid_from.isoformat(),
        "agreement_until": until and until.isoformat(),
    }


def _row(ticket: Ticket, promised: terms.Promise) -> dict[str, Any]:
    """Which rows of the table of targets were used, by metric (docs/sla.md T8)."""
    own = {metric for metric, category, priority in promised.targets
           if category == ticket.category and priority == ticket.priority}  # fmt: skip
    return {
        "category": ticket.category,
        "priority": ticket.priority,
        "own_row": sorted(own),
    }
