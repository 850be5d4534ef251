"""Work every clock out again from history and report what differs: manage.py sla_audit."""

import sys
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from sla.audit import drift, drift_of_some
from tickets.models import Ticket


class Command(BaseCommand):
    """Print a line per difference; exit with 1 when there is any."""

    help = "Work all clocks out again from the tickets' history and report every difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many tickets to look at."""
        parser.add_argument("--sample", type=_count, help="so many tickets, at random, not all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, print and count."""
        lines = 0
        found = drift_of_some(_some(options["sample"])) if options["sample"] else drift()
        for line in found:
            lines += 1
            self.stdout.write(line)
        if lines:
            self.stdout.write(f"{lines} differences")
            sys.exit(1)
        self.stdout.write("No drift: every clock is what its ticket's history says.")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError("Give a whole number from 1 on.")
    return int(text)


def _some(wanted: int) -> list[int]:
    return list(Ticket.objects.order_by("?").values_list("pk", flat=True)[:wanted])
