"""`manage.py doctor`: check the installation and say in sentences what is wrong."""

import shutil
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from channels import smtp
from channels.models import Outgoing
from helpdesk import health
from helpdesk.command_line import unreachable
from helpdesk.heartbeat import PARTS, silent_parts

LEAST_SPACE = 1024**3  # bytes


class Command(BaseCommand):
    """Say what works and what does not; ends with an error when the desk cannot work."""

    help = "Check the installation: database, broker, worker, beat, mail, disk, address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one part, for the health checks of containers."""
        parser.add_argument("--part", choices=PARTS, help="ask only whether this part is alive")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a sentence for each trouble."""
        if options["part"]:
            if options["part"] in silent_parts(timezone.now()):
                raise CommandError(f"The {options['part']} has been silent for 90 seconds.")
            return
        found = health.look(timezone.now())
        troubles = list(_faults(found))
        for sentence in troubles:
            self.stdout.write(self.style.ERROR(f"✗ {sentence}"))
        for sentence in _hints(found):
            self.stdout.write(self.style.WARNING(f"! {sentence}"))
        if troubles:
            raise CommandError("The helpdesk does not work as it should.")
        self.stdout.write(self.style.SUCCESS("✓ The helpdesk works."))


def _faults(found: health.Health) -> Iterator[str]:
    if found.database == "missing":
        yield unreachable()
    if found.database == "not migrated":
        yield "The database is of another version: run `python manage.py migrate`."
    if found.broker != "ok":
        yield "Valkey or Redis cannot be reached: tickets are accepted, but mails wait."
    if found.worker != "ok":
        yield "No worker has given a sign of life for 90 seconds: mails and deadlines wait."
    if found.beat != "ok":
        yield "Beat has given no sign of life for 90 seconds: deadlines are not watched."
    if not settings.DATA_DIR.is_dir():
        yield f"The data folder {settings.DATA_DIR} is missing."
    elif shutil.disk_usage(settings.DATA_DIR).free < LEAST_SPACE:
        yield f"Less than 1 GB is left on the disk of {settings.DATA_DIR}."


def _hints(found: health.Health) -> Iterator[str]:
    site = urlsplit(settings.SITE_URL)
    if site.scheme != "https" and site.hostname not in {"localhost", "127.0.0.1", "::1"}:
        yield f"{settings.SITE_URL} is not encrypted: put a proxy with TLS in front."
    if found.database != "ok":
        return
    if smtp.current() is None:
        yield "No mail server is set, so mails wait in the outbox."
    dead = Outgoing.objects.filter(dead_at__isnull=False).count()
    if dead:
        yield f"{dead} mails were given up; see Settings → Outgoing mail."
