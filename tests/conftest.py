"""What every test may use: a mail sink, a browser, a clock, and sizes for property tests."""

import asyncio
import email
import email.policy
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from pytest_django import DjangoDbBlocker, Settings

from helpdesk import embedded
from tests.stack import Beside, Stack, free_port

IS_DRILL = os.environ.get("DRILL") == "1"
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

_slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
hypothesis.register_profile(
    "test", max_examples=60, deadline=None, derandomize=True, suppress_health_check=_slow
)
hypothesis.register_profile(
    "drill", max_examples=5_000, deadline=None, suppress_health_check=_slow
)
hypothesis.load_profile("drill" if IS_DRILL else "test")

# Pages are tested without collecting files first; the stack tests use the real storage.
settings.STORAGES = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Number tickets from where no number is part of a date, a size or another number."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER SEQUENCE tickets_ticket_number_seq RESTART WITH 7100001")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@dataclass
class MailSink:
    """An SMTP server that keeps what it accepts; `answer` makes it refuse or defer.

    `is_awake` is set; cleared, it keeps whoever sends waiting for the answer.
    """

    port: int = 0
    answer: str = "250 OK"
    is_awake: threading.Event = field(default_factory=threading.Event)
    envelopes: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take one mail, or answer as told."""
        await asyncio.to_thread(self.is_awake.wait, 15)
        if self.answer.startswith("250"):
            self.envelopes.append(envelope)
        return self.answer

    @property
    def url(self) -> str:
        """The address for HELPDESK_SMTP_URL; no encryption on the loopback."""
        return f"smtp://127.0.0.1:{self.port}?security=none"

    @property
    def mails(self) -> list[EmailMessage]:
        """Every accepted mail, in order."""
        return [_parsed(envelope) for envelope in self.envelopes]

    def to(self, address: str) -> list[EmailMessage]:
        """Every accepted mail whose envelope goes to this address, in order."""
        return [_parsed(each) for each in self.envelopes if address in each.rcpt_tos]


def _parsed(envelope: Envelope) -> EmailMessage:
    content = envelope.content
    assert isinstance(content, bytes)
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


@pytest.fixture
def mail_sink(settings: Settings) -> Iterator[MailSink]:
    """A real SMTP server on the loopback; the desk's settings point to it."""
    sink = MailSink()
    sink.is_awake.set()
    sink.port = free_port()
    controller = Controller(sink, hostname="127.0.0.1", port=sink.port)
    controller.start()
    settings.SMTP_URL = sink.url
    settings.MAIL_FROM = "desk@desk.example"
    yield sink
    controller.stop()


@dataclass
class Clock:
    """The instant that the whole desk reads, moved by the test alone."""

    now: datetime
    _traveller: time_machine.Traveller

    def forward(self, **amount: float) -> datetime:
        """Move on by a timedelta's arguments and give the new instant (UTC)."""
        return self.set(self.now + timedelta(**amount))

    def set(self, instant: datetime) -> datetime:
        """Move to an instant and give it."""
        self.now = instant
        self._traveller.move_to(instant)
        return instant


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A stopped clock: Monday 2 March 2026, 10:00 UTC."""
    start = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as traveller:
        yield Clock(start, traveller)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium; its absence is a failure, never a skip."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("Chromium is missing: install it (Debian: apt install chromium).")
    # Playwright's loop runs in this thread, where the tests also ask the database.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh browser without cookies, 1440 px wide."""
    fresh = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    yield fresh
    fresh.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """One empty tab of a fresh browser."""
    tab = context.new_page()
    tab.set_default_timeout(10_000)
    return tab


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that the servers' account can reach, gone after the test."""
    folder = Path(tempfile.mkdtemp(prefix="helpdesk-up-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def stack(home: Path) -> Iterator[Stack]:
    """A helpdesk that is not started yet; whatever runs of it is ended after the test."""
    made = Stack(home / "data", free_port())
    yield made
    if made.process and not made.has_ended:
        made.kill_everything()
    shutil.rmtree(embedded.socket_dir(made.data), ignore_errors=True)


@pytest.fixture
def beside(stack: Stack) -> Iterator[list[Beside]]:
    """What runs beside the stack, ended before it."""
    started: list[Beside] = []
    yield started
    for process in started:
        process.end()
