"""Changing many tickets: each by itself, by the rights of that moment, and undone where it can."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from accounts.actions.tokens import create_token, revoke_token
from accounts.actor import Actor
from accounts.errors import NotAllowed
from automation.actions import save_macro
from sla import audit, defaults, tasks
from tests.dying import failing_at
from tests.factories import (
    MONDAY,
    AdminFactory,
    AgentFactory,
    ProductFactory,
    TeamFactory,
    UserFactory,
    as_agent,
    as_customer,
    file_ticket,
)
from tickets import actions, bulk
from tickets.errors import Invalid, TooLateToUndo
from tickets.models import BulkJob, Event, Message, Ticket

pytestmark = pytest.mark.django_db
RESOLVE = [{"do": "status", "to": "resolved"}]


@pytest.fixture(autouse=True)
def _no_drift(clock) -> Iterator[None]:
    """After each job the stored clocks are those that the history gives (docs/sla.md)."""
    defaults.ensure()
    yield
    tasks.sweep()
    assert list(audit.drift()) == []


@pytest.fixture
def mia() -> Actor:
    return as_agent(AgentFactory(name="Mia"), request_id="one-request")


def many(count: int, at, **values) -> list[int]:
    person = UserFactory()
    return [file_ticket(person, at=at, **values).number for _ in range(count)]


def done(job: BulkJob, clock) -> dict[str, int]:
    bulk.go_on(lambda: clock.now)
    job.refresh_from_db()
    return bulk.progress(job)


def test_each_ticket_is_changed_or_refused_by_itself(mia, clock):
    good, bare = many(3, clock.now, category="support"), many(2, clock.now)
    numbers = [*good, *bare, 999_999]
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=numbers)
    assert (job.total, job.state) == (6, "running")
    assert done(job, clock) == {"changed": 3, "same": 0, "refused": 3, "done": 6}
    assert job.state == "done"
    assert set(Ticket.objects.filter(status="resolved").values_list("pk", flat=True)) == set(good)
    codes = dict(job.lines.filter(outcome="refused").values_list("number", "code"))
    assert codes == {**dict.fromkeys(bare, "category_missing"), 999_999: "not_found"}
    made = Event.objects.filter(kind="ticket.resolved")
    assert set(made.values_list("actor_user", "request_id")) == {(mia.user.pk, "one-request")}


def test_a_list_is_taken_as_it_matches_then_without_loading_it(
    mia, clock, django_assert_max_num_queries
):
    many(30, clock.now, category="support")
    matching = Ticket.objects.visible_to(mia).filter(category="support")
    with django_assert_max_num_queries(8):
        job = bulk.begin(RESOLVE, actor=mia, at=clock.now, matching=matching)
    many(1, clock.now, category="support")
    assert job.total == 30
    assert done(job, clock)["changed"] == 30


def test_what_stands_already_is_as_it_was(mia, clock):
    numbers = many(2, clock.now)
    actions.set_priority(numbers[0], "high", actor=mia, at=clock.now)
    step = [{"do": "priority", "to": "high"}]
    job = bulk.begin(step, actor=mia, at=clock.now, numbers=numbers)
    assert done(job, clock) == {"changed": 1, "same": 1, "refused": 0, "done": 2}


def test_a_dry_run_tells_and_changes_nothing(mia, clock):
    numbers = [*many(1, clock.now, category="support"), *many(1, clock.now)]
    before = Event.objects.count()
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=numbers, is_dry=True)
    assert done(job, clock) == {"changed": 1, "same": 0, "refused": 1, "done": 2}
    assert Event.objects.count() == before
    assert job.may_undo_until is None


@pytest.mark.parametrize("how", ["left", "revoked", "customer", "hidden"])
def test_rights_are_asked_at_each_ticket(how, clock):
    person, admin = AgentFactory(), Actor.system()
    token = create_token("t", ["tickets:write"], actor=admin, at=MONDAY, user=person)[0]
    actor = Actor(person, token, door="api")
    [number] = many(1, clock.now, category="support")
    job = bulk.begin(RESOLVE, actor=actor, at=clock.now, numbers=[number])
    if how == "left":
        actions.change_person(person, actor=admin, at=clock.now, is_active=False)
    elif how == "revoked":
        revoke_token(token.pk, actor=admin, at=clock.now)
    elif how == "customer":
        person.role = "customer"
        person.save()
    else:
        team = TeamFactory(is_private=True)
        actions.hand_over(number, team, actor=admin, at=clock.now)
    assert done(job, clock)["refused"] == 1
    assert job.lines.get().code == ("not_found" if how == "hidden" else "not_allowed")


def test_only_the_desk_changes_many(clock):
    [number] = many(1, clock.now)
    for actor in (as_customer(UserFactory()), Actor.anonymous()):
        with pytest.raises(NotAllowed):
            bulk.begin(RESOLVE, actor=actor, at=clock.now, numbers=[number])


@pytest.mark.parametrize("steps", [[], [{"do": "explode"}], [{"do": "assign", "to": 99}]])
def test_steps_are_checked_before_anything_is_noted_down(mia, clock, steps):
    with pytest.raises(Invalid):
        bulk.begin(steps, actor=mia, at=clock.now, numbers=many(1, clock.now))
    assert not BulkJob.objects.exists()


def test_too_many_are_refused_with_the_way_out(mia, clock, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    numbers = many(3, clock.now)
    for wanted in ({"numbers": numbers}, {"matching": Ticket.objects.visible_to(mia)}):
        with pytest.raises(Invalid, match="narrow"):
            bulk.begin(RESOLVE, actor=mia, at=clock.now, **wanted)
    assert not BulkJob.objects.exists()


def test_a_cancelled_job_leaves_the_rest_alone(mia, clock):
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=many(2, clock.now))
    bulk.cancel(job, actor=mia, at=clock.now)
    assert done(job, clock)["done"] == 0
    assert job.state == "cancelled"


def test_a_worker_that_died_is_followed_by_another_at_the_next_line(mia, clock, monkeypatch):
    monkeypatch.setattr(bulk, "CHUNK", 2)
    numbers = many(4, clock.now)
    step = [{"do": "note", "body": "Once."}]
    job = bulk.begin(step, actor=mia, at=clock.now, numbers=numbers)
    held = bulk._claim(clock.now)
    assert bulk._chunk(held, lambda: clock.now) == 2  # and then it is killed
    assert bulk.go_on(lambda: clock.now) == 0  # while the lease holds, nobody meddles
    clock.forward(seconds=bulk.LEASE.total_seconds() + 1)
    assert done(job, clock) == {"changed": 4, "same": 0, "refused": 0, "done": 4}
    assert Message.objects.filter(body="Once.").count() == 4


def test_undo_gives_back_every_field_and_keeps_what_was_said(mia, clock):
    team, product = TeamFactory(), ProductFactory(key="ledger")
    old = AgentFactory()
    fresh = file_ticket(at=clock.now, category="corrective")
    actions.set_emergency(fresh.number, emergency=True, actor=mia, at=clock.now)
    worked = file_ticket(at=clock.now, category="support")
    actions.assign(worked.number, old, actor=mia, at=clock.now)
    actions.set_tags(worked.number, ["kept"], actor=mia, at=clock.now)
    names = ("status", "assignee_id", "team_id", "category", "category_confirmed_at", "priority",
             "emergency", "product_id", "hold_reason", "resolved_at", "closed_at")  # fmt: skip
    before = list(Ticket.objects.order_by("pk").values(*names))
    waiting = list(Ticket.objects.order_by("pk").values_list("waiting_since", flat=True))
    steps = [
        {"do": "assign", "to": mia.user.pk}, {"do": "team", "to": team.pk},
        {"do": "category", "to": "perfective"}, {"do": "priority", "to": "urgent"},
        {"do": "product", "to": product.key}, {"do": "add_tags", "to": ["new"]},
        {"do": "note", "body": "Said."}, {"do": "status", "to": "resolved"},
    ]  # fmt: skip
    clock.forward(hours=1)
    job = bulk.begin(steps, actor=mia, at=clock.now, numbers=[fresh.number, worked.number])
    assert done(job, clock)["changed"] == 2
    assert list(Ticket.objects.order_by("pk").values(*names)) != before
    clock.forward(minutes=9)
    undoing = bulk.undo(job, actor=mia, at=clock.now)
    assert done(undoing, clock) == {"changed": 2, "same": 0, "refused": 0, "done": 2}
    assert list(Ticket.objects.order_by("pk").values(*names)) == before
    assert list(Ticket.objects.order_by("pk").values_list("waiting_since", flat=True)) == waiting
    assert [tag.name for tag in worked.tags.all()] == ["kept"]
    assert Message.objects.filter(body="Said.", withdrawn_at=None).count() == 2
    for ticket in (fresh, worked):
        sequences = list(ticket.events.order_by("sequence").values_list("sequence", flat=True))
        assert sequences == list(range(1, len(sequences) + 1))


def test_undo_leaves_what_somebody_changed_since_and_says_so(mia, clock):
    kept, given_back = many(2, clock.now)
    step = [{"do": "priority", "to": "high"}]
    job = bulk.begin(step, actor=mia, at=clock.now, numbers=[kept, given_back])
    done(job, clock)
    actions.set_priority(kept, "urgent", actor=as_agent(), at=clock.now)
    undoing = bulk.undo(job, actor=mia, at=clock.now)
    assert done(undoing, clock) == {"changed": 1, "same": 0, "refused": 1, "done": 2}
    assert undoing.lines.get(outcome="refused").code == "changed_since"
    assert Ticket.objects.get(pk=kept).priority == "urgent"
    assert Ticket.objects.get(pk=given_back).priority == "normal"


def test_a_breach_in_between_is_no_change_of_somebody(mia, clock):
    [number] = many(1, clock.now)
    step = [{"do": "priority", "to": "urgent"}]
    job = bulk.begin(step, actor=mia, at=clock.now, numbers=[number])
    done(job, clock)
    job.ended_at = clock.forward(days=20)
    job.save()
    tasks.sweep()
    assert Event.objects.filter(ticket=number, kind="sla.breached").exists()
    undoing = bulk.undo(job, actor=mia, at=clock.now)
    assert done(undoing, clock)["changed"] == 1


def test_undo_comes_once_and_in_time(mia, clock):
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=many(1, clock.now))
    with pytest.raises(TooLateToUndo):
        bulk.undo(job, actor=mia, at=clock.now)  # still running
    done(job, clock)
    with pytest.raises(TooLateToUndo):
        bulk.undo(job, actor=mia, at=clock.now + timedelta(minutes=11))
    bulk.undo(job, actor=mia, at=clock.now)
    with pytest.raises(TooLateToUndo):
        bulk.undo(job, actor=mia, at=clock.now)


def test_a_macro_is_a_step_for_many_and_its_gaps_are_refusals(mia, clock):
    macro = save_macro(
        None, actor=as_agent(AdminFactory()), at=MONDAY, name="Thanks", kind="reply",
        body="Thank you, {{ organisation.name }}", steps=[{"do": "priority", "to": "low"}],
    )  # fmt: skip
    job = bulk.begin(
        [{"do": "macro", "to": macro.pk}], actor=mia, at=clock.now, numbers=many(2, clock.now)
    )
    assert done(job, clock)["refused"] == 2
    assert set(job.lines.values_list("code", flat=True)) == {"missing_values"}


def test_one_sees_ones_own_jobs(mia, clock):
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=many(1, clock.now))
    assert bulk.find(job.pk, actor=mia) == job
    assert not BulkJob.objects.visible_to(as_agent()).exists()
    assert BulkJob.objects.visible_to(as_agent(AdminFactory())).get() == job


def test_jobs_are_forgotten_after_a_month(mia, clock):
    job = bulk.begin(RESOLVE, actor=mia, at=clock.now, numbers=many(1, clock.now))
    done(job, clock)
    bulk.forget_old(clock.now + timedelta(days=29))
    assert BulkJob.objects.exists()
    bulk.forget_old(clock.now + timedelta(days=31))
    assert not BulkJob.objects.exists()


@pytest.mark.parametrize("code", ["raise_exception", "deadlock_detected", "data_exception"])
def test_a_ticket_at_which_the_database_fails_stops_neither_its_job_nor_the_next(code, mia, clock):
    numbers = many(3, clock.now)
    step = [{"do": "priority", "to": "high"}]
    job = bulk.begin(step, actor=mia, at=clock.now, numbers=numbers)
    later = bulk.begin(step, actor=mia, at=clock.now, numbers=many(1, clock.now))
    with failing_at("tickets_ticket", f"NEW.number = {numbers[1]}", code):
        assert done(job, clock) == {"changed": 2, "same": 0, "refused": 1, "done": 3}
    assert done(later, clock)["changed"] == 1
    assert job.state == later.state == "done"
    line = job.lines.get(outcome="refused")
    assert (line.number, line.code, line.reason) == (
        numbers[1], "failed", "This is not possible.",
    )  # fmt: skip


def test_a_deadlock_is_tried_again(mia, clock):
    [number] = many(1, clock.now)
    job = bulk.begin([{"do": "priority", "to": "high"}], actor=mia, at=clock.now, numbers=[number])
    with failing_at("tickets_ticket", f"NEW.number = {number}", "deadlock_detected", times=1):
        assert done(job, clock)["changed"] == 1


def test_a_job_that_is_cancelled_in_the_middle_stops_at_the_next_ticket(mia, clock, monkeypatch):
    job = bulk.begin(
        RESOLVE, actor=mia, at=clock.now, numbers=many(5, clock.now, category="support")
    )
    run = bulk.steps.apply

    def then_cancel(*args, **values):
        bulk.cancel(job, actor=mia, at=clock.now)
        return run(*args, **values)

    monkeypatch.setattr(bulk.steps, "apply", then_cancel)
    assert done(job, clock)["done"] == 1
    assert job.state == "cancelled"
