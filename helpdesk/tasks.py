"""Tasks of the project itself."""

from celery import shared_task
from django.utils import timezone

from accounts.heartbeat import seen
from accounts.models import DeskSettings
from helpdesk.sample_desk import loading


@shared_task(name="helpdesk.tasks.worker_is_alive")
def worker_is_alive() -> None:
    """Show that a worker takes tasks from the queue and reaches the database."""
    seen("worker", timezone.now())


@shared_task(name="helpdesk.tasks.load_samples")
def load_samples() -> None:
    """Load the sample desk when the set-up page asked for it."""
    asked = DeskSettings.objects.filter(samples_asked_at__isnull=False)
    if asked.exists():
        loading.load(timezone.now())
        asked.update(samples_asked_at=None)
