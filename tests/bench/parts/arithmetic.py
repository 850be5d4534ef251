"""How long the pure core takes: a ticket of 200 events, compiling a calendar, adding time."""

from datetime import UTC, datetime, timedelta

from sla.business_time import Calendar, second
from sla.clocks import evaluate
from sla.happenings import METRICS, CustomerWrote, Opened, Responded, StatusSet, Terms
from tests.bench.parts import line, median_ms

DOCUMENT = {
    "timezone": "Europe/Berlin",
    "weekly": {day: [["09:00", "12:30"], ["13:30", "17:00"]] for day in ("mon", "tue", "wed")},
    "holidays": ["2026-01-06", "2026-05-01", "2026-12-25"],
}
MONDAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def main() -> None:
    """Measure and print."""
    print("\narithmetic")
    hours = Calendar.parse(DOCUMENT).opening_hours()
    terms = Terms(
        key="", targets=dict.fromkeys(METRICS, 8 * 3600), hours=dict.fromkeys(METRICS, hours),
        pause={"resolution": frozenset({"pending"})},
    )  # fmt: skip
    story = [Opened(MONDAY, terms=terms)]
    for number in range(1, 200):
        at = MONDAY + timedelta(minutes=17 * number)
        kinds = (
            CustomerWrote(at), Responded(at), StatusSet(at, "pending"), StatusSet(at, "open"),
        )  # fmt: skip
        story.append(kinds[number % 4])
    end = MONDAY + timedelta(days=30)
    start = second(MONDAY)
    line("evaluate a ticket of 200 events", f"{median_ms(lambda: evaluate(story, end)):.2f} ms")
    line(
        "compile a calendar for its first two years",
        f"{median_ms(lambda: Calendar.parse(DOCUMENT).opening_hours().add(start, 3600)):.2f} ms",
    )
    thousand = median_ms(lambda: [hours.add(start + n, 30_000) for n in range(1000)])
    line("add 8 h 20 min to an instant", f"{thousand:.2f} µs")
    baseline = median_ms(lambda: [MONDAY + timedelta(seconds=n) for n in range(1000)])
    line("  baseline: datetime + timedelta", f"{baseline:.2f} µs")


if __name__ == "__main__":
    main()
