"""The nouns of time promises, gathered for `from sla.models import …`."""

from sla.models.agreements import Agreement, Cover, ExpiryNotice, Validity
from sla.models.audits import AuditRun, Drift
from sla.models.calendars import Calendar, CalendarVersion
from sla.models.choices import OUT_OF_COVER, Choice, CoverState, Standing
from sla.models.clocks import Clock, Escalation, Outcome, Record
from sla.models.policies import ANY_CATEGORY, Metric, Policy, PolicyVersion, Target
from sla.models.reports import ReportNotice
from sla.models.rollouts import Rollout

__all__ = [
    "ANY_CATEGORY",
    "OUT_OF_COVER",
    "Agreement",
    "AuditRun",
    "Calendar",
    "CalendarVersion",
    "Choice",
    "Clock",
    "Cover",
    "CoverState",
    "Drift",
    "Escalation",
    "ExpiryNotice",
    "Metric",
    "Outcome",
    "Policy",
    "PolicyVersion",
    "Record",
    "ReportNotice",
    "Rollout",
    "Standing",
    "Target",
    "Validity",
]
