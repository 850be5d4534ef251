"""What workers do for time promises; every task may run twice."""

from celery import shared_task
from django.utils import timezone

from sla import rollout
from sla.sweep import sweep


@shared_task(name="sla.sweep")
def watch() -> None:
    """Record the warnings and breaches that silence has brought."""
    sweep()


@shared_task(name="sla.follow_changes")
def follow_changes() -> None:
    """Let live clocks follow edited calendars, policies and agreements."""
    rollout.follow_changes(timezone.now())
