"""A ticket's events and choices, read back as the happenings that its clocks are made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sla.choosing import CHOOSING
from sla.happenings import (
    NO_TERMS,
    CustomerWrote,
    DueSet,
    Happening,
    MessageWithdrawn,
    OlderStart,
    Opened,
    Party,
    Responded,
    StatusSet,
    TermsSet,
)
from sla.models import Choice
from sla.terms import Chosen, terms_of
from tickets.models import Event

Kind = Event.Kind
_MOVING = frozenset({
    Kind.MESSAGE_ADDED, Kind.MESSAGE_WITHDRAWN, Kind.SLA_DUE_SET, Kind.MERGED_IN,
    Kind.MERGED_OUT,
})  # fmt: skip
_REASONS: dict[str, str] = {Kind.SPAM_MARKED: "spam", Kind.MERGED: "merged"}
_WORDS = {("reply", "customer"), ("reply", "agent")}


class Fact(NamedTuple):
    """What the clocks need to know of an event."""

    ticket_id: int
    sequence: int
    kind: str
    at: datetime
    after: Mapping[str, Any]


def matters(event: Event) -> bool:
    """Say whether an event can move a clock; notes, tags and the engine's own events cannot."""
    if event.kind == Kind.MESSAGE_ADDED:
        return (event.after.get("kind"), event.after.get("by")) in _WORDS
    return event.kind in CHOOSING or event.kind in _MOVING or "status" in event.after


def happenings_of(numbers: Iterable[int]) -> dict[int, list[Happening]]:
    """Read the whole story of each ticket, in two queries."""
    numbers = list(numbers)
    choices: dict[int, dict[int, list[Chosen]]] = defaultdict(lambda: defaultdict(list))
    rows = Choice.objects.filter(ticket__in=numbers).order_by("id").values_list(*Chosen._fields)
    for choice in map(Chosen._make, rows):
        choices[choice.ticket_id][choice.sequence].append(choice)
    events = (
        Event.objects.filter(ticket__in=numbers)
        .exclude(kind__in=[kind for kind in Kind if kind.is_of_sla])
        .order_by("ticket_id", "sequence")
        .values_list("ticket_id", "sequence", "kind", "at", "after")
    )
    stories: dict[int, list[Happening]] = {number: [] for number in numbers}
    for fact in map(Fact._make, events):
        waiting, story = choices[fact.ticket_id], stories[fact.ticket_id]
        # Chosen after one of the engine's own events, yet before this one (docs/sla.md K7).
        for sequence in [earlier for earlier in waiting if earlier < fact.sequence]:
            story += map(_terms_set, waiting.pop(sequence))
        story += told(fact, waiting.pop(fact.sequence, []))
    for number, late in choices.items():
        for chosen in late.values():
            stories[number] += map(_terms_set, chosen)
    return stories


def told(fact: Fact, chosen: Sequence[Choice | Chosen]) -> list[Happening]:
    """Turn one event, and what was chosen at it, into happenings."""
    if fact.kind == Kind.OPENED:
        by: Party = "customer" if fact.after["by"] == "customer" else "agent"
        terms = terms_of(chosen[0]) if chosen else NO_TERMS
        opened = Opened(fact.at, by, fact.after["status"], terms)
        return [opened, *map(_terms_set, chosen[1:])]
    happening = _happening(fact)
    return [*([happening] if happening else []), *map(_terms_set, chosen)]


def _terms_set(choice: Choice | Chosen) -> TermsSet:
    return TermsSet(choice.at, terms_of(choice), choice.counted_from)


def _happening(fact: Fact) -> Happening | None:
    after = fact.after
    if fact.kind == Kind.MESSAGE_ADDED:
        return _message(fact)
    if fact.kind == Kind.MESSAGE_WITHDRAWN:
        return MessageWithdrawn(fact.at, after["message"])
    if fact.kind == Kind.SLA_DUE_SET:
        due_at = after["due_at"] and datetime.fromisoformat(after["due_at"])
        return DueSet(fact.at, after["metric"], due_at)
    if fact.kind in {Kind.MERGED_IN, Kind.MERGED_OUT}:
        return OlderStart(fact.at, after["since"] and datetime.fromisoformat(after["since"]))
    if "status" in after:
        reason = _REASONS.get(fact.kind, "")
        return StatusSet(fact.at, after["status"], after.get("by", "other"), reason)
    return None


def _message(fact: Fact) -> Happening | None:
    """Only a public message of a customer or a human agent counts (docs/sla.md K6)."""
    if fact.after["kind"] != "reply":
        return None
    if fact.after["by"] == "customer":
        return CustomerWrote(fact.at, fact.after["message"])
    return Responded(fact.at, fact.after["message"]) if fact.after["by"] == "agent" else None
