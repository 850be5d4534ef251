"""The promises at size: `python -m tests.bench.promises --open 10000 100000 1000000`.

Each size has a database of its own, filled once by `load_sample --open-share 1` and kept between
runs (BENCH_DATA, else /var/tmp/helpdesk-bench). Every figure stands beside a baseline of the same
run: the same rows changed by one plain UPDATE, which is rolled back.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import psycopg2
from psycopg2.sql import SQL, Identifier

from helpdesk import embedded
from helpdesk.processes import start, stop
from tests.stack import PROJECT

HOME = Path(os.environ.get("BENCH_DATA", "/var/tmp/helpdesk-bench"))
PARTS = ("sweep", "recompute", "arithmetic")


def main() -> None:
    """Start the servers, fill what is missing, and measure each size in processes of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, nargs="+", default=[10_000])
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    asked = parser.parse_args()
    HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    data = HOME / "data"
    embedded.make_data_dir(data)
    embedded.make_secret_key(data)
    servers = []
    try:
        for program, wait in (
            (embedded.postgres(data), embedded.wait_for_postgres),
            (embedded.valkey(data), embedded.wait_for_valkey),
        ):
            process = start(program, data / f"{program.name}.log")
            servers.append((program, process))
            wait(data, lambda process=process: process.poll() is None)
        for size in asked.open:
            desk = Desk(data, size)
            desk.fill()
            for part in asked.parts:
                if part != "arithmetic" or size == asked.open[-1]:
                    desk.run("-m", f"tests.bench.parts.{part}")
    finally:
        stop(reversed(servers))


class Desk:
    """One database with so many open tickets."""

    def __init__(self, data: Path, size: int) -> None:
        self.data, self.size = data, size
        self.name = f"open_{size}"
        self.url = embedded.database_url(data).replace("/helpdesk?", f"/{self.name}?")

    def fill(self) -> None:
        """Make the database unless an earlier run has left it whole."""
        connection = psycopg2.connect(
            embedded.database_url(self.data).replace("/helpdesk?", "/postgres?")
        )
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname = %s", [self.name])
            is_new = cursor.fetchone() is None
            if is_new:
                cursor.execute(SQL("CREATE DATABASE {}").format(Identifier(self.name)))
        self.run("manage.py", "migrate", "-v0")
        self.run("manage.py", "collectstatic", "--noinput", "-v0")
        if is_new:
            try:
                wanted = ["--tickets", str(self.size), "--open-share", "1"]
                self.run("manage.py", "load_sample", *wanted)
            except subprocess.CalledProcessError:
                with connection.cursor() as cursor:
                    cursor.execute(SQL("DROP DATABASE {}").format(Identifier(self.name)))
                raise
        connection.close()

    def run(self, *command: str) -> None:
        """Run one of our programs on this database."""
        environment = {
            **os.environ, "DATABASE_URL": self.url, "HELPDESK_DATA": str(self.data),
            "REDIS_URL": embedded.redis_url(self.data),
            "DJANGO_SETTINGS_MODULE": "tests.bench.settings",
            "BENCH": json.dumps({"open": self.size}), "HELPDESK_LOG_LEVEL": "ERROR",
        }  # fmt: skip
        subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, check=True)


if __name__ == "__main__":
    main()
