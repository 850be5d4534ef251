"""Start the parts of the helpdesk, restart what dies, and stop everything in order."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from helpdesk.processes import CannotStart, Program, start, stop

PROJECT = Path(__file__).resolve().parent.parent
# What `up` and docker-compose.yml both start; tests compare the two.
COMMANDS: dict[str, tuple[str, ...]] = {
    "web": ("-m", "gunicorn", "helpdesk.wsgi", "--config", "python:helpdesk.web_server"),
    "worker": (
        "-m", "celery", "--quiet", "-A", "helpdesk", "worker",
        "--without-mingle", "--without-gossip",
    ),
    "beat": (
        "-m", "celery", "--quiet", "-A", "helpdesk", "beat",
        "--scheduler", "helpdesk.beat.Scheduler",
    ),
}  # fmt: skip
LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
LARGE_LOG = 10 * 1024 * 1024


def part(name: str, environment: Mapping[str, str], *options: str) -> Program:
    """Say how web, worker or beat is started."""
    return Program(
        name=name,
        command=(sys.executable, *COMMANDS[name], *options),
        directory=PROJECT,
        environment=environment,
    )


@contextlib.contextmanager
def only_copy(data_dir: Path, site_url: str) -> Iterator[None]:
    """Hold the data directory alone; the lock ends with the process, however that ends.

    :raises CannotStart: another copy holds it; the sentence says where it is served.
    """
    with (data_dir / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            holder = lock.read().strip() or "at another address"
            raise CannotStart(f"The helpdesk is already running: {holder}.") from error
        lock.truncate(0)
        lock.write(f"{site_url} (process {os.getpid()}, data in {data_dir})\n")
        lock.flush()
        yield


@contextlib.contextmanager
def ended_by_signals() -> Iterator[None]:
    """Turn SIGTERM and a closed terminal into the same clean end as Ctrl-C."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class _Child:
    program: Program
    process: subprocess.Popen[bytes] | None
    started_at: float
    pause: float = 0.5
    due_at: float = 0.0


class Supervisor:
    """Keeps programs running until it is told to stop."""

    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[_Child] = []

    def start(self, program: Program) -> Callable[[], bool]:
        """Start a program and keep it running; gives a question: is it alive?"""
        child = _Child(program, None, time.monotonic())
        self._children.append(child)
        self._run(child)
        return lambda: child.process is not None and child.process.poll() is None

    def watch(self) -> None:
        """Restart whatever ends, later each time, until a signal interrupts."""
        while True:
            for child in self._children:
                self._look_after(child)
            time.sleep(0.2)

    def stop(self) -> None:
        """End everything: first what works on the data, then the servers that hold it."""
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)
        running = [
            (child.program, child.process) for child in self._children if child.process is not None
        ]
        stop([pair for pair in running if not pair[0].is_server])
        stop([pair for pair in running if pair[0].is_server])

    def _look_after(self, child: _Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due_at:
                self._run(child)
            return
        code = child.process.poll()
        if code is None:
            return
        if now - child.started_at > STEADY_AFTER:
            child.pause = 0.5
        child.process = None
        child.due_at = now + child.pause
        name = child.program.name
        self._say(f"{name} ended ({_reason(code)}); it starts again in {child.pause:g} s.")
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def _run(self, child: _Child) -> None:
        log = self._logs / f"{child.program.name}.log"
        if log.exists() and log.stat().st_size > LARGE_LOG:
            log.replace(log.with_suffix(".log.1"))
        child.started_at = time.monotonic()
        child.process = start(child.program, log)


def _reason(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"
