"""Every shared SLA case holds, and the command that runs a file of them says so."""

import copy
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sla.cases import disagreements, main

FILE = Path(__file__).parent.parent / "data" / "sla_cases.jsonl"
CASES = [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_we_agree_with_the_case(case):
    assert list(disagreements(case)) == []


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_no_case_holds_whatever_we_say(case):
    for wrong in others(case):
        assert list(disagreements(wrong)) != [], wrong


def others(case):
    """The case with each of its expectations changed in turn."""
    if case["kind"] == "add":
        return [{**case, "deadline": later(case["deadline"])}]
    if case["kind"] == "between":
        return [{**case, "elapsed_minutes": case["elapsed_minutes"] + 1}]
    changed = []
    for number, line in enumerate(case["expect"]):
        wrong = copy.deepcopy(case)
        wrong["expect"][number]["value"] = another(line)
        changed.append(wrong)
    assert changed != []
    return changed


def another(line):
    if line["field"] == "state":
        return "paused" if line["value"] != "paused" else "running"
    if line["field"] == "elapsed_minutes":
        return (line["value"] or 0) + 1
    return later(line["value"] or line["at"])


def later(text):
    return (datetime.fromisoformat(text) + timedelta(minutes=1)).isoformat()


def test_the_command_counts_and_exits_with_zero(capsys):
    assert main([str(FILE)]) == 0
    assert capsys.readouterr().out == f"{len(CASES)} passed, 0 failed\n"


def test_the_command_prints_every_disagreement(tmp_path, capsys):
    wrong = {**CASES[0], "deadline": "2001-01-01T00:00:00Z"}
    strange = {"id": "X1", "kind": "add", "start": "2001-01-01T00:00:00Z", "calendar": {}}
    file = tmp_path / "cases.jsonl"
    file.write_text("\n".join(json.dumps(case) for case in (wrong, strange, CASES[1])))
    assert main([str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"{CASES[0]['id']} deadline: expected 2001-01-01")
    assert lines[1].startswith("X1 cannot be run")
    assert lines[2] == "1 passed, 2 failed"


def test_the_command_without_a_file_says_how_to_use_it(capsys):
    assert main([]) == 2
    assert "Usage" in capsys.readouterr().err
