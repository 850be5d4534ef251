"""`manage.py setup_link`: the one-time link of the set-up page, while nobody exists yet."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from accounts.actions.signing_in import make_setup_link


class Command(BaseCommand):
    """Print the link that sets up a new desk; an older one stops working."""

    help = "Print the one-time link of the set-up page of a new desk."

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the link and print it."""
        secret = make_setup_link()
        if secret is None:
            raise CommandError("This desk is set up already: sign in, or use sign_in_link.")
        self.stdout.write(f"{settings.SITE_URL}{reverse('signin:set_up', args=[secret])}")
