"""How long operations take that people do alone or at once."""

import math
import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.bench.client import Client
from tests.bench.operations import CALLS_AT_ONCE, Operation, Person

WARMING = 2


@dataclass
class Taken:
    """What the calls of one operation took in ms, and queries and bytes of the last answer."""

    ms: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0

    @property
    def middle(self) -> float:
        """Half of the calls took no longer."""
        return statistics.median(self.ms)

    @property
    def p95(self) -> float:
        """95 of 100 calls took no longer."""
        return sorted(self.ms)[math.ceil(0.95 * len(self.ms)) - 1]

    def call(self, operation: Callable[[Person], Client], person: Person) -> None:
        """Call once and keep what it took."""
        began = time.perf_counter()
        client = operation(person)
        self.ms.append((time.perf_counter() - began) * 1000)
        self.queries, self.size = client.queries, client.size


def take(measured: list[Operation], people: list[Person], rounds: int) -> dict[str, Taken]:
    """Let these people do each operation at once, one operation after the other in turns.

    So noise hits all of them alike.
    """
    taken = {each.name: Taken() for each in measured}
    each_calls = 1 if len(people) == 1 else min(rounds, CALLS_AT_ONCE)
    with ThreadPoolExecutor(len(people)) as pool:
        for round_ in range(WARMING + math.ceil(rounds / each_calls)):
            for each in measured:
                for person in people:
                    person.prepare()
                into = taken[each.name] if round_ >= WARMING else Taken()

                def some(person: Person, each: Operation = each, into: Taken = into) -> None:
                    for _ in range(each_calls):
                        into.call(each.call, person)

                list(pool.map(some, people))
    return taken
