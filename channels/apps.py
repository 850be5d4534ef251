"""The app of mail in and out."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Name the app once."""

    name = "channels"
    verbose_name = "Channels"
