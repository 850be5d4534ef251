"""Run a file of SLA cases through the production functions: python -m sla.cases FILE."""

import json
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sla.business_time import Calendar, OpeningHours, instant, second
from sla.clocks import evaluate
from sla.happenings import (
    METRICS,
    RESUME,
    CustomerWrote,
    Happening,
    Opened,
    Responded,
    StatusSet,
    Terms,
    TermsSet,
)
from sla.stopwatch import Clock

Case = Mapping[str, Any]
_STATUS = {"solved": "resolved"}


def main(arguments: list[str]) -> int:
    """Print every disagreement and the score; 0 when all agree, 1 when not, 2 without a file."""
    if len(arguments) != 1:
        print("Usage: python -m sla.cases FILE", file=sys.stderr)  # noqa: T201 - a command
        return 2
    passed = failed = 0
    for line in Path(arguments[0]).read_text("utf-8").splitlines():
        if line.strip():
            complaints = list(disagreements(json.loads(line)))
            failed += bool(complaints)
            passed += not complaints
            for complaint in complaints:
                print(complaint)  # noqa: T201 - a command
    print(f"{passed} passed, {failed} failed")  # noqa: T201 - a command
    return 1 if failed else 0


def disagreements(case: Case) -> Iterator[str]:
    """Compare one case with the production functions; yields a line per disagreement."""
    try:
        for what, expected, ours in _COMPARE[case["kind"]](case):
            if expected != ours:
                yield f"{case['id']} {what}: expected {expected}, we say {ours}"
    except (KeyError, ValueError) as error:
        yield f"{case.get('id', '?')} cannot be run: {error!r}"


Comparison = tuple[str, object, object]


def _compare_add(case: Case) -> Iterator[Comparison]:
    hours, start = _hours(case["calendar"]), second(_at(case["start"]))
    if case.get("op") == "next_open":
        found = hours.next_open(start)
    else:
        found = hours.add(start, case.get("seconds", round(case["minutes"] * 60)))
    yield "deadline", _at(case["deadline"]), instant(found)


def _compare_between(case: Case) -> Iterator[Comparison]:
    start, end = second(_at(case["start"])), second(_at(case["end"]))
    elapsed = _hours(case["calendar"]).elapsed(start, end)
    yield "elapsed seconds", round(case["elapsed_minutes"] * 60), elapsed


def _compare_timeline(case: Case) -> Iterator[Comparison]:
    happenings = list(_happenings(case))
    for line in case["expect"]:
        clocks = evaluate(happenings, _at(line["at"]))
        mine = [clock for clock in clocks if clock.metric == line["metric"]]
        what = f"{line['metric']} {line['field']} at {line['at']}"
        yield what, _expected(line), _ours(mine[-1] if mine else None, line["field"])


_COMPARE = {"add": _compare_add, "between": _compare_between, "timeline": _compare_timeline}


def _expected(line: Case) -> object:
    if line["value"] is None or line["field"] == "state":
        return line["value"]
    return round(line["value"] * 60) if line["field"] == "elapsed_minutes" else _at(line["value"])


def _ours(clock: Clock | None, field: str) -> object:
    if clock is None or clock.state == "cancelled":
        return "inactive" if field == "state" else None
    return {
        "state": clock.state,
        "due": clock.due_at,
        "breached_at": clock.breached_at,
        "elapsed_minutes": clock.consumed,
    }[field]


def _happenings(case: Case) -> Iterator[Happening]:
    policy, hours = case["policy"], _hours(case["calendar"])
    targets = dict(policy["targets"])
    for event in case["events"]:
        at = _at(event["at"])
        match event["type"]:
            case "created":
                status = event.get("status", "new")
                terms = _terms(policy, targets, hours)
                yield Opened(at, event.get("by", "customer"), _STATUS.get(status, status), terms)
            case "customer_message":
                yield CustomerWrote(at)
            case "agent_reply":
                yield Responded(at)
            case "status":
                yield StatusSet(at, _STATUS.get(event["to"], event["to"]))
            case "target_change":
                targets |= event["targets"]
                hours = _hours(event["calendar"]) if "calendar" in event else hours
                yield TermsSet(at, _terms(policy, targets, hours))
            case "agent_note":
                continue
            case unknown:
                raise ValueError(f"unknown event {unknown}")


def _terms(policy: Case, targets: Mapping[str, float | None], hours: OpeningHours) -> Terms:
    return Terms(
        key="",
        targets={name: round(value * 60) for name, value in targets.items() if value is not None},
        hours=dict.fromkeys(METRICS, hours),
        pause={name: frozenset(statuses) for name, statuses in policy["pause"].items()},
        on_reopen=policy.get("on_reopen", RESUME),
    )


def _hours(document: Case) -> OpeningHours:
    return Calendar.parse(document).opening_hours()


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
