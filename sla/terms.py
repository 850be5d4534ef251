"""Stored versions read back as what the clocks count with; versions never change, so cached."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from django.db.models import Min

from sla.business_time import Calendar, OpeningHours
from sla.calendar_documents import ORGANISATION
from sla.happenings import METRICS, RESUME, Step, Terms
from sla.models import ANY_CATEGORY, CalendarVersion, Choice, PolicyVersion


@dataclass(frozen=True)
class Promise:
    """A policy version, ready to be asked for the targets of a ticket."""

    policy: str
    number: int
    calendar_id: int
    made_at: datetime
    document: Mapping[str, Any]
    targets: Mapping[tuple[str, str, str], int]

    def targets_for(self, category: str | None, priority: str) -> dict[str, int]:
        """Give the seconds per metric, from the category's row or any category's (T8)."""
        return targets_for(self.targets, category, priority)


class Chosen(NamedTuple):
    """What the clocks need to know of a stored choice, read by the thousand."""

    pk: int
    ticket_id: int
    sequence: int
    at: datetime
    policy_version_id: int
    targets: Mapping[str, int]
    calendars: Mapping[str, int]
    zone: str
    counted_from: datetime | None


def targets_for(
    targets: Mapping[tuple[str, str, str], int], category: str | None, priority: str
) -> dict[str, int]:
    """Give the seconds per metric, from the category's row or any category's (T8)."""
    found = {}
    for metric in METRICS:
        exact = targets.get((metric, category or ANY_CATEGORY, priority))
        seconds = exact or targets.get((metric, ANY_CATEGORY, priority))
        if seconds is not None:
            found[metric] = seconds
    return found


@cache
def promise(version_id: int) -> Promise:
    """Read a policy version with its targets."""
    version = PolicyVersion.objects.select_related("policy").get(pk=version_id)
    rows = version.targets.all()
    return Promise(
        policy=version.policy.name,
        number=version.number,
        calendar_id=version.calendar_id,
        made_at=version.created_at,
        document=version.document,
        targets={(row.metric, row.category, row.priority): row.seconds for row in rows},
    )


@cache
def calendar(version_id: int) -> Calendar:
    """Read a calendar version."""
    document = CalendarVersion.objects.values_list("document", flat=True).get(pk=version_id)
    return Calendar.parse(document)


@cache
def _calendar_made_at(version_id: int) -> datetime:
    return CalendarVersion.objects.values_list("created_at", flat=True).get(pk=version_id)


@cache
def counted_from(old_id: int, new_id: int) -> datetime | None:
    """Since when the versions of one calendar after `old_id`, up to `new_id`, count anew (T6)."""
    old, new = CalendarVersion.objects.get(pk=old_id), CalendarVersion.objects.get(pk=new_id)
    between = CalendarVersion.objects.filter(
        calendar=old.calendar_id, number__gt=old.number, number__lte=new.number
    )
    if old.calendar_id != new.calendar_id:
        return None
    since: datetime | None = between.aggregate(first=Min("counted_from"))["first"]
    return since


def made_at(choice: Choice) -> datetime:
    """When the last of the versions was made that a choice goes by."""
    calendars = (_calendar_made_at(pk) for pk in choice.calendars.values())
    return max([promise(choice.policy_version_id).made_at, *calendars])


def hours(version_id: int, zone: str) -> OpeningHours:
    """Compile a calendar version; the same object each time, so that a swap is noticed (T4)."""
    return calendar(version_id).opening_hours(zone, f"{version_id}@{zone}")


def actions_of(version_id: int, metric: str, name: str) -> list[Mapping[str, Any]]:
    """Give what a policy version does at one of its steps, in the words of tickets.steps."""
    steps = promise(version_id).document.get("steps", {}).get(metric, ())
    return [action for step in steps if step["name"] == name for action in step.get("actions", ())]


def zone_of(versions: Iterable[int], wanted: str) -> str:
    """Where these calendar versions are counted; empty when all of them name a zone (T9)."""
    if all(calendar(pk).timezone != ORGANISATION for pk in set(versions)):
        return ""
    return wanted


def terms_of(choice: Choice | Chosen) -> Terms:
    """Build what a ticket was promised by a stored choice."""
    rules = _rules(choice.policy_version_id, tuple(sorted(choice.calendars.items())), choice.zone)
    return replace(rules, key=str(choice.pk), targets=choice.targets)


@lru_cache(maxsize=10_000)
def _rules(version_id: int, calendars: tuple[tuple[str, int], ...], zone: str) -> Terms:
    """Everything of a promise but its targets, which many tickets share."""
    return build("", promise(version_id).document, {}, dict(calendars), zone)


def build(
    key: str,
    document: Mapping[str, Any],
    targets: Mapping[str, int],
    calendars: Mapping[str, int],
    zone: str,
) -> Terms:
    """Build terms from the document of a policy, a ticket's targets and calendar versions."""
    return Terms(
        key=key,
        targets=targets,
        hours={metric: hours(version_id, zone) for metric, version_id in calendars.items()},
        pause={name: frozenset(statuses) for name, statuses in document["pause"].items()},
        on_reopen=document.get("on_reopen", RESUME),
        reopen_minimum_percent=document.get("reopen_minimum_percent", 0),
        change_minimum_percent=document.get("change_minimum_percent", 0),
        steps={
            metric: tuple(_step(step) for step in steps)
            for metric, steps in document.get("steps", {}).items()
        },
    )


def _step(step: Mapping[str, Any]) -> Step:
    acts = bool(step.get("actions"))
    return Step(**{name: value for name, value in step.items() if name != "actions"}, acts=acts)
