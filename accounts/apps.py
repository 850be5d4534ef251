"""The app of people."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Name the app once."""

    name = "accounts"
    verbose_name = "Accounts"
