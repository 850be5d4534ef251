"""Work every clock out again from history and report what differs: manage.py sla_audit."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sla.audit import drift, drift_of_some
from tickets.models import Ticket


class Command(BaseCommand):
    """Print a line per difference; exit with 1 when there is any."""

    help = "Work all clocks out again from the tickets' history and report every difference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many tickets to look at."""
        parser.add_argument("--sample", type=int, help="so many tickets, at random, not all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, print and count."""
        sample = options["sample"]
        if sample is not None and sample < 1:
            raise CommandError("A sample is of 1 ticket or more.")
        lines = 0
        found = drift_of_some(_some(sample)) if sample else drift()
        for line in found:
            lines += 1
            self.stdout.write(line)
        if lines:
            self.stdout.write(f"{lines} differences")
            sys.exit(1)
        self.stdout.write("No drift: every clock is what its ticket's history says.")


def _some(wanted: int) -> list[int]:
    return list(Ticket.objects.order_by("?").values_list("pk", flat=True)[:wanted])
