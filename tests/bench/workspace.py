"""The workspace at size: `python -m tests.bench.workspace --tickets 10000 100000 1000000`.

Each size has a desk of its own, filled once by `load_sample` and kept between runs (BENCH_DATA,
else /var/tmp/helpdesk-bench). Every figure stands beside the reference page of the same run and
the same number of clients.
"""

import argparse
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

from tests.bench.client import Client, hidden
from tests.bench.operations import (
    GROWTH,
    MANY,
    Desk,
    Operation,
    Person,
    deep_page,
    offered,
    operations,
)
from tests.bench.timing import Taken, take
from tests.stack import Stack, free_port, until

HOME = Path(os.environ.get("BENCH_DATA", "/var/tmp/helpdesk-bench"))
FILTERED = 5.0  # reference pages that a filtered and sorted queue may take
SLOWEST = 3
REFERENCE = "/reference/"
VIEWS = ("unassigned", "mine", "waiting", "breaching", "untriaged", "snoozed", "all")
SORTS = (
    "due_at", "waiting_since", "snoozed_until", "-priority", "-updated_at", "-created_at",
    "created_at", "priority", "updated_at", "-number", "number", "organisation", "product",
)  # fmt: skip


def main() -> None:
    """Measure each size, then say how much slower the largest is than the smallest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tickets", type=int, nargs="+", default=[10_000])
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--brief", action="store_true", help="one value and order of a filter")
    asked = parser.parse_args()
    taken = []
    for tickets in asked.tickets:
        with _running(tickets) as stack:
            taken.append(_measure(stack, tickets, asked.rounds, is_brief=asked.brief))
    if len(taken) > 1:
        _print_growth(asked.tickets, taken[0], taken[-1])


@contextmanager
def _running(tickets: int) -> Iterator[Stack]:
    """Start the desk of this size, and fill it unless an earlier run left it whole."""
    HOME.mkdir(mode=0o711, parents=True, exist_ok=True)
    stack = Stack(HOME / f"workspace_{tickets}", free_port())
    stack.start(DJANGO_SETTINGS_MODULE="tests.bench.settings", HELPDESK_WEB_WORKERS="2")
    try:
        if int(str(stack.sql("SELECT count(*) FROM tickets_ticket")[0][0])) < tickets:
            print(stack.manage("load_sample", "--tickets", str(tickets)))
        stack.sql("DELETE FROM accounts_attempt")  # what an earlier run filed within this hour
        yield stack
    finally:
        stack.stop()


def _measure(stack: Stack, tickets: int, rounds: int, *, is_brief: bool) -> dict[str, Taken]:
    """Print the tables of one size; gives what each operation took one person alone."""
    people = _people(stack)
    measured = operations(people[0].desk)
    alone = take(measured, people[:1], rounds)
    _print(f"{tickets} tickets, one at a time", measured, alone)
    _print(f"{tickets} tickets, {MANY} at once", measured, take(measured, people, rounds))
    _print_filters(people[0], max(1, rounds // 4), is_brief=is_brief)
    return alone


def _people(stack: Stack) -> list[Person]:
    """Sign eight agents in, and choose what they read and write."""
    page, port = Client(stack.port), stack.port
    until(lambda: page.call("GET", "/healthz")[0] == 200, 60)
    opened = hidden(page.call("GET", "/new/")[1], "opened")  # long before anybody sends a form
    token = json.loads(stack.manage("demo", "--json"))["tokens"]["integration"]
    emails = [
        str(row[0]) for row in stack.sql(
            "SELECT email FROM accounts_user WHERE email ~ '^agent[0-9]' ORDER BY email LIMIT 8"
        )
    ]  # fmt: skip
    pages = [Client(port) for _ in emails]
    for each, email in zip(pages, emails, strict=True):
        each.sign_in(stack.manage("sign_in_link", email).split()[-1])
    desk = Desk(
        readable=_numbers(stack, "true"),
        writable=_numbers(stack, "status IN ('open', 'pending')"),
        words=_words(stack),
        deep=deep_page(pages[0]),
    )
    return [
        Person(desk, each, Client(port, token), port, place, opened)
        for place, each in enumerate(pages)
    ]


def _numbers(stack: Stack, condition: str) -> list[int]:
    """Choose tickets from all over the desk that every agent may see."""
    rows = stack.sql(
        "SELECT number FROM tickets_ticket t LEFT JOIN accounts_team m ON m.id = t.team_id"
        f" WHERE m.is_private IS NOT TRUE AND merged_into_id IS NULL AND {condition}"
        " ORDER BY md5(number::text) LIMIT 4000"
    )
    return [int(str(number)) for (number,) in rows]


def _words(stack: Stack) -> dict[str, str]:
    """Choose a word of one ticket, one of some, and one of most; tells how many have them."""
    code = stack.sql("SELECT subject FROM tickets_ticket WHERE subject ~ ' E[0-9]+' LIMIT 1")
    rare = str(code[0][0]).split()[-1].strip(")") if code else "2.4.1"
    words = {"rare": rare, "middling": "abacus", "common": "customer"}
    for kind, word in words.items():
        hits = stack.sql(
            "SELECT count(*) FROM tickets_searchdocument"
            f" WHERE is_internal AND words @@ to_tsquery('simple', '{word}')"
        )
        print(f"{kind} word: {word}, in {hits[0][0]} tickets")
    return words


def _print(title: str, measured: list[Operation], taken: dict[str, Taken]) -> None:
    reference = taken["reference page"]
    print(f"\n{title}: {len(reference.ms)} calls of each")
    print(f"{'operation':<26}{'p50':>8}{'p95':>8}{'queries':>9}{'bytes':>9}{'× ref.':>8}  allowed")
    for each in measured:
        found = taken[each.name]
        print(
            f"{each.name:<26}{found.middle:>8.1f}{found.p95:>8.1f}{found.queries:>9}"
            f"{found.size:>9}{found.middle / reference.middle:>8.1f}  "
            + (f"{each.times:g} ×" if each.times else "")
        )


def _print_filters(person: Person, rounds: int, *, is_brief: bool) -> None:
    """Print for each view and filter its slowest order, found by two calls of each of them.

    The slowest are called again in turn with the reference page, so that noise hits both alike.
    """
    asked = {f"view {view}": [{"view": view}] for view in VIEWS}
    for name, offers in offered(person.page).items():
        asked[name] = [{"view": "all", "filter": typed} for typed in offers]
    print(f"\nviews and filters, the slowest of {len(SORTS)} orders, allowed {FILTERED:g} ×")
    print(f"{'':<26}{'p50':>8}{'p95':>8}{'× ref.':>8}{'tried':>8}  the slowest")
    for name, queries in asked.items():
        paths = [_sorted(query, sort) for query in queries for sort in SORTS]
        paths = paths[:1] if is_brief else paths
        found = _in_turn(person, paths, 2)
        slowest = sorted(paths, key=lambda path: min(found[path].ms))[-SLOWEST:]
        again = _in_turn(person, [REFERENCE, *slowest], rounds)
        worst = max(slowest, key=lambda path: again[path].middle)
        taken = again[worst]
        print(
            f"{name:<26}{taken.middle:>8.1f}{taken.p95:>8.1f}"
            f"{taken.middle / again[REFERENCE].middle:>8.1f}{len(paths):>8}  {worst}",
            flush=True,
        )


def _in_turn(person: Person, paths: list[str], rounds: int) -> dict[str, Taken]:
    taken = {path: Taken() for path in paths}
    for _ in range(rounds):
        for path in paths:
            taken[path].call(lambda person, path=path: person.read(path), person)
    return taken


def _sorted(query: dict[str, str], sort: str) -> str:
    return f"/agent/?{urlencode({**query, 'sort': sort})}"


def _print_growth(sizes: list[int], first: dict[str, Taken], last: dict[str, Taken]) -> None:
    print(f"\nfrom {sizes[0]} to {sizes[-1]} tickets, one at a time")
    for name, taken in last.items():
        growth = taken.middle / first[name].middle
        allowed = f"  allowed {GROWTH[name]:g} ×" if name in GROWTH else ""
        print(f"{name:<26}{growth:>8.2f} ×{allowed}")


if __name__ == "__main__":
    main()
