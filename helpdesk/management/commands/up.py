"""`manage.py up`: the whole helpdesk in one command, with its own PostgreSQL and Valkey."""

import contextlib
import errno
import os
import socket
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils import timezone

from accounts.heartbeat import silent_since
from helpdesk import embedded, web_probe, welcome
from helpdesk.processes import CannotStart
from helpdesk.supervisor import PROJECT, Supervisor, ended_by_signals, only_copy, part

ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 -- named, not used to bind
THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


class Command(BaseCommand):
    """Start everything, say where it is, and stop everything at Ctrl-C."""

    help = "Start the whole helpdesk: web, worker, beat, and the embedded PostgreSQL and Valkey."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the data folder, the address to serve, and whether to start without samples."""
        parser.add_argument("--data", type=Path, metavar="DIR", help="where everything is kept")
        parser.add_argument("--port", type=int, default=8000, help="port of the pages (8000)")
        parser.add_argument(
            "--bind", default="127.0.0.1", metavar="ADDRESS", help="address to listen on"
        )
        parser.add_argument(
            "--empty", action="store_true", help="no sample desk; print the set-up link instead"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until a signal comes."""
        if not 0 < options["port"] < 65536:
            raise CommandError(f"The port must be from 1 to 65535, not {options['port']}.")
        data_dir = (options["data"] or settings.DATA_DIR).expanduser().resolve()
        try:
            embedded.make_data_dir(data_dir)
            self._in_its_own_environment(data_dir, options["bind"], options["port"])
            with ended_by_signals(), only_copy(data_dir, settings.SITE_URL):
                self._up(data_dir, options["bind"], options["port"], empty=options["empty"])
        except CannotStart as refusal:
            raise CommandError(str(refusal)) from refusal
        except KeyboardInterrupt:
            self._say("The helpdesk has stopped. Its data is kept.")

    def _in_its_own_environment(self, data_dir: Path, bind: str, port: int) -> None:
        """Start this command once more when its settings were read from another environment."""
        is_new = embedded.make_secret_key(data_dir)
        wanted = {
            "HELPDESK_DATA": str(data_dir),
            "SITE_URL": os.environ.get("SITE_URL") or _site_url(bind, port),
            "PYTHONUTF8": "1",  # a strange locale must not decide how words are written
            "PYTHONUNBUFFERED": "1",
        }
        if is_new or any(os.environ.get(name) != value for name, value in wanted.items()):
            sys.stdout.flush()
            os.execve(  # noqa: S606 -- ourselves
                sys.executable,
                [sys.executable, str(PROJECT / "manage.py"), *sys.argv[1:]],
                os.environ | wanted,
            )

    def _up(self, data_dir: Path, bind: str, port: int, *, empty: bool) -> None:
        began = time.monotonic()
        _refuse_busy_port(bind, port)
        local = _url(ANY_ADDRESS.get(bind, bind), port)
        (data_dir / "site_url").write_text(settings.SITE_URL + "\n")
        (data_dir / "web_address").write_text(local + "\n")
        logs = data_dir / "logs"
        for folder in (logs, Path(settings.MEDIA_ROOT)):
            folder.mkdir(mode=0o700, exist_ok=True)
        supervisor = Supervisor(logs, self._say)
        static = self._manage("collectstatic", "--no-input", "--verbosity", "0")
        try:
            self._start_servers(supervisor, data_dir)
            call_command("migrate", interactive=False, verbosity=0)
            if static.wait() != 0:
                raise CannotStart("The static files cannot be collected; see the lines above.")
            environment = dict(os.environ)
            address = _url(bind, port).removeprefix("http://")
            is_alive = supervisor.start(part("web", environment, "--bind", address))
            greeting = welcome.greeting(timezone.now(), empty=empty)
            started_at = timezone.now()
            supervisor.start(part("worker", environment))
            supervisor.start(part("beat", environment))
            _wait_for_web(local, is_alive)
            silent = _wait_for_signs_of_life(started_at)
            connections.close_all()
            took = time.monotonic() - began
            self._say(f"The helpdesk runs at {settings.SITE_URL} (ready after {took:.0f} s)\n")
            for name in silent:
                self._say(f"{name} has given no sign of life yet; logs/{name}.log says why.\n")
            if bind not in THIS_MACHINE:
                self._say(_for_other_machines(port))
            self._say(greeting)
            self._say(
                f"Data in    {data_dir} (logs in logs/)\n"
                f"Stop       Ctrl-C here, or: kill {os.getpid()}"
            )
            supervisor.watch()
        finally:
            static.kill()  # unless it has ended, which it has when everything runs
            static.wait()
            supervisor.stop()
            embedded.remove_socket_dir(data_dir)

    def _start_servers(self, supervisor: Supervisor, data_dir: Path) -> None:
        waiting = []
        if not os.environ.get("DATABASE_URL"):
            alive = supervisor.start(embedded.postgres(data_dir))
            waiting.append((embedded.wait_for_postgres, alive))
        if not os.environ.get("REDIS_URL"):
            alive = supervisor.start(embedded.valkey(data_dir))
            waiting.append((embedded.wait_for_valkey, alive))
        for wait, is_alive in waiting:
            wait(data_dir, is_alive)

    def _manage(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, str(PROJECT / "manage.py"), *arguments]
        return subprocess.Popen(command, cwd=PROJECT)  # noqa: S603 -- ourselves

    def _say(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone; the desk goes on
            self.stdout.write(text)
            self.stdout.flush()


def _site_url(bind: str, port: int) -> str:
    return _url("localhost" if bind in ANY_ADDRESS or bind in THIS_MACHINE else bind, port)


def _url(host: str, port: int) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def _for_other_machines(port: int) -> str:
    if urlsplit(settings.SITE_URL).hostname in THIS_MACHINE:
        return (
            "Other machines are refused until SITE_URL says the address that people type:"
            f" start with SITE_URL=http://NAME-OR-ADDRESS:{port}.\n"
        )
    return f"Other machines reach it at {settings.SITE_URL} and by no other name or address.\n"


def _refuse_busy_port(bind: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in bind else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trouble: OSError | None = None
        for _ in range(10):  # a web server that was just killed may still let go of it
            try:
                probe.bind((bind, port))
            except OSError as error:
                trouble = error
            else:
                return
            time.sleep(0.1)
    if trouble and trouble.errno == errno.EADDRINUSE:
        raise CannotStart(f"Port {port} is busy: choose another, as in make run PORT={port + 1}.")
    raise CannotStart(f"The address {bind} with port {port} cannot be used: {trouble}.")


def _wait_for_web(local: str, is_alive: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if web_probe.answers(local):
            return
        if not is_alive():
            break
        time.sleep(0.1)
    raise CannotStart("The web server does not answer; logs/web.log in the data folder says why.")


def _wait_for_signs_of_life(since: datetime) -> list[str]:
    """Wait until worker and beat show that they work; name those that do not within 30 seconds."""
    deadline = time.monotonic() + 30
    while (silent := silent_since(since)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return silent
