"""Tasks of the project itself."""

from celery import shared_task
from django.utils import timezone

from helpdesk.heartbeat import seen


@shared_task(name="helpdesk.tasks.worker_is_alive")
def worker_is_alive() -> None:
    """Show that a worker takes tasks from the queue and reaches the database."""
    seen("worker", timezone.now())
