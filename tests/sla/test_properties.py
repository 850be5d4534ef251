"""The invariants of docs/sla.md, over generated calendars and ticket histories."""

from datetime import timedelta

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sla.business_time import Calendar, instant, second
from sla.clocks import evaluate
from sla.happenings import (
    METRICS,
    RESTART,
    RESUME,
    CustomerWrote,
    DueSet,
    MessageWithdrawn,
    OlderStart,
    Opened,
    Responded,
    StatusSet,
    Step,
    Terms,
    TermsSet,
)
from tests.conftest import IS_DRILL
from tests.sla import naive

# Walking minute by minute takes its time.
walks = settings(max_examples=1000 if IS_DRILL else 20)
timelines = settings(max_examples=10_000 if IS_DRILL else 100)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
         "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca")  # fmt: skip
# Around changes of clocks in those zones, and some quiet weeks.
MOMENTS = [naive.utc(*day) for day in (
    (2026, 3, 26), (2026, 10, 22), (2026, 11, 1), (2026, 3, 7), (2026, 4, 3), (2018, 11, 2),
    (2018, 2, 16), (2011, 12, 28), (2026, 9, 18), (2026, 1, 5), (2024, 2, 27),
)]  # fmt: skip


@st.composite
def stretches(draw):
    marks = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
    return [
        [_wall(opened * 15), _wall(closed * 15)]
        for opened, closed in zip(marks[::2], marks[1::2], strict=False)
    ]


def _wall(minute):
    return f"{minute // 60:02d}:{minute % 60:02d}"


@st.composite
def documents(draw, near=None):
    moment = near or draw(st.sampled_from(MOMENTS))
    days = [(moment + timedelta(days=number)).date().isoformat() for number in range(-1, 9)]
    holidays = draw(st.lists(st.sampled_from(days), max_size=2, unique=True))
    others = st.sampled_from([day for day in days if day not in holidays])
    return {
        "timezone": draw(st.sampled_from(ZONES)),
        "weekly": draw(
            st.dictionaries(st.sampled_from(naive.DAYS), stretches(), min_size=1, max_size=7)
        ),
        "holidays": holidays,
        "exceptions": draw(st.dictionaries(others, stretches(), max_size=2)),
        "breaks": draw(st.dictionaries(st.sampled_from(days), stretches(), max_size=2)),
    }


@st.composite
def hours_and_moment(draw):
    moment = draw(st.sampled_from(MOMENTS))
    document = draw(documents(near=moment))
    return Calendar.parse(document).opening_hours(), second(moment)


seconds = st.integers(0, 8 * 86400)


@walks
@given(moment=st.sampled_from(MOMENTS), data=st.data())
def test_open_minutes_are_those_a_walker_finds(moment, data):
    document = data.draw(documents(near=moment))
    opened = naive.open_minutes(document, moment, 5)
    hours = Calendar.parse(document).opening_hours()
    found = hours.open_intervals(second(moment), second(moment) + 5 * 86400)
    assert {at for start, end in found for at in range(start, end, 60)} == {
        second(at) for at in opened
    }


@given(hours_and_moment(), seconds, seconds, seconds)
def test_elapsed_is_additive_monotone_and_within_bounds(where, first, then, last):
    hours, start = where
    a, b, c = sorted((start + first, start + then, start + last))
    assert hours.elapsed(a, a) == 0
    assert hours.elapsed(a, b) + hours.elapsed(b, c) == hours.elapsed(a, c)
    assert 0 <= hours.elapsed(a, b) <= hours.elapsed(a, c) <= c - a


@given(hours_and_moment(), seconds, st.integers(1, 200_000))
def test_add_is_the_earliest_instant_with_that_much_elapsed(where, first, duration):
    hours, start = where
    begin = start + first
    due = hours.add(begin, duration)
    assert hours.elapsed(begin, due) == duration
    assert hours.elapsed(begin, due - 1) == duration - 1


@given(hours_and_moment(), seconds, st.integers(0, 100_000), st.integers(0, 100_000))
def test_adding_twice_is_adding_the_sum(where, first, one, two):
    hours, start = where
    begin = start + first
    assert hours.add(hours.add(begin, one), two) == hours.add(begin, one + two)


@given(hours_and_moment(), seconds)
def test_next_open_is_open_and_nothing_before_it_is(where, first):
    hours, start = where
    begin = start + first
    opening = hours.next_open(begin)
    assert hours.elapsed(begin, opening) == 0
    assert hours.elapsed(opening, opening + 1) == 1


@given(documents(), seconds, st.integers(0, 20 * 366 * 86400))
def test_growing_the_horizon_changes_no_answer(document, first, far):
    fresh = Calendar.parse(document).opening_hours()
    grown = Calendar.parse(document).opening_hours()
    start = second(naive.utc(2018, 6, 1))
    grown.elapsed(start, start + far)
    grown.elapsed(start - 300 * 86400, start)
    assert grown.elapsed(start, start + first) == fresh.elapsed(start, start + first)
    assert grown.add(start, 10_000) == fresh.add(start, 10_000)


# --- Ticket histories ---

STATUSES = ("new", "open", "pending", "on_hold", "resolved", "closed")
PAUSE = {"resolution": frozenset({"pending", "on_hold"}), "update": frozenset({"pending"})}
STEPS = (Step("half", percent=50), Step("soon", offset=-1800), Step("after", offset=1800))


@st.composite
def terms(draw, hours):
    chosen = draw(st.sets(st.sampled_from(METRICS)))
    return Terms(
        key="",
        targets={metric: draw(st.integers(1, 12)) * 1800 for metric in chosen},
        hours=dict.fromkeys(METRICS, hours),
        pause=PAUSE,
        on_reopen=draw(st.sampled_from([RESUME, RESTART])),
        reopen_minimum_percent=draw(st.sampled_from([0, 25])),
        steps=dict.fromkeys(METRICS, STEPS),
    )


@st.composite
def histories(draw, start=None):
    """A story without withdrawals, which rewrite it on purpose."""
    begin = second(start or draw(st.sampled_from(MOMENTS)))
    hours = Calendar.parse(draw(documents(near=instant(begin)))).opening_hours()
    by = draw(st.sampled_from(["customer", "agent"]))
    story = [Opened(instant(begin), by, draw(st.sampled_from(STATUSES[:4])), draw(terms(hours)))]
    offsets = sorted(draw(st.lists(st.integers(0, 4 * 86400), max_size=12)))
    for offset in offsets:
        at = instant(begin + offset)
        earlier = st.timedeltas(timedelta(), timedelta(days=2)).map(lambda back, at=at: at - back)
        later = st.timedeltas(timedelta(seconds=1), timedelta(days=2))
        story.append(draw(st.one_of(
            st.just(CustomerWrote(at)),
            st.just(Responded(at)),
            st.builds(StatusSet, st.just(at), st.sampled_from(STATUSES),
                      st.sampled_from(["customer", "agent"])),
            st.builds(TermsSet, st.just(at), terms(hours), st.one_of(st.none(), earlier)),
            st.builds(DueSet, st.just(at), st.sampled_from(METRICS),
                      st.one_of(st.none(), later.map(lambda ahead, at=at: at + ahead))),
            st.builds(OlderStart, st.just(at), earlier),
        )))  # fmt: skip
    return story


class Ledger:
    """What stays written of a ticket by somebody who looks at it again and again."""

    def __init__(self):
        self.facts = {}
        self.ends = {}

    def look(self, known, as_of):
        """Note what is new, as the desk does after each event and at each sweep."""
        for clock in evaluate(known, as_of):
            for fact in clock.facts:
                key = (clock.metric, clock.seq, fact.kind, fact.step, fact.generation)
                self.facts.setdefault(key, fact)
            if not clock.is_live:
                self.ends.setdefault((clock.metric, clock.seq, clock.ended_at), clock)


@timelines
@given(histories(), st.lists(seconds, max_size=4))
def test_event_by_event_gives_what_all_at_once_gives(story, looks):
    """A2, K8, W2: whoever looks in between, the facts and the ends are the same."""
    sweeps = sorted(story[0].at + timedelta(seconds=offset) for offset in looks)
    end = max(story[-1].at, *sweeps, story[0].at) + timedelta(days=3)
    ledger = Ledger()
    for number, happening in enumerate(story):
        while sweeps and sweeps[0] < happening.at:
            ledger.look(story[:number], sweeps.pop(0))
        ledger.look(story[: number + 1], happening.at)
    for as_of in [*sweeps, end]:
        ledger.look(story, as_of)
    at_once = Ledger()
    at_once.look(story, end)
    assert ledger.facts == at_once.facts
    assert {key: ledger.ends[key] for key in at_once.ends} == at_once.ends


@given(histories(), st.data())
def test_k6_a_message_taken_back_might_as_well_not_have_been_written(story, data):
    told, without = [], []
    for number, happening in enumerate(story):
        if not isinstance(happening, CustomerWrote | Responded) or not data.draw(st.booleans()):
            told.append(happening)
            without.append(happening)
            continue
        told.append(type(happening)(happening.at, number))
        after = data.draw(st.timedeltas(timedelta(), timedelta(hours=1)))
        told.append(MessageWithdrawn(happening.at + after, number))
    as_of = story[-1].at + timedelta(days=2)
    assert evaluate(told, as_of) == evaluate(without, as_of)


@given(histories(), seconds)
def test_what_was_true_at_the_time_stays_written(story, offset):
    """evaluate(prefix) continued = evaluate(all): later looks add facts and take none away."""
    as_of = story[0].at + timedelta(seconds=offset)
    earlier = {(clock.metric, clock.seq): clock for clock in evaluate(story, as_of)}
    later = {(clock.metric, clock.seq): clock for clock in evaluate(story, naive.utc(2030, 1, 1))}
    assert earlier.keys() <= later.keys()
    for key, clock in earlier.items():
        assert later[key].facts[: len(clock.facts)] == clock.facts


@given(histories(), seconds)
def test_happenings_after_the_look_do_not_matter(story, offset):
    as_of = story[0].at + timedelta(seconds=offset)
    seen = [happening for happening in story if happening.at <= as_of]
    assert evaluate(story, as_of) == evaluate(seen, as_of)


@given(histories(), seconds)
def test_every_clock_is_sound(story, offset):
    for clock in evaluate(story, story[0].at + timedelta(seconds=offset)):
        assert clock.consumed == sum(part.consumed for part in clock.segments)
        assert clock.is_live == (clock.state in {"running", "paused"} or clock.ended_at is None)
        assert (clock.state == "breached") == (clock.breached_at is not None) or (
            clock.state == "cancelled"
        )
        if clock.state == "paused":
            assert clock.due_at is clock.next_fire_at is None
        assert len({(fact.kind, fact.step, fact.generation) for fact in clock.facts}) == len(
            clock.facts
        )


@given(histories(), seconds)
def test_at_most_one_clock_of_a_metric_is_live(story, offset):
    clocks = evaluate(story, story[0].at + timedelta(seconds=offset))
    live = [clock.metric for clock in clocks if clock.is_live]
    assert len(live) == len(set(live))
    firsts = [clock for clock in clocks if clock.metric == "first_response"]
    assert len(firsts) <= 1


@given(histories(), st.integers(0, 4 * 86400), st.integers(0, 86400))
def test_pausing_in_closed_time_changes_nothing(story, offset, length):
    start = story[0].at + timedelta(seconds=offset)
    end = start + timedelta(seconds=length)
    quiet = [story[0]]
    hours = story[0].terms.hours["resolution"]
    assume(hours.elapsed(second(start), second(end)) == 0)
    was = story[0].status
    paused = [*quiet, StatusSet(start, "pending"), StatusSet(end, was)]
    as_of = end + timedelta(days=3)
    for one, two in zip(evaluate(quiet, as_of), evaluate(paused, as_of), strict=True):
        assert (one.consumed, one.due_at, one.state) == (two.consumed, two.due_at, two.state)


@walks
@given(data=st.data(), moment=st.sampled_from(MOMENTS), target=st.integers(1, 24))
def test_the_resolution_clock_is_the_one_a_walker_finds(data, moment, target):
    document = data.draw(documents(near=moment))
    offsets = data.draw(st.lists(st.integers(0, 4 * 1440), max_size=6, unique=True))
    changes = [(moment, "new")] + [
        (moment + timedelta(minutes=minute), data.draw(st.sampled_from(STATUSES)))
        for minute in sorted(offsets)
    ]
    end = moment + timedelta(days=5)
    hours = Calendar.parse(document).opening_hours()
    promised = Terms("", {"resolution": target * 1800}, {"resolution": hours}, PAUSE)
    story = [Opened(moment, status="new", terms=promised)]
    story += [StatusSet(at, status) for at, status in changes[1:]]
    (clock,) = evaluate(story, end)
    used, breached_at = naive.resolution(document, changes, target * 30, PAUSE["resolution"], end)
    assert clock.consumed == used * 60
    assert clock.breached_at == breached_at


@walks
@given(data=st.data(), moment=st.sampled_from(MOMENTS), by=st.sampled_from(["customer", "agent"]))
def test_all_four_clocks_are_those_a_walker_finds(data, moment, by):
    """Without messages on a ticket that is over: the desk opens it, or a follow-up, first."""
    document = data.draw(documents(near=moment))
    targets = {metric: data.draw(st.integers(1, 20)) * 30 for metric in METRICS}
    events, story, status = {0: [by]}, [], "new"
    for minute in sorted(data.draw(st.sets(st.integers(1, 2 * 1440), max_size=10))):
        at = moment + timedelta(minutes=minute)
        is_over = status in {"resolved", "closed"}
        kinds = ["status"] if is_over else ["customer", "agent", "status", "status"]
        what = data.draw(st.sampled_from(kinds))
        if what == "status":
            who = data.draw(st.sampled_from(["customer", "agent"]))
            status = data.draw(st.sampled_from([one for one in STATUSES if one != status]))
            events[minute] = [(who, status)]
            story.append(StatusSet(at, status, who))
        else:
            events[minute] = [what]
            story.append(CustomerWrote(at) if what == "customer" else Responded(at))
    hours = Calendar.parse(document).opening_hours()
    promised = Terms(
        "",
        {metric: minutes * 60 for metric, minutes in targets.items()},
        dict.fromkeys(METRICS, hours),
        PAUSE,
    )
    length = 3 * 1440
    opened = {
        int((at - moment).total_seconds()) // 60 for at in naive.open_minutes(document, moment, 4)
    }
    expected = naive.walk(opened, events, targets, PAUSE, length)
    end = moment + timedelta(minutes=length)
    found = {}
    for clock in evaluate([Opened(moment, by, terms=promised), *story], end):
        late = clock.breached_at and int((clock.breached_at - moment).total_seconds()) // 60
        state = "live" if clock.is_live else clock.state
        found[clock.metric, clock.seq] = (clock.consumed // 60, state, late)
    assert found == expected
