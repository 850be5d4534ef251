"""Every change of calendars, policies, agreements and due times set by hand."""

from sla.actions.agreements import AgreementOverlaps, end_agreement, save_agreement
from sla.actions.calendars import (
    CalendarInUse,
    delete_calendar,
    read_calendar,
    refuse_strange_past,
    save_calendar,
)
from sla.actions.due_times import set_due
from sla.actions.policies import move_policy, save_policy

__all__ = [
    "AgreementOverlaps",
    "CalendarInUse",
    "delete_calendar",
    "end_agreement",
    "move_policy",
    "read_calendar",
    "refuse_strange_past",
    "save_agreement",
    "save_calendar",
    "save_policy",
    "set_due",
]
