"""Changing many tickets, and undoing it: a job with a line for each ticket.

Each ticket is a transaction of its own, in which its line is marked: a job that a crash ends is
gone on with at the next line, and nothing is done twice.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Count, Q
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts import doorbell
from accounts.actor import Actor
from accounts.errors import NotFound
from tickets import actions, steps, written_steps
from tickets.actions._door import lock
from tickets.errors import Invalid, NotAllowed, Refused, TooLateToUndo
from tickets.models import BulkJob, BulkLine, Ticket
from tickets.models.bulk import BulkJobQuerySet
from tickets.models.tickets import TicketQuerySet
from tickets.steps import Step

MOST = 100_000  # tickets of a job
CHUNK = 50
ROUND = 20  # seconds of a worker, which then looks after other things
LEASE = timedelta(seconds=90)  # longer than the slowest chunk
KEPT = timedelta(days=30)
Outcome = BulkLine.Outcome
Now = Callable[[], datetime]
log = logging.getLogger(__name__)

_LINES = """
INSERT INTO tickets_bulkline (job_id, number, outcome, code, reason, first, last)
SELECT %s, wanted.number, '', '', '', 0, 0 FROM ({query}) AS wanted (number)
"""
_LINES_TO_UNDO = """
INSERT INTO tickets_bulkline (job_id, number, outcome, code, reason, first, last)
SELECT %s, number, '', '', '', first, last FROM tickets_bulkline
WHERE job_id = %s AND outcome = 'changed'
"""


class _DryRun(Exception):
    """Takes back what was only tried."""


@transaction.atomic
def begin(
    written: Sequence[Any],
    *,
    actor: Actor,
    at: datetime,
    numbers: Iterable[int] | None = None,
    matching: TicketQuerySet | None = None,
    is_dry: bool = False,
) -> BulkJob:
    """Note down what is to be done to these tickets; `run` does it, or a worker after `ring`.

    :param numbers: of tickets, whether or not they exist.
    :param matching: instead of numbers, a list of tickets that starts at `visible_to`.
    :raises NotAllowed: the actor does not work at the desk.
    :raises Invalid: a step cannot be taken, there is none, or there are too many tickets.
    """
    _require_agent(actor)
    if not written:
        raise Invalid(_("Say what to change."), pointer="steps")
    written_steps.ready(written, actor=actor)
    job = _job(actor, at, steps=list(written), is_dry=is_dry)
    if matching is not None:
        wanted = matching.order_by().values("number")[: MOST + 1]
        with suppress(EmptyResultSet), connection.cursor() as cursor:  # it may hold nothing
            query, values = wanted.query.sql_with_params()
            cursor.execute(_LINES.format(query=query), [job.pk, *values])
            job.total = cursor.rowcount
    else:
        each = sorted(set(numbers or ()))
        job.total = len(each)
        if job.total <= MOST:
            job.lines.bulk_create([BulkLine(job=job, number=number) for number in each])
    if job.total > MOST:
        raise Invalid(_("At most 100,000 tickets at once: narrow the list."), pointer="filter")
    job.save(update_fields=["total"])
    return job


@transaction.atomic
def undo(job: BulkJob, *, actor: Actor, at: datetime) -> BulkJob:
    """Begin to give back what a job changed; tickets that were changed since stay as they are.

    :raises TooLateToUndo: ten minutes are over, it is still running, or was undone before.
    """
    _require_agent(actor)
    locked = BulkJob.objects.select_for_update().get(pk=job.pk)
    if locked.may_undo_until is None or at > locked.may_undo_until:
        raise TooLateToUndo(_("This can be undone once, within ten minutes of its end."))
    undoing = _job(actor, at, undoes=locked)
    with connection.cursor() as cursor:
        cursor.execute(_LINES_TO_UNDO, [undoing.pk, locked.pk])
        undoing.total = cursor.rowcount
    undoing.save(update_fields=["total"])
    return undoing


@transaction.atomic
def cancel(job: BulkJob, *, actor: Actor, at: datetime) -> None:
    """Leave alone the tickets that the job has not come to."""
    _require_agent(actor)
    open_job = BulkJob.objects.filter(pk=job.pk, ended_at__isnull=True)
    open_job.update(cancelled_at=at, ended_at=at)


def ring() -> None:
    """Ask a worker to go on with what is open, once that is stored."""
    from tickets.tasks import change_many  # here, because the task module imports this one

    transaction.on_commit(lambda: doorbell.ring(change_many))


def go_on(now: Now) -> int:
    """Work for some seconds on the jobs that nobody holds; gives how many tickets it came to."""
    until, came_to = time.monotonic() + ROUND, 0
    while time.monotonic() < until and (job := _claim(now())):
        try:
            while time.monotonic() < until and (done := _chunk(job, now)):
                came_to += done
        finally:
            _let_go(job)
    if _free(now()).exists():
        ring()
    return came_to


def run(job: BulkJob, now: Now) -> None:
    """Do all of a job at once: for few tickets, while somebody waits for the answer."""
    while _chunk(job, now):
        pass
    job.refresh_from_db()


def progress(job: BulkJob) -> dict[str, int]:
    """Count the lines of a job by their outcome; "done" are those that have one."""
    rows = job.lines.exclude(outcome="").values_list("outcome").annotate(Count("pk")).order_by()
    counted = {**dict.fromkeys(Outcome.values, 0), **dict(rows)}
    return {**counted, "done": sum(counted.values())}


def forget_old(at: datetime) -> None:
    """Delete what is known of jobs after a month; the events of the tickets stay."""
    BulkJob.objects.filter(ended_at__lt=at - KEPT).delete()


def _require_agent(actor: Actor) -> None:
    if not (actor.is_agent and actor.has_scope("tickets:write")):
        raise NotAllowed


def _job(actor: Actor, at: datetime, **values: Any) -> BulkJob:
    return BulkJob.objects.create(
        asked_by=actor.user, token=actor.token, door=actor.door, request_id=actor.request_id,
        language=translation.get_language() or "", created_at=at, **values,
    )  # fmt: skip


def _claim(at: datetime) -> BulkJob | None:
    """Take a lease on the oldest open job that no other worker holds."""
    with transaction.atomic():
        job = _free(at).select_for_update(skip_locked=True).order_by("id").first()
        if job is not None:
            job.lease, job.leased_until = uuid.uuid4(), at + LEASE
            job.save(update_fields=["lease", "leased_until"])
    return job


def _free(at: datetime) -> BulkJobQuerySet:
    is_free = Q(leased_until=None) | Q(leased_until__lt=at)
    free: BulkJobQuerySet = BulkJob.objects.filter(is_free, ended_at__isnull=True)
    return free


def _let_go(job: BulkJob) -> None:
    BulkJob.objects.filter(pk=job.pk, lease=job.lease).update(lease=None, leased_until=None)


def _chunk(job: BulkJob, now: Now) -> int:
    """Come to the next lines; 0 when there are none, and then the job has ended."""
    at = now()
    if BulkJob.objects.filter(pk=job.pk, ended_at__isnull=False).exists():
        return 0
    lines = list(job.lines.filter(outcome="").order_by("number")[:CHUNK])
    if not lines:
        BulkJob.objects.filter(pk=job.pk, ended_at=None).update(ended_at=at)
        return 0
    BulkJob.objects.filter(pk=job.pk, lease=job.lease).update(leased_until=at + LEASE)
    with translation.override(job.language or None):
        actor = _actor(job, at)
        for line in lines:
            _do(job, line, actor, now())
    return len(lines)


def _actor(job: BulkJob, at: datetime) -> Actor | None:
    """Give who asked, with the rights of now; None when that door is closed."""
    fresh = BulkJob.objects.select_related("asked_by", "token__user").get(pk=job.pk)
    if fresh.token is not None and not fresh.token.is_valid(at):
        return None
    if fresh.asked_by is not None and not fresh.asked_by.is_active:
        return None
    door: Any = fresh.door
    return Actor(fresh.asked_by, fresh.token, door=door, request_id=fresh.request_id)


def _do(
    job: BulkJob, line: BulkLine, actor: Actor | None, at: datetime, *, may_try_again: bool = True
) -> None:
    try:
        with transaction.atomic():
            locked = BulkLine.objects.select_for_update(skip_locked=True, no_key=True)
            if locked.filter(pk=line.pk, outcome="").first() is None:
                return  # another worker has it, whose lease ran out too early
            running = BulkJob.objects.select_for_update(no_key=True).filter(cancelled_at=None)
            if not running.filter(pk=job.pk).exists():
                return
            if actor is None or not actor.is_agent:
                raise NotAllowed
            outcome = _change(job, line, actor, at)
            _mark(line, outcome, first=line.first, last=line.last)
            if job.is_dry:
                raise _DryRun
    except _DryRun:
        _mark(line, outcome)
    except Refused as refusal:
        _mark(line, Outcome.REFUSED, code=refusal.code, reason=str(refusal)[:400])
    except Exception as error:  # one ticket that cannot be changed must not stop all others
        if _is_cut_off(error):  # the ticket is not at fault: a worker comes back to it
            raise
        if isinstance(error, OperationalError) and may_try_again:  # such as a deadlock
            _do(job, line, actor, at, may_try_again=False)
        else:
            log.exception("Job %s cannot change #%s", job.pk, line.number)
            _mark(line, Outcome.REFUSED, code="failed", reason=str(Refused.sentence))


def _is_cut_off(error: Exception) -> bool:
    """Whether the database is gone: it gave no code, or one of a connection's end."""
    code = getattr(error.__cause__, "pgcode", "")
    is_operational = isinstance(error, OperationalError)
    return isinstance(error, InterfaceError) or (
        is_operational and (code is None or code.startswith(("08", "57P")))
    )


def _change(job: BulkJob, line: BulkLine, actor: Actor, at: datetime) -> Outcome:
    """Do to one ticket what the job says, and note down which events that were."""
    if job.undoes_id is not None:
        put_back = actions.revert(line.number, line.first, line.last, actor=actor, at=at)
        return Outcome.CHANGED if put_back else Outcome.SAME
    before = lock(line.number, actor, "see").version
    events = steps.apply(line.number, _steps(job, actor), actor=actor, at=at)
    line.first = before + 1
    line.last = Ticket.objects.values_list("version", flat=True).get(pk=line.number)
    return Outcome.CHANGED if events else Outcome.SAME


def _steps(job: BulkJob, actor: Actor) -> list[Step]:
    return written_steps.ready(job.steps, actor=actor)


def _mark(line: BulkLine, outcome: Outcome, **values: Any) -> None:
    BulkLine.objects.filter(pk=line.pk, outcome="").update(outcome=outcome, **values)


def find(pk: int, *, actor: Actor) -> BulkJob:
    """Give a job with what undid it.

    :raises NotFound: it is not there, or somebody else's.
    """
    jobs = BulkJob.objects.visible_to(actor).select_related("undone_by", "undoes", "asked_by")
    job = jobs.filter(pk=pk).first()
    if job is None:
        raise NotFound
    return job
