"""The app of tickets."""

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Name the app once."""

    name = "tickets"
    verbose_name = "Tickets"
