"""Agreements in days: people speak of the first and the last day, in the desk's time zone.

What is stored are instants: the first one with the agreement, and the first one without it.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.models import DeskSettings
from sla.models import Agreement

_INSTANT = timedelta(microseconds=1)
FURTHEST = date(2200, 1, 1)


class DeskDays:
    """Reads and writes agreements in days of the desk's zone, which a page may know already."""

    def __init__(self, zone: str = "") -> None:
        self.zone = ZoneInfo(zone or DeskSettings.current().time_zone)

    def first(self, agreement: Agreement) -> date:
        """Give the first day with the agreement."""
        return timezone.localdate(agreement.valid_from, self.zone)

    def last(self, agreement: Agreement) -> date | None:
        """Give the last day with the agreement; None when it has no end."""
        return self.last_before(agreement.valid_until) if agreement.valid_until else None

    def last_before(self, valid_until: datetime) -> date:
        """Give the day of the last instant before this one."""
        return timezone.localdate(valid_until - _INSTANT, self.zone)

    def left(self, agreement: Agreement, at: datetime) -> int | None:
        """Count the days until the last one, which is 0 today; None when it has no end."""
        last = self.last(agreement)
        return None if last is None else (last - timezone.localdate(at, self.zone)).days

    def beginning(self, day: date) -> datetime:
        """Give the first instant of a day."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone)

    def after(self, day: date) -> datetime:
        """Give the first instant after a day."""
        return self.beginning(day + timedelta(days=1))
