"""`make` on a machine where something is missing says so in one plain sentence."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What `make` reads, without anything installed."""
    for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
        shutil.copy(PROJECT / name, tmp_path)
    return tmp_path


def python(folder: Path, *, fails_at: str) -> Path:
    """A Python that fails when its program holds these words."""
    script = folder / "python"
    script.write_text(f'#!/bin/sh\ncase "$2" in *{fails_at}*) exit 1;; esac\n')
    script.chmod(0o755)
    return script


def make(checkout: Path, *arguments: str) -> tuple[int, list[str]]:
    """Run make there; give its exit code and its lines."""
    alone = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    ran = subprocess.run(
        ["make", *arguments], cwd=checkout, env=alone, text=True, capture_output=True, check=False
    )
    lines = (ran.stdout + ran.stderr).splitlines()
    return ran.returncode, [line for line in lines if not line.startswith("make:")]


def test_an_old_python_is_named(checkout: Path) -> None:
    code, lines = make(checkout, "run", f"PYTHON={python(checkout, fails_at='version_info')}")
    assert code != 0
    assert len(lines) == 1
    assert "is not Python 3.11 or newer" in lines[0]


def test_no_python_at_all(checkout: Path) -> None:
    code, lines = make(checkout, "run", "PYTHON=")
    assert code != 0
    assert lines == [
        "The helpdesk needs Python 3.11 or newer: install it, or name it with make PYTHON=…"
    ]


def test_a_missing_venv_says_how_to_get_it(checkout: Path) -> None:
    code, lines = make(checkout, "run", f"PYTHON={python(checkout, fails_at='ensurepip')}")
    assert code != 0
    assert len(lines) == 1
    assert "apt install python3-venv" in lines[0]
    assert not (checkout / ".venv").exists()


def test_help_lists_every_command(checkout: Path) -> None:
    code, lines = make(checkout)
    assert code == 0
    listed = {line.split()[1] for line in lines}
    assert {"help", "run", "test", "check", "drill", "bench"} <= listed


def test_ci_runs_both_and_is_executable() -> None:
    script = PROJECT / ".ci/run"
    assert script.stat().st_mode & 0o111
    assert script.read_text().rstrip().endswith("make check\nmake test")
