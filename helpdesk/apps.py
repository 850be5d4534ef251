"""The project as an app: its commands, and Celery for everybody who rings a task."""

import importlib

from django.apps import AppConfig


class HelpdeskConfig(AppConfig):
    """Makes the Celery app the default one before any task is rung."""

    name = "helpdesk"

    def ready(self) -> None:
        """Load the Celery app, as its manual asks (First steps with Django)."""
        importlib.import_module("helpdesk.celery")
