"""Alive, ready, degraded, down; and the doctor's sentences."""

import io
import threading
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.heartbeat import seen
from helpdesk import embedded
from helpdesk.beat import MOST_WAITING, Scheduler
from helpdesk.celery import app
from tests.conftest import Clock
from tests.dying import in_threads
from tests.stack import free_port, until


@pytest.fixture
def nowhere(settings: Settings) -> None:
    """A broker that cannot be reached."""
    address = f"redis://127.0.0.1:{free_port()}/1"
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": address}}


def test_healthz_asks_nobody(client: Client) -> None:
    answer = client.get("/healthz")  # no database is allowed in this test
    assert answer.status_code == 200
    assert answer.content == b"ok\n"


@pytest.mark.django_db
def test_readyz_knows_each_part(client: Client, clock: Clock) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "degraded", "database": "ok", "broker": "ok",
        "worker": "silent", "beat": "silent",
    }  # fmt: skip
    seen("worker", clock.now)
    seen("beat", clock.now)
    assert client.get("/readyz").json()["status"] == "ok"
    clock.set(clock.now + timedelta(seconds=91))
    assert client.get("/readyz").json()["worker"] == "silent"


@pytest.mark.django_db
def test_a_missing_broker_is_degraded_not_down(
    client: Client, clock: Clock, nowhere: None
) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json()["broker"] == "missing"
    assert answer.json()["status"] == "degraded"


@pytest.mark.django_db
def test_an_old_database_is_down(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'channels'")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "not migrated"


@pytest.mark.django_db
def test_the_doctor_speaks_in_sentences(clock: Clock, nowhere: None) -> None:
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=said, no_color=True)
    assert "✗ Valkey or Redis cannot be reached: tickets are accepted, but mails wait." in (
        said.getvalue().splitlines()
    )
    assert "! No mail server is set, so mails wait in the outbox." in said.getvalue()


@pytest.mark.django_db
def test_the_doctor_does_not_praise_a_web_server_that_it_cannot_find(
    clock: Clock, settings: Settings
) -> None:
    seen("worker", clock.now)
    seen("beat", clock.now)
    settings.SITE_URL = f"http://127.0.0.1:{free_port()}"
    said = io.StringIO()
    call_command("doctor", stdout=said, no_color=True)
    assert f"! {settings.SITE_URL} does not answer from here" in said.getvalue()
    assert "✓ Everything else works." in said.getvalue()


@pytest.mark.django_db
def test_the_doctor_knows_where_up_serves(
    clock: Clock, settings: Settings, tmp_path: Path
) -> None:
    seen("worker", clock.now)
    seen("beat", clock.now)
    settings.DATA_DIR = tmp_path
    (tmp_path / "web_address").write_text(f"http://127.0.0.1:{free_port()}\n")
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", stdout=said, no_color=True)
    assert f"✗ The web server does not answer at {embedded.web_address(tmp_path)}" in (
        said.getvalue()
    )


@pytest.mark.django_db(transaction=True)
def test_the_doctor_finds_a_well_desk_well(live_server: Any, settings: Settings) -> None:
    seen("worker", timezone.now())
    settings.SITE_URL = live_server.url
    said = io.StringIO()
    ask = partial(call_command, "doctor", stdout=said, no_color=True)
    doctor = threading.Thread(target=lambda: in_threads(1, ask))
    doctor.start()
    until(lambda: "Worker or beat is silent" in said.getvalue(), 10)
    seen("beat", timezone.now())  # which was started just now
    doctor.join(30)
    assert "✓ The helpdesk works." in said.getvalue()


def test_rings_do_not_pile_up_while_no_worker_takes_them() -> None:
    scheduler = Scheduler(app=app, lazy=True)
    with app.connection_for_write() as connection:
        queue = connection.default_channel
        queue.queue_purge("celery")
        for _ in range(MOST_WAITING + 20):
            scheduler._ring("sla.sweep")
        assert queue.queue_declare("celery").message_count == MOST_WAITING
        queue.queue_purge("celery")


@pytest.mark.django_db
def test_the_doctor_is_patient_only_as_long_as_told() -> None:
    said = io.StringIO()
    with pytest.raises(CommandError):
        call_command("doctor", wait=0, stdout=said, no_color=True)
    assert "✗ No worker has given a sign of life for 90 seconds" in said.getvalue()
