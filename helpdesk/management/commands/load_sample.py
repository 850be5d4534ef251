"""Fill the desk with realistic tickets: manage.py load_sample --tickets 1000000."""

import time
from argparse import ArgumentParser
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from helpdesk.sample_desk import copying, lives, loading
from sla.sweep import sweep
from tickets import publishing, tallies
from tickets.models import Ticket

MOST_LIVES = {False: 900, True: 500}  # by whether open; what is more are copies of them
LEAST_LIVES = 60
MOST_ORGANISATIONS = 200


class Command(BaseCommand):
    """Live some hundred tickets through the real actions and copy them."""

    help = "Fill the desk with many realistic tickets, for tests of speed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, and how many of them are open."""
        parser.add_argument("--tickets", type=int, required=True)
        parser.add_argument("--open-share", type=float, default=0.03, metavar="SHARE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, and say how far it is."""
        wanted, share = options["tickets"], options["open_share"]
        if wanted < 1 or not 0 <= share <= 1:
            raise CommandError("Say how many tickets (1 or more) and a share from 0 to 1.")
        began = time.monotonic()
        now = timezone.now().replace(microsecond=0)
        loading.load(now)
        sweep(now)
        organisations = max(8, min(MOST_ORGANISATIONS, wanted // 50))
        cast, random = lives.cast(now, organisations), Random(f"{wanted} {share}")  # noqa: S311 - a sample
        wanted_open = round(wanted * share)
        for is_open, many in ((False, wanted - wanted_open), (True, wanted_open)):
            originals = min(many, max(LEAST_LIVES, min(many // 20, MOST_LIVES[is_open])))
            numbers = [
                lives.live(cast, random, now=now, is_open=is_open).number for _ in range(originals)
            ]
            self._say(began, f"{len(numbers)} {'open' if is_open else 'finished'} tickets lived")
            self._let_go(now)
            if len(numbers) < many:
                weeks = 0 if is_open else copying.WEEKS
                copying.copy(numbers, many, weeks=weeks, say=lambda text: self._say(began, text))
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
            cursor.execute("ANALYZE")
        self._say(began, "counting for the reports")
        while tallies.follow(now).is_behind:
            pass
        self._say(began, f"The desk has {Ticket.objects.count()} tickets.")

    def _let_go(self, now: datetime) -> None:
        """Publish what happened, and tell nobody: it is old news."""
        publishing.publish_pending(now)
        publishing.tell_nobody(before=now + timedelta(seconds=1), at=now)

    def _say(self, began: float, text: str) -> None:
        self.stdout.write(f"{time.monotonic() - began:7.1f} s  {text}")
        self.stdout.flush()
