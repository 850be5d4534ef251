"""Changing many tickets in one call, and the job that tells what became of each."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from tickets import bulk, filters
from tickets.models import BulkJob, BulkLine, Ticket
from tickets.models.tickets import TicketQuerySet
from web.api.v1 import inputs, shapes
from web.api.v1.doors import Door, idempotent, limit_of, refuse_unknown
from web.api.v1.lists import read_cursor, write_cursor
from web.api.v1.present import Row, instant
from web.api.v1.schema import described

AT_ONCE = 500  # tickets that are answered at once, with all their results


class Bulk(Door):
    """One change of many tickets."""

    write_scope = "tickets:write"

    @described(
        "Change many tickets",
        takes=inputs.BulkIn,
        gives={200: shapes.JobOut, 202: shapes.JobOut},
        headers=["Idempotency-Key", "Prefer"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take steps on each ticket by itself; more than 500, or respond-async, is 202."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.BulkIn, request)
        wanted: dict[str, Any] = {"numbers": values.get("numbers")}
        if "filter" in values:
            wanted = {"matching": _matching(values["filter"], self.actor)}
        job = bulk.begin(
            values["steps"], actor=self.actor, at=timezone.now(),
            is_dry=values.get("dry_run", False), **wanted,
        )  # fmt: skip
        if job.total > AT_ONCE or _is_patient(request):
            bulk.ring()
            return _answer(job, 202)
        bulk.run(job, timezone.now)
        return _answer(job, 200)


class JobById(Door):
    """One job."""

    read_scope = "tickets:read"

    @described("Read a job", gives={200: shapes.JobOut}, is_list=True)
    def get(self, request: Request, pk: int) -> Response:
        """Say how far it is, with a page of results in the order of the tickets' numbers."""
        refuse_unknown(request, ["limit", "cursor"])
        cursor = request.query_params.get("cursor")
        after = read_cursor(cursor) if cursor else 0
        job = bulk.find(pk, actor=self.actor)
        return Response(_shown(job, after=after, limit=limit_of(request)))


class CancelJob(Door):
    """A job that is not to go on."""

    write_scope = "tickets:write"

    @described("Cancel a job", gives={200: shapes.JobOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Leave the tickets alone that it has not come to."""
        refuse_unknown(request, ())
        inputs.read(inputs.Strict, request)
        bulk.cancel(bulk.find(pk, actor=self.actor), actor=self.actor, at=timezone.now())
        return _answer(bulk.find(pk, actor=self.actor), 200)


class UndoJob(Door):
    """A job that is taken back."""

    write_scope = "tickets:write"

    @described("Undo a job", gives={202: shapes.JobOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Begin a job that gives back what this one changed, within ten minutes of its end."""
        refuse_unknown(request, ())
        inputs.read(inputs.Strict, request)
        job = bulk.find(pk, actor=self.actor)
        undoing = bulk.undo(job, actor=self.actor, at=timezone.now())
        bulk.ring()
        return _answer(undoing, 202)


def _matching(given: dict[str, str], actor: Actor) -> TicketQuerySet:
    holds = filters.conditions(given.items(), actor=actor, at=timezone.now())
    matching: TicketQuerySet = Ticket.objects.visible_to(actor).filter(holds)
    return matching


def _is_patient(request: Request) -> bool:
    return "respond-async" in request.headers.get("Prefer", "")


def _answer(job: BulkJob, status: int) -> Response:
    row = _shown(job, after=0, limit=AT_ONCE)
    return Response(row, status=status, headers={"Location": row["url"]})


def _shown(job: BulkJob, *, after: int, limit: int) -> Row:
    lines = list(
        job.lines.exclude(outcome="").filter(number__gt=after).order_by("number")[: limit + 1]
    )
    counted = bulk.progress(job)
    undone_by = getattr(job, "undone_by", None)
    return {
        "id": job.pk,
        "url": f"{settings.SITE_URL}/api/v1/jobs/{job.pk}/",
        "state": job.state,
        "steps": job.steps,
        "dry_run": job.is_dry,
        "total": job.total,
        **{name: counted[name] for name in ("done", "changed", "same", "refused")},
        "created_at": instant(job.created_at),
        "ended_at": instant(job.ended_at),
        "may_undo_until": instant(job.may_undo_until),
        "undoes": job.undoes_id,
        "undone_by": undone_by.pk if undone_by else None,
        "results": [_line(line) for line in lines[:limit]],
        "next_cursor": write_cursor(lines[limit - 1].number) if len(lines) > limit else None,
    }


def _line(line: BulkLine) -> Row:
    return {
        "number": line.number,
        "outcome": line.outcome,
        "code": line.code or None,
        "detail": line.reason or None,
    }
