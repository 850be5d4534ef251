"""What workers do for time promises; every task may run twice."""

from celery import shared_task

from accounts.database_time import database_time
from sla import auditing, rollout
from sla.sweep import sweep


@shared_task(name="sla.sweep")
def watch() -> None:
    """Record the warnings and breaches that silence has brought."""
    sweep()


@shared_task(name="sla.follow_changes")
def follow_changes() -> None:
    """Let live clocks follow edited calendars, policies and agreements, by the database's time."""
    rollout.follow_changes(database_time())


@shared_task(name="sla.audit")
def audit() -> None:
    """Begin the nightly audit when it is time, and go on with one that is not over."""
    auditing.go_on()
