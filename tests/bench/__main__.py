"""Start the desk, fill it, and print the medians of each operation beside the reference page."""

import argparse
import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from helpdesk import embedded
from tests.bench.client import Client
from tests.stack import Stack, free_port, until

# operation → times the reference page that it may take (at a million tickets)
ALLOWED = {"agent queue": 4.0, "ticket page": 4.0, "REST list of 50": 2.0, "REST create": 3.0}


def main() -> None:
    """Measure once at the size asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, default=int(os.environ.get("TICKETS", "10000")))
    parser.add_argument("--rounds", type=int, default=60)
    asked = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="helpdesk-bench-"))
    home.chmod(0o711)
    stack = Stack(home / "data", free_port())
    try:
        stack.start(DJANGO_SETTINGS_MODULE="tests.bench.settings", HELPDESK_WEB_WORKERS="2")
        print(stack.manage("load_sample", "--tickets", str(asked.tickets)))
        _measure(stack, asked.tickets, asked.rounds)
    finally:
        stack.kill_everything()
        shutil.rmtree(home)
        shutil.rmtree(embedded.socket_dir(stack.data), ignore_errors=True)


def _measure(stack: Stack, tickets: int, rounds: int) -> None:
    keys = json.loads(stack.manage("demo", "--json"))
    page = Client(stack.port)
    page.sign_in(keys["agent"]["sign_in_url"])
    api = Client(stack.port, keys["tokens"]["integration"])
    until(lambda: page.call("GET", "/agent/?view=all")[0] == 200, 60)
    number = json.loads(api.call("GET", "/api/v1/tickets/?limit=1&status=open")[1])["data"][0][
        "number"
    ]
    filing = json.dumps({
        "subject": "Export fails with a 500", "body": "Since 2.4.1 …",
        "requester": {"email": "ana@acme.example"}, "category": "corrective", "product": "ledger",
    })  # fmt: skip
    operations: dict[str, Callable[[], tuple[int, str]]] = {
        "reference page": lambda: page.call("GET", "/reference/"),
        "agent queue": lambda: page.call("GET", "/agent/?view=all"),
        "ticket page": lambda: page.call("GET", f"/agent/tickets/{number}/"),
        "REST list of 50": lambda: api.call("GET", "/api/v1/tickets/?limit=50"),
        "REST create": lambda: api.call(
            "POST", "/api/v1/tickets/", filing, Content_Type="application/json"
        ),
    }
    taken: dict[str, list[float]] = {name: [] for name in operations}
    for round_ in range(rounds + 5):
        for name, operation in operations.items():  # in turn, so noise hits all alike
            began = time.perf_counter()
            status, body = operation()
            spent = (time.perf_counter() - began) * 1000
            assert status in {200, 201}, f"{name}: {status} {body[:500]}"
            if round_ >= 5:
                taken[name].append(spent)
    _print(taken, tickets)


def _print(taken: dict[str, list[float]], tickets: int) -> None:
    reference = statistics.median(taken["reference page"])
    print(f"{tickets} tickets, one client, median of {len(taken['reference page'])} calls")
    print(f"{'operation':<18}{'ms':>8}{'p95':>8}{'× reference':>14}{'allowed':>10}")
    for name, values in taken.items():
        middle = statistics.median(values)
        p95 = statistics.quantiles(values, n=20)[-1]
        limit = f"{ALLOWED[name]:g} ×" if name in ALLOWED else ""
        print(f"{name:<18}{middle:>8.1f}{p95:>8.1f}{middle / reference:>14.1f}{limit:>10}")


if __name__ == "__main__":
    main()
