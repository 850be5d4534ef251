"""Say why a ticket is due when it is: manage.py sla_explain 1042."""

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from sla.explain import Row, explain
from tickets.models import Ticket


class Command(BaseCommand):
    """Print every clock of one ticket with its policy and its stretches."""

    help = "Explain the due times of one ticket."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the ticket's number."""
        parser.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one paragraph per clock."""
        ticket = Ticket.objects.filter(pk=options["number"]).first()
        if ticket is None:
            raise CommandError(f"There is no ticket #{options['number']}.")
        explained = explain(ticket, at=timezone.now())
        due = _local(explained["due_at"]) if explained["due_at"] else "at no time"
        zone = timezone.get_current_timezone_name()
        self.stdout.write(f"#{ticket.pk} is due {due} (all times in {zone})")
        if explained["error"]:
            self.stdout.write(explained["error"])
        for clock in explained["clocks"]:
            self._clock(clock)

    def _clock(self, clock: Row) -> None:
        policy = clock["policy"]
        self.stdout.write(f"\n{clock['label']} {clock['seq']}: {clock['state']}")
        self.stdout.write(f"  {clock['sentence']}")
        self.stdout.write(f"  {policy['name']} version {policy['version']}")
        for reason in policy["reasons"]:
            self.stdout.write(f"  {reason}")
        for part in clock["segments"]:
            cause = " ".join(word for word in (part["by"], part["because"]) if word)
            self.stdout.write(
                f"  {_local(part['start'])} to {_local(part['end']) if part['end'] else 'now'}"
                f" {part['state']} ({part['status']}),"
                f" {part['elapsed_seconds']} s on {part['calendar']} {cause}".rstrip()
            )
        for change in clock["target_changes"]:
            self.stdout.write(
                f"  {_local(change['at'])} from {change['from_seconds']} s"
                f" to {change['to_seconds']} s on {change['calendar']}"
            )
        for day in clock["skipped"]["days"]:
            closed = "closed" if day["is_closed"] else "other hours"
            self.stdout.write(f"  {day['on']} {closed} {day['name']}".rstrip())


def _local(instant: datetime) -> str:
    return f"{timezone.localtime(instant):%Y-%m-%d %H:%M:%S}"
