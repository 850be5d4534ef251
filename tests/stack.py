"""A whole helpdesk in real processes, started by `manage.py up` in a folder of its own."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg2

from helpdesk import embedded

PROJECT = Path(__file__).resolve().parents[1]
OURS = ("DATABASE_URL", "REDIS_URL", "HELPDESK_DATA", "SITE_URL", "PYTHONUTF8")


class Stack:
    """One `manage.py up`, what it said, and the processes below it."""

    def __init__(self, data: Path, port: int) -> None:
        self.data = data
        self.port = port
        self.said: list[str] = []
        self.settings: dict[str, str] = {}
        self.process: subprocess.Popen[str] | None = None

    def start(self, *options: str, wait: bool = True, **environment: str) -> None:
        """Run `up` and wait until it says how to stop, or until it ended."""
        self.said.clear()
        self.settings.update(environment)
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--data", str(self.data),
             "--port", str(self.port), *options],
            cwd=PROJECT, env=self.environment(), text=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        threading.Thread(target=self._listen, args=(self.process,), daemon=True).start()
        if wait:
            until(lambda: "Ctrl-C" in self.output or self.has_ended, 180)
            assert "Ctrl-C" in self.output, self.output

    def _listen(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line)
        process.stdout.close()

    @property
    def output(self) -> str:
        """Everything said since the last start."""
        return "".join(self.said)

    @property
    def has_ended(self) -> bool:
        """Whether `up` itself has ended."""
        return self.process is not None and self.process.poll() is not None

    def pids(self) -> dict[int, str]:
        """Every process at work for this data folder, with its command line."""
        return {pid: line for pid, line in _processes() if self._is_ours(pid, line)}

    def _is_ours(self, pid: int, line: str) -> bool:
        if str(self.data) in line or str(embedded.socket_dir(self.data)) in line:
            return True
        with contextlib.suppress(OSError):
            words = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            return f"HELPDESK_DATA={self.data}".encode() in words
        return False

    def pid_of(self, words: str) -> int:
        """The oldest process whose command line holds these words."""
        return min(pid for pid, line in self.pids().items() if words in line)

    def end_for_good(self, *parts: str) -> None:
        """Kill the processes whose command line holds these words; nothing is started again."""
        assert self.process is not None
        assert self._at_work_on(parts), f"nothing is called {parts}"
        self.process.send_signal(signal.SIGSTOP)  # the supervisor sleeps
        for pid in self._at_work_on(parts):
            os.kill(pid, signal.SIGKILL)
        until(lambda: not self._at_work_on(parts), 10)

    def _at_work_on(self, parts: Sequence[str]) -> list[int]:
        return [pid for pid, line in self.pids().items() if any(part in line for part in parts)]

    def kill_everything(self) -> None:
        """End all of it as a power cut would."""
        for pid in self.pids():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait(10)
        until(lambda: not self.pids(), 10)

    def stop(self, by: signal.Signals = signal.SIGINT) -> float:
        """Stop it as a person does and give the seconds that took."""
        assert self.process is not None
        began = time.monotonic()
        self.process.send_signal(by)
        self.process.wait(30)
        return time.monotonic() - began

    def get(self, path: str, token: str = "", host: str = "") -> tuple[int, str]:
        """Ask the web server, by another name if told; gives the status (0: none) and the body."""
        request = urllib.request.Request(f"http://localhost:{self.port}{path}")
        if host:
            request.add_header("Host", host)
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()
        except OSError:
            return 0, ""

    def is_ready(self) -> bool:
        """Whether every part answers that it is well."""
        status, body = self.get("/readyz")
        return status == 200 and json.loads(body)["status"] == "ok"

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Ask its PostgreSQL directly."""
        connection = psycopg2.connect(embedded.database_url(self.data))
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            connection.close()

    def manage(self, *arguments: str, code: int = 0) -> str:
        """Run a command of manage.py beside it, which shall end so, and give what it says."""
        ran = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=PROJECT, env=self.environment(),
            text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert ran.returncode == code, ran.stdout + ran.stderr
        return ran.stdout

    def run(self, commands: str) -> None:
        """Run what the README says beside it, in the folder above its data."""
        subprocess.run(
            ["/bin/sh", "-ec", commands], cwd=self.data.parent, env=self.environment(), check=True
        )

    def environment(self) -> dict[str, str]:
        """The environment of a process that works on the same data."""
        kept = {name: value for name, value in os.environ.items() if name not in OURS}
        return {**kept, **self.settings, "HELPDESK_DATA": str(self.data)}


class Beside:
    """A process that a test starts beside the stack, with what it said."""

    def __init__(
        self, stack: Stack, log: Path, command: Sequence[str], *, clock: str = "", name: str = ""
    ) -> None:
        """Start it; `clock` moves its clock alone, such as "+1d"; `name` is for PostgreSQL."""
        self.log = log
        moved = [_faketime(), "--exclude-monotonic", "-f", clock] if clock else []
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*moved, sys.executable, *command], cwd=PROJECT,
                env={**stack.environment(), "PGAPPNAME": name},
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip

    def said(self, words: str) -> int:
        """How often it has said these words."""
        return self.log.read_text().count(words)

    def ring(self) -> None:
        """Send it one line."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def end(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):  # lines that it did not read any more
            self.process.stdin.close()


def _faketime() -> str:
    found = shutil.which("faketime")
    assert found, "faketime is missing: install it (Debian: apt install faketime)."
    return found


def readme_blocks(containing: str) -> list[str]:
    """The blocks of commands of the README in which these words stand, in order."""
    readme = (PROJECT / "README.md").read_text()
    blocks = re.findall(r"^```\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    return [block for block in blocks if containing in block]


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(happens: Callable[[], bool], seconds: float) -> None:
    """Wait until something is true.

    :raises AssertionError: it did not become true in time.
    """
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.1)


def _processes() -> Iterator[tuple[int, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                line = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if line:  # a zombie has none
                    yield int(folder.name), line
