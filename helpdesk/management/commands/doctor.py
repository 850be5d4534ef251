"""`manage.py doctor`: check the installation and say in sentences what is wrong."""

import shutil
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.heartbeat import PARTS, silent_parts
from channels import smtp
from channels.models import Outgoing
from helpdesk import embedded, web_probe
from helpdesk.command_line import unreachable
from web import health

LEAST_SPACE = 1024**3  # bytes


class Command(BaseCommand):
    """Say what works and what does not; ends with an error when the desk cannot work."""

    help = "Check the installation: database, broker, worker, beat, mail, disk, address."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one part, for the health checks of containers."""
        parser.add_argument("--part", choices=PARTS, help="ask only whether this part is alive")
        parser.add_argument(
            "--wait", type=float, default=20, metavar="SECONDS",
            help="how long worker and beat may take to show themselves after a start (20)",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a sentence for each trouble."""
        if options["part"]:
            if options["part"] in silent_parts(timezone.now()):
                raise CommandError(f"The {options['part']} has been silent for 90 seconds.")
            return
        web = _web_server()
        found = self._look_patiently(options["wait"])
        troubles = [*_faults(found), *_web_faults(web)]
        for sentence in troubles:
            self.stdout.write(self.style.ERROR(f"✗ {sentence}"))
        for sentence in _hints(web, found):
            self.stdout.write(self.style.WARNING(f"! {sentence}"))
        if troubles:
            raise CommandError("The helpdesk does not work as it should.")
        works = "The helpdesk works." if web == "ok" else "Everything else works."
        self.stdout.write(self.style.SUCCESS(f"✓ {works}"))

    def _look_patiently(self, seconds: float) -> health.Health:
        """Look again while worker or beat are silent: they may have been started just now."""
        found = health.look(timezone.now())
        deadline = time.monotonic() + seconds
        if seconds and _may_come(found):
            self.stdout.write(f"Worker or beat is silent; waiting up to {seconds:g} s for it …")
        while _may_come(found) and time.monotonic() < deadline:
            time.sleep(0.5)
            found = health.look(timezone.now())
        return found


def _may_come(found: health.Health) -> bool:
    return found.database == found.broker == "ok" and found.status != "ok"


def _web_server() -> str:
    """What the web server answers: `ok`, `missing`, or `unknown` where nobody says its address."""
    local = embedded.web_address(settings.DATA_DIR)
    if local:
        return "ok" if web_probe.answers(local) else "missing"
    return "ok" if web_probe.answers(settings.SITE_URL) else "unknown"


def _web_faults(web: str) -> Iterator[str]:
    if web == "missing":
        address = embedded.web_address(settings.DATA_DIR)
        yield f"The web server does not answer at {address}: logs/web.log may say why."


def _faults(found: health.Health) -> Iterator[str]:
    if found.database == "missing":
        yield unreachable()
    if found.database == "not migrated":
        yield "The database is of another version: run `manage.py migrate`, or start it again."
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


def _hints(web: str, found: health.Health) -> Iterator[str]:
    if web == "unknown":
        yield f"{settings.SITE_URL} does not answer from here: look whether a browser reaches it."
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
