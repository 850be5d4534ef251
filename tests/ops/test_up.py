"""`manage.py up` on a bare machine: start, stop, die and start again."""

import os
import re
import shutil
import signal
import socket
from pathlib import Path

import pytest

from helpdesk import embedded
from tests.stack import Stack, readme_blocks, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def test_an_empty_desk_comes_up_keeps_its_parts_alive_tells_what_is_wrong_and_stops(
    stack: Stack,
) -> None:
    stack.start("--empty")
    assert f"http://localhost:{stack.port}" in stack.output
    assert "Set it up once with this link" in stack.output
    assert str(stack.data) in stack.output
    assert stack.is_ready()
    assert (stack.data / "files").is_dir()

    copy = Stack(stack.data, stack.port)
    copy.start(wait=False)
    until(lambda: copy.has_ended, 20)
    assert "already running" in copy.output
    assert f"http://localhost:{stack.port}" in copy.output
    assert "Traceback" not in copy.output
    assert stack.get("/healthz")[0] == 200

    for words in ("gunicorn", "-A helpdesk worker", "/bin/postgres ", "valkey-server"):
        first = stack.pid_of(words)
        os.kill(first, signal.SIGKILL)
        until(lambda: any(words in line for line in stack.pids().values()), 20)  # noqa: B023
        until(lambda: stack.get("/readyz")[0] == 200, 30)
    assert stack.output.count("it starts again in") == 4

    assert "✓ The helpdesk works." in stack.manage("doctor")
    servers = [pid for pid, line in stack.pids().items() if "gunicorn" in line]
    for pid in servers:
        os.kill(pid, signal.SIGSTOP)  # it listens, but never answers
    said = stack.manage("doctor", code=1)
    assert f"✗ The web server does not answer at http://127.0.0.1:{stack.port}" in said
    for pid in servers:
        os.kill(pid, signal.SIGCONT)

    assert stack.stop() < 12
    assert "has stopped" in stack.output
    assert "Traceback" not in stack.output
    until(lambda: not stack.pids(), 5)
    assert not embedded.socket_dir(stack.data).exists()


def test_a_desk_for_other_machines_says_how_they_reach_it(stack: Stack) -> None:
    stack.start("--empty", "--bind", "0.0.0.0")
    assert f"start with SITE_URL=http://NAME-OR-ADDRESS:{stack.port}." in stack.output
    assert stack.get("/signin/", host="desk.example")[0] == 400
    assert stack.get("/signin/")[0] == 200
    assert stack.stop() < 12
    stack.start("--empty", "--bind", "0.0.0.0", SITE_URL=f"http://desk.example:{stack.port}")
    assert f"Other machines reach it at http://desk.example:{stack.port} and by" in stack.output
    assert stack.get("/signin/", host="desk.example")[0] == 200
    assert stack.stop() < 12


def test_after_kill_9_of_everything_it_starts_again_with_its_data(stack: Stack) -> None:
    stack.start("--empty")
    key = (stack.data / "secret_key").read_text()
    stack.sql("CREATE TABLE survivor (words text)")
    stack.sql("INSERT INTO survivor VALUES ('still here')")
    stack.kill_everything()
    lock = next(stack.data.glob("postgresql/*/postmaster.pid"))
    lines = lock.read_text().splitlines()
    lock.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")  # a stranger's by now
    stack.start("--empty")
    assert stack.sql("SELECT words FROM survivor") == [("still here",)]
    assert (stack.data / "secret_key").read_text() == key
    assert (stack.data / "secret_key").stat().st_mode & 0o077 == 0

    assert stack.process is not None
    os.kill(stack.process.pid, signal.SIGKILL)  # only the supervisor: nobody is orphaned
    stack.process.wait()
    until(lambda: not stack.pids(), 15)
    stack.start("--empty")
    assert stack.sql("SELECT words FROM survivor") == [("still here",)]
    assert stack.stop(signal.SIGTERM) < 12


def test_the_commands_of_the_readme_bring_a_desk_back(home: Path, stack: Stack) -> None:
    stack.start("--empty")
    stack.sql("CREATE TABLE survivor (words text)")
    stack.sql("INSERT INTO survivor VALUES ('still here')")
    (stack.data / "files" / "report.txt").write_text("kept")
    assert stack.stop() < 12
    back_up, restore = readme_blocks(containing=" desk.tar.gz")
    stack.run(back_up.replace("-C var", f"-C {stack.data.name}"))
    new = home / "new"
    stack.run(restore.removesuffix("make run DATA=/srv/desk\n").replace("/srv/desk", str(new)))
    shutil.rmtree(stack.data)
    stack.data = new
    stack.start("--empty")
    assert stack.sql("SELECT words FROM survivor") == [("still here",)]
    assert (new / "files" / "report.txt").read_text() == "kept"
    assert stack.stop() < 12


def test_a_long_path_and_a_strange_locale_do_no_harm_and_logs_keep_to_the_level_asked_for(
    home: Path, stack: Stack
) -> None:
    stack.data = home / "ein langer Pfad mit Leerzeichen und Ümläuten" / ("x" * 120) / "data"
    logs = [stack.data / "logs" / f"{part}.log" for part in ("web", "worker", "beat")]
    strange = "xx_YY.UTF-8"
    stack.start("--empty", LC_ALL=strange, LANG=strange, HELPDESK_LOG_LEVEL="DEBUG")
    until(lambda: stack.get("/readyz")[0] == 200, 30)
    assert stack.sql("SHOW server_encoding") == [("UTF8",)]
    for log in logs:
        assert re.search(r"\bDEBUG\b", log.read_text()), log.name
    assert stack.stop() < 12
    for log in logs:
        log.unlink()
    stack.start("--empty", HELPDESK_LOG_LEVEL="ERROR")
    assert stack.get("/nothing-here/")[0] == 404  # a warning of Django's
    assert stack.stop() < 12
    for log in logs:
        assert not re.search(r"\b(DEBUG|INFO|WARNING)\b", log.read_text()), log.name


def test_a_busy_port_gives_one_plain_sentence(stack: Stack) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", stack.port))
        busy.listen()
        stack.start("--empty", wait=False)
        until(lambda: stack.has_ended, 20)
    assert stack.process is not None
    assert stack.process.returncode == 1
    assert stack.output.count("\n") == 1
    assert f"Port {stack.port} is busy" in stack.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root drops to another account")
def test_root_is_told_when_the_servers_cannot_reach_the_data(stack: Stack) -> None:
    closed = stack.data.parent / "closed"
    closed.mkdir(mode=0o700)
    stack.data = closed / "data"
    stack.start("--empty", wait=False)
    until(lambda: stack.has_ended, 20)
    assert "cannot enter" in stack.output
    assert "Traceback" not in stack.output
    assert closed.stat().st_mode & 0o777 == 0o700
