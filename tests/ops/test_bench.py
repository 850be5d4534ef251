"""The benchmarks run, at a size at which their figures say nothing but their checks hold."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


def bench(*command: str, home: Path) -> str:
    """Run a benchmark with its data in a folder of its own; gives what it prints."""
    ran = subprocess.run(
        [sys.executable, "-m", *command], cwd=PROJECT, text=True, capture_output=True,
        env={**os.environ, "BENCH_DATA": str(home)}, timeout=600, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-3000:]
    return ran.stdout


@pytest.mark.drill
def test_the_promises_are_measured(home):
    said = bench("tests.bench.promises", "--open", "60", home=home)
    assert re.search(r"differences found by an audit of \d+ tickets +0 ", said)
    assert re.search(r"idle sweep +[\d.]+ ms", said)
    assert len(re.findall(r"due clocks, [14] worker", said)) == 3
    assert re.findall(r"told twice, or not at all +(\d+)", said) == ["0", "0", "0"]
    assert re.search(r"live clocks of \d+ tickets follow an edit +[\d.]+ s", said)
    assert len(re.findall(r"p95 of \w+, meanwhile", said)) == 2
    assert "evaluate a ticket of 200 events" in said


@pytest.mark.drill
def test_the_workspace_is_measured(home):
    asked = ("--tickets", "60", "--rounds", "2", "--brief")
    said = bench("tests.bench.workspace", *asked, home=home)
    for name in (
        "reference page", "the queue's SQL alone", "queue", "cursor page 200", "ticket page",
        "search, rare word", "search, middling word", "search, common word", "dashboard",
        "reports, 13 months", "reply", "status change", "form", "rail counts, uncached",
        "REST list of 50", "REST create",
    ):  # fmt: skip
        figures = r" +[\d.]+ +[\d.]+ +[\d]+ +[\d]+ +[\d.]+"
        assert len(re.findall(rf"^{name}{figures}", said, re.MULTILINE)) == 2, name
    for name in ("view untriaged", "status", "tag", "overdue", "fields.environment"):
        assert re.search(rf"^{name} +[\d.]+ +[\d.]+ +[\d.]+ +\d+  /agent/", said, re.MULTILINE)
