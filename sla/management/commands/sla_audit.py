"""Work every clock out again from history and report what differs: manage.py sla_audit."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from sla.audit import drift


class Command(BaseCommand):
    """Print a line per difference; exit with 1 when there is any."""

    help = "Work all clocks out again from the tickets' history and report every difference."

    def handle(self, *args: Any, **options: Any) -> None:
        """Compare, print and count."""
        lines = 0
        for line in drift():
            lines += 1
            self.stdout.write(line)
        if lines:
            self.stdout.write(f"{lines} differences")
            sys.exit(1)
        self.stdout.write("No drift: every clock is what its ticket's history says.")
