"""What workers do for time promises; every task may run twice."""

from celery import shared_task

from sla import rollout
from sla.sweep import database_time, sweep


@shared_task(name="sla.sweep")
def watch() -> None:
    """Record the warnings and breaches that silence has brought."""
    sweep()


@shared_task(name="sla.follow_changes")
def follow_changes() -> None:
    """Let live clocks follow edited calendars, policies and agreements, by the database's time."""
    rollout.follow_changes(database_time())
