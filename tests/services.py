"""A pytest plugin: a real PostgreSQL for the run and a real Valkey for each process of it.

The addresses follow from the data directory, so they stand before Django reads its settings.
"""

import atexit
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from helpdesk import embedded
from helpdesk.processes import Program, start, stop

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
_OWN_DATABASE = not os.environ.get("DATABASE_URL")
_running: list[tuple[Program, subprocess.Popen[bytes]]] = []


def _make_home() -> Path:
    home = Path(tempfile.mkdtemp(prefix="helpdesk-tests-"))
    home.chmod(0o711)  # the servers run under another account when the tests run as root
    (home / "static").mkdir()
    embedded.make_secret_key(home)
    for folder in (home, embedded.socket_dir(home)):
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return home


HOME = _make_home()
if _OWN_DATABASE:
    os.environ["DATABASE_URL"] = embedded.database_url(HOME)
os.environ["HELPDESK_DATA"] = str(HOME)
os.environ["REDIS_URL"] = embedded.redis_url(HOME)
os.environ["SITE_URL"] = "http://localhost:8000"
for _name in ("HELPDESK_SMTP_URL", "HELPDESK_MAIL_FROM", "HELPDESK_SECRET_KEY", "HELPDESK_DEBUG"):
    os.environ.pop(_name, None)


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers: PostgreSQL once, by the process that the xdist workers come from."""
    if _OWN_DATABASE and not _WORKER:
        server = _start(embedded.postgres(HOME, lasting=False))
        embedded.wait_for_postgres(HOME, lambda: server.poll() is None)
    broker = _start(embedded.valkey(HOME))
    embedded.wait_for_valkey(HOME, lambda: broker.poll() is None)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop them, also after Ctrl-C; what they kept goes with the process."""
    stop(reversed(_running))
    _running.clear()


def _start(program: Program) -> subprocess.Popen[bytes]:
    process = start(program, HOME / f"{program.name}.log")
    _running.append((program, process))
    return process
