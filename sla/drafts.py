"""A policy as somebody puts it, checked and ready to count with, before anything is saved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid
from sla import policy_documents, terms
from sla.happenings import METRICS, Terms
from sla.models import Calendar


@dataclass(frozen=True)
class Draft:
    """Rows of targets, the clean document, and the calendar version of each metric."""

    rows: list[dict[str, Any]]
    document: dict[str, Any]
    versions: Mapping[str, int]

    def terms(self, category: str | None, priority: str, zone: str) -> Terms:
        """What it would promise such a ticket; `zone` is that of its organisation or the desk."""
        table = {
            (row["metric"], row["category"], row["priority"]): row["seconds"] for row in self.rows
        }
        targets = terms.targets_for(table, category, priority)
        versions = {metric: self.versions[metric] for metric in targets}
        where = terms.zone_of(versions.values(), zone)
        return terms.build("draft", self.document, targets, versions, where)


def read(
    calendar: Calendar,
    targets: policy_documents.Targets,
    document: Mapping[str, Any],
    at: datetime,
) -> Draft:
    """Check everything that a policy promises.

    :raises Invalid: something cannot be promised; `pointer` names it.
    """
    if calendar.current_id is None:
        raise Invalid(_("This calendar has no opening hours yet."), pointer="calendar")
    clean = policy_documents.read_document(document)
    versions = dict.fromkeys(METRICS, calendar.current_id) | _others(clean["calendars"])
    hours = {metric: terms.calendar(version) for metric, version in versions.items()}
    return Draft(policy_documents.read_targets(targets, hours, at), clean, versions)


def _others(calendars: Mapping[str, int]) -> dict[str, int]:
    if not calendars:
        return {}
    known = Calendar.objects.filter(pk__in=calendars.values())
    current = dict(known.values_list("pk", "current_id"))
    for metric, pk in calendars.items():
        if current[pk] is None:
            raise Invalid(
                _("This calendar has no opening hours yet."), pointer=f"calendars.{metric}"
            )
    return {metric: current[pk] for metric, pk in calendars.items()}
