"""The nouns of time promises, gathered for `from sla.models import …`."""

from sla.models.agreements import Agreement, Cover
from sla.models.calendars import Calendar, CalendarVersion
from sla.models.clocks import Clock, Outcome, Record
from sla.models.policies import ANY_CATEGORY, Choice, Policy, PolicyVersion, Rollout, Target

__all__ = [
    "ANY_CATEGORY",
    "Agreement",
    "Calendar",
    "CalendarVersion",
    "Choice",
    "Clock",
    "Cover",
    "Outcome",
    "Policy",
    "PolicyVersion",
    "Record",
    "Rollout",
    "Target",
]
