"""`manage.py demo`: load the sample desk and say how to sign in."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from helpdesk import welcome
from helpdesk.sample_desk import keys, loading


class Command(BaseCommand):
    """Make the sample desk where it is missing; each run gives fresh sign-in links."""

    help = "Load the sample desk (once) and print sign-in links and API tokens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take `--json`, for scripts."""
        parser.add_argument("--json", action="store_true", help="print JSON for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load and print."""
        now = timezone.now()
        loading.load(now)
        if options["json"]:
            answer = {**keys.sign_in_links(now), "tokens": keys.tokens(now)}
            self.stdout.write(json.dumps(answer, indent=2))
        else:
            self.stdout.write(welcome.to_samples(now))
