"""The app of macros."""

from django.apps import AppConfig


class AutomationConfig(AppConfig):
    """Name the app once."""

    name = "automation"
    verbose_name = "Automation"
