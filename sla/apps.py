"""The app of time promises."""

from django.apps import AppConfig


class SlaConfig(AppConfig):
    """Name the app once."""

    name = "sla"
    verbose_name = "Service levels"
