"""One operating-system process: start it so that it dies with us, find leftovers, stop it."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)
POLL_SECONDS = 0.05


class CannotStart(Exception):
    """Say in one plain sentence why the helpdesk cannot start here."""


@dataclass(frozen=True)
class Account:
    """An operating-system account that a server runs as."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class Program:
    """How one process of the helpdesk is started and stopped.

    `stop` asks it to end; `orphaned` is what the kernel sends it when the supervisor is gone.
    `leaves` are files that a killed run leaves behind and that a start must not believe.
    """

    name: str
    command: tuple[str, ...]
    directory: Path
    environment: Mapping[str, str]
    account: Account | None = None
    stop: signal.Signals = signal.SIGTERM
    orphaned: signal.Signals = signal.SIGKILL
    is_server: bool = False
    leaves: tuple[Path, ...] = field(default=())


def start(program: Program, log: Path | None = None) -> subprocess.Popen[bytes]:
    """Start the program, after ending what a killed run of the same server left running.

    The caller holds the lock of the data directory, so whatever still runs in it is an orphan.
    """
    if program.is_server:
        end_leftovers(program)
        for stale in program.leaves:
            stale.unlink(missing_ok=True)
    parent = os.getpid()
    account = program.account
    output = log.open("ab") if log else None
    try:
        return subprocess.Popen(  # noqa: S603 -- our own command table
            program.command,
            cwd=program.directory,
            env=dict(program.environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=() if account else None,
            # Ctrl-C in a terminal reaches a whole group: the servers stand apart, to stop last.
            start_new_session=program.is_server,
            preexec_fn=lambda: die_with_parent(parent, program.orphaned),
        )
    except PermissionError as error:
        raise CannotStart(f"{program.name} cannot be started: {error}.") from error
    finally:
        if output:
            output.close()


def die_with_parent(parent: int, by: signal.Signals) -> None:
    """Have the kernel send `by` to this process when its parent dies (Linux, prctl(2))."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:  # it died in between
        os.kill(os.getpid(), by)


def end_leftovers(program: Program) -> None:
    """End every process that still serves the program's directory, politely first."""
    for by, patience in ((program.stop, 8.0), (signal.SIGKILL, 3.0)):
        pids = leftovers(program)
        for pid in pids:
            _send(pid, by)
        deadline = time.monotonic() + patience
        while pids and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            pids = leftovers(program)
        if not pids:
            return
    raise CannotStart(f"An earlier {program.name} (process {pids[0]}) does not end; end it first.")


def leftovers(program: Program) -> list[int]:
    """The ids of running processes of this server: same program, working in the same directory.

    A pid file is never believed: after a kill -9 its number may belong to anybody.
    """
    wanted = (Path(program.command[0]).name, str(program.directory.resolve()))
    return [pid for pid in _pids() if _program_and_directory(pid) == wanted]


def stop(
    running: Iterable[tuple[Program, subprocess.Popen[bytes]]], *, patience: float = 6.0
) -> None:
    """Ask all of them to end, wait up to `patience` seconds together, then kill the rest."""
    children = list(running)
    for program, child in children:
        if child.poll() is None:
            child.send_signal(program.stop)
    deadline = time.monotonic() + patience
    for _, child in children:
        try:
            child.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _program_and_directory(pid: int) -> tuple[str, str] | None:
    folder = Path(f"/proc/{pid}")
    try:
        program = (folder / "exe").readlink().name.removesuffix(" (deleted)")
        return program, str((folder / "cwd").readlink())
    except OSError:  # another user's process, or it ended while we looked
        return None


def _send(pid: int, by: signal.Signals) -> None:
    try:
        os.kill(pid, by)
    except ProcessLookupError:
        return
