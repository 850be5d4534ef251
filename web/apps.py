"""The doors as a Django app, so that their template tags are found."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages and API."""

    name = "web"
