"""What a new installation promises: Monday to Friday, nine to five, and sensible targets."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import transaction

from sla.calendar_documents import ORGANISATION, zone_version
from sla.happenings import FIRST_RESPONSE, METRICS, NEXT_RESPONSE, RESOLUTION, UPDATE

CALENDAR = {
    "timezone": ORGANISATION,
    "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": [],
    "hours_per_day": 8,
}
PAUSE = {RESOLUTION: ["pending", "on_hold"], UPDATE: ["pending", "on_hold"]}
WARNINGS = {metric: [{"name": "75 %", "percent": 75}] for metric in METRICS}
HOURS = {  # of business time, per priority
    FIRST_RESPONSE: {"urgent": 1, "high": 4, "normal": 8, "low": 16},
    NEXT_RESPONSE: {"urgent": 2, "high": 4, "normal": 8, "low": 16},
    RESOLUTION: {"urgent": 8, "high": 24, "normal": 40, "low": 80},
}
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@transaction.atomic
def ensure(model: Callable[[str, str], Any] = apps.get_model) -> None:
    """Make the default calendar and policy unless there is a default policy already.

    A migration hands in its own historical models.
    """
    policies = model("sla", "Policy").objects
    if policies.filter(is_default=True, current__isnull=False).exists():
        return
    calendar, _ = model("sla", "Calendar").objects.get_or_create(name="Working days 9 to 5")
    if calendar.current_id is None:
        calendar.current = calendar.versions.create(
            number=1, document=CALENDAR, tzdata=zone_version(), created_at=_EVER
        )
        calendar.save()
    policy, _ = policies.get_or_create(
        is_default=True, defaults={"name": "Default", "position": 1000}
    )
    document = {"match": {}, "pause": PAUSE, "steps": WARNINGS}
    policy.current = policy.versions.create(
        number=1, calendar=calendar, document=document, created_at=_EVER
    )
    policy.save()
    target = model("sla", "Target")
    target.objects.bulk_create(
        target(version=policy.current, metric=metric, priority=priority, seconds=hours * 3600)
        for metric, by_priority in HOURS.items()
        for priority, hours in by_priority.items()
    )
