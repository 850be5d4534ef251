"""The whole helpdesk with DATABASE_URL and REDIS_URL: Debian's PostgreSQL and Redis."""

import json
import os
import pwd
import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.stack import Stack, free_port, readme_blocks, until

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]


def tools() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not found:
        pytest.fail("PostgreSQL is missing: install it (Debian: apt install postgresql).")
    return found[-1].parent


@pytest.fixture
def foreign(home: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis that the helpdesk did not start, over TCP, with a password."""
    account = pwd.getpwnam("postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name)
    place = home / "foreign"
    place.mkdir()
    os.chown(place, account.pw_uid, account.pw_gid)
    who = {"user": account.pw_uid, "group": account.pw_gid} if os.geteuid() == 0 else {}
    password = place / "password"
    password.write_text("s3cret/@:")
    os.chown(password, account.pw_uid, account.pw_gid)
    cluster = place / "cluster"
    subprocess.run(
        [tools() / "initdb", "-D", cluster, "-U", "desk", "--auth=scram-sha-256",
         f"--pwfile={password}", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True, capture_output=True, cwd=place, **who,
    )  # fmt: skip
    sql_port, redis_port = free_port(), free_port()
    database = subprocess.Popen(
        [tools() / "postgres", "-D", cluster, "-p", str(sql_port), "-k", place,
         "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=place, **who,
    )  # fmt: skip
    broker = subprocess.Popen(
        ["redis-server", "--port", str(redis_port), "--bind", "127.0.0.1", "--save", "",
         "--dir", place, "--requirepass", "also-secret"],
        stdout=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"postgresql://desk:s3cret%2F%40%3A@127.0.0.1:{sql_port}"
    create = [tools() / "psql", "--quiet", f"{address}/postgres", "-c", "CREATE DATABASE helpdesk"]
    until(lambda: subprocess.run(create, check=False, capture_output=True).returncode == 0, 20)
    yield {
        "DATABASE_URL": f"{address}/helpdesk",
        "REDIS_URL": f"redis://:also-secret@127.0.0.1:{redis_port}/0",
    }
    for server in (database, broker):
        server.terminate()
        server.wait(20)


def has_judged(stack: Stack, token: str) -> bool:
    """Whether the sweep has written down every breach of the samples, so that they stay."""
    now = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    tickets = json.loads(stack.get("/api/v1/tickets/?limit=100", token=token)[1])["data"]
    clocks = [clock for ticket in tickets for clock in ticket["sla"]]
    return not any(each["state"] == "running" and each["due_at"] < now for each in clocks)


def test_the_commands_of_the_readme_bring_a_desk_back(
    stack: Stack, foreign: dict[str, str]
) -> None:
    stack.start(**foreign)
    found = re.search(r"API token\s+(hd_\S+)", stack.output)
    assert found is not None
    until(lambda: has_judged(stack, found[1]), 60)
    before = stack.get("/api/v1/tickets/?limit=100", token=found[1])
    (stack.data / "files" / "report.txt").write_text("kept")
    back_up, restore = readme_blocks(containing='"$DATABASE_URL"')
    stack.run(back_up)
    assert stack.stop() < 12

    server = foreign["DATABASE_URL"].rpartition("/")[0]
    create = [tools() / "psql", "--quiet", f"{server}/helpdesk", "-c", "CREATE DATABASE anew"]
    subprocess.run(create, check=True, capture_output=True)
    old, stack.data = stack.data, stack.data.with_name("new")
    # As docker-compose.yml says it: the password, whatever is in it, beside the address.
    address = f"{server.replace(':s3cret%2F%40%3A@', '@')}/anew"
    stack.settings |= {"DATABASE_URL": address, "PGPASSWORD": "s3cret/@:"}
    stack.run(restore.removesuffix("make run\n"))
    stack.start()
    assert stack.get("/api/v1/tickets/?limit=100", token=found[1]) == before
    assert (stack.data / "files" / "report.txt").read_text() == "kept"
    assert (stack.data / "secret_key").read_text() == (old / "secret_key").read_text()
    assert stack.stop() < 12


def test_the_sample_desk_runs_on_foreign_servers(stack: Stack, foreign: dict[str, str]) -> None:
    stack.start(**foreign)
    until(stack.is_ready, 40)
    assert not (stack.data / "postgresql").exists()
    assert not (stack.data / "valkey").exists()
    found = re.search(r"API token\s+(hd_\S+)", stack.output)
    assert found is not None
    status, body = stack.get("/api/v1/tickets/?limit=100", token=found[1])
    assert status == 200
    assert len(json.loads(body)["data"]) > 30
    assert stack.stop() < 12
