"""The Celery app and the beat table; every task is a doorbell for rows in PostgreSQL."""

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_process_init
from django.conf import settings

from helpdesk.processes import die_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helpdesk.settings")

app = Celery("helpdesk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

app.conf.beat_schedule = {
    name: {"task": task, "schedule": seconds}
    for name, task, seconds in [
        ("the worker is alive", "helpdesk.tasks.worker_is_alive", 15),
        ("load the samples asked for", "helpdesk.tasks.load_samples", settings.SWEEP_SECONDS),
        ("publish what a crash left", "tickets.publish", settings.SWEEP_SECONDS),
        ("go on with changes of many tickets", "tickets.change_many", settings.SWEEP_SECONDS),
        ("watch the deadlines", "sla.sweep", settings.SWEEP_SECONDS),
        ("follow edited promises", "sla.follow_changes", 60),
        ("audit the clocks at night", "sla.audit", 60),
        ("tell of agreements that end", "channels.tell_expiries", 600),
        ("tell how the month was", "channels.tell_reports", 600),
        ("send what is due", "channels.send", settings.SWEEP_SECONDS),
        ("write the words owed to search", "tickets.reindex", settings.SWEEP_SECONDS),
        ("count words", "tickets.count_words", 60),
        ("keep the counts of reports", "tickets.follow_tallies", 30),
        ("wake what was snoozed", "tickets.wake_snoozed", 15),
        ("close what stayed resolved", "tickets.close_resolved", 300),
        ("forget what is old", "tickets.clear_uploads", 600),
    ]
}


@setup_logging.connect(weak=False)
def _log_as_the_settings_say(**_: Any) -> None:
    # Celery leaves logging alone once somebody listens here; LOGGING is in force already.
    return


@worker_process_init.connect(weak=False)
def _die_with_the_worker(**_: Any) -> None:
    # A worker killed by -9 cannot end its pool, and an orphan would go on working unwatched.
    die_with_parent(os.getppid(), signal.SIGKILL)
