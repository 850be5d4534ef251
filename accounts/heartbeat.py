"""Signs of life of worker and beat: one row each, written by themselves."""

from datetime import datetime, timedelta

from accounts.models import Heartbeat

PARTS = ("worker", "beat")
SILENT_AFTER = timedelta(seconds=90)


def seen(part: str, at: datetime) -> None:
    """Note that the part was alive at this instant."""
    Heartbeat.objects.update_or_create(pk=part, defaults={"at": at})


def silent_parts(at: datetime) -> list[str]:
    """Name the parts that gave no sign of life for 90 seconds, in the order of `PARTS`."""
    return silent_since(at - SILENT_AFTER)


def silent_since(moment: datetime) -> list[str]:
    """Name the parts that gave no sign of life after this instant, in the order of `PARTS`."""
    alive = set(
        Heartbeat.objects.filter(at__gt=moment, pk__in=PARTS)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return [part for part in PARTS if part not in alive]
