"""`manage.py sign_in_link EMAIL`: a one-time link for somebody who cannot get mail."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone

from accounts.actions.signing_in import make_sign_in_link
from accounts.models import User


class Command(BaseCommand):
    """Print a one-time sign-in link (15 minutes)."""

    help = "Print a one-time sign-in link for a person (15 minutes)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare whose link."""
        parser.add_argument("email")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the link and print it."""
        person = User.objects.filter(email=options["email"].strip().lower()).first()
        if person is None or not person.is_active:
            raise CommandError("Nobody with this e-mail address may sign in.")
        secret = make_sign_in_link(person, at=timezone.now())
        self.stdout.write(f"{settings.SITE_URL}{reverse('signin:link', args=[secret])}")
