"""Policies: what is promised to which tickets, in their order, and a simulator."""

from typing import Any

from django.db.models import F
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import Invalid, NotFound
from accounts.models import DeskSettings
from accounts.permissions import require
from sla import actions, defaults, drafts
from sla.business_time import BeyondHorizon
from sla.models import Calendar, Policy, PolicyVersion
from sla.simulation import CannotHappen, Line, Moment, Simulation, simulate
from sla.stopwatch import Clock, Segment
from tickets.models import Priority
from web.api.v1 import lookups, policy_shapes, shapes
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.inputs import read
from web.api.v1.lists import by_key
from web.api.v1.policy_shapes import DOCUMENT
from web.api.v1.present import Row, instant
from web.api.v1.schema import described


class Policies(Door):
    """What is promised."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("List policies", gives={200: shapes.listed(policy_shapes.PolicyOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of policies; `position` is their order."""
        require(self.actor, "policies.read")
        defaults.ensure()
        current = Policy.objects.filter(current__isnull=False).values("current")
        rows = PolicyVersion.objects.filter(pk__in=current)
        loaded = rows.select_related("policy").prefetch_related("targets")
        return by_key(request, loaded, policy_shapes.policy, column="policy_id")

    @described(
        "Create a policy",
        takes=policy_shapes.PolicyIn,
        gives={201: policy_shapes.PolicyOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a policy; it comes last in the order, before the default one."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        values = _arranged(read(policy_shapes.PolicyIn, request))
        saved = actions.save_policy(None, actor=self.actor, at=timezone.now(), **values)
        return Response(policy_shapes.policy(saved), 201)


class PolicyById(Door):
    """One policy."""

    read_scope = "tickets:read"
    write_scope = "admin"

    @described("Read a policy", gives={200: policy_shapes.PolicyOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the policy in its current version."""
        refuse_unknown(request, ())
        require(self.actor, "policies.read")
        return Response(policy_shapes.policy(_current(pk)))

    @described(
        "Change a policy", takes=policy_shapes.PolicyPatch, gives={200: policy_shapes.PolicyOut}
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Make the next version with what is given; live clocks follow."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        known = _current(pk)
        before = {
            "name": known.policy.name,
            "calendar": known.calendar_id,
            "targets": policy_shapes.targets(known, written=True),
            **{name: known.document[name] for name in DOCUMENT if name in known.document},
        }
        values = _arranged({**before, **read(policy_shapes.PolicyPatch, request)})
        saved = actions.save_policy(known.policy, actor=self.actor, at=timezone.now(), **values)
        return Response(policy_shapes.policy(saved))


class MovePolicy(Door):
    """The order in which policies are asked."""

    write_scope = "admin"

    @described(
        "Move a policy",
        takes=policy_shapes.MoveIn,
        gives={200: policy_shapes.PolicyOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give it another place in the order; live clocks follow."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        known, values = _current(pk), read(policy_shapes.MoveIn, request)
        actions.move_policy(known.policy, actor=self.actor, at=timezone.now(), to=values["to"])
        return Response(policy_shapes.policy(_current(pk)))


class SimulatePolicy(Door):
    """An imagined ticket under a policy that is not saved."""

    write_scope = "tickets:read"

    @described(
        "Simulate a policy",
        takes=policy_shapes.SimulationIn,
        gives={200: policy_shapes.SimulationOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Work out its clocks; nothing is stored."""
        refuse_unknown(request, ())
        require(self.actor, "policies.read")
        values = read(policy_shapes.SimulationIn, request)
        ticket = values["ticket"]
        organisation = _under("ticket", lambda: lookups.organisation(ticket.get("organisation")))
        zone = (organisation and organisation.time_zone) or DeskSettings.current().time_zone
        draft = _under("policy", lambda: _draft(values["policy"]))
        terms = draft.terms(ticket.get("category"), ticket.get("priority", Priority.NORMAL), zone)
        moments = [Moment(event["kind"], event["at"]) for event in values.get("events", ())]
        try:
            simulated = simulate(terms, ticket["created_at"], moments)
        except CannotHappen as error:
            raise Invalid(_WHY[error.why], pointer=f"events.{error.place}.at") from error
        except BeyondHorizon as error:
            raise Invalid(str(error), pointer="ticket.created_at") from error
        return Response(_shown(simulated, zone))


_WHY = {
    "order": "It lies before what happened before it.",
    "too_late": "It lies more than two years after the beginning.",
}


def _current(pk: int) -> PolicyVersion:
    found = (
        PolicyVersion.objects.select_related("policy")
        .prefetch_related("targets")
        .filter(policy=pk, policy__current=F("pk"))
        .first()
    )
    if found is None:
        raise NotFound
    return found


def _arranged(values: dict[str, Any]) -> dict[str, Any]:
    """Give what the actions take: the calendar's row, and the rules as one document."""
    calendar = Calendar.objects.filter(pk=values.pop("calendar")).first()
    if calendar is None:
        raise Invalid("There is no calendar with this id.", pointer="calendar")
    document = {name: values.pop(name) for name in DOCUMENT if name in values}
    return {**values, "calendar": calendar, "document": document}


def _draft(policy: dict[str, Any]) -> drafts.Draft:
    return drafts.read(at=timezone.now(), **_arranged(dict(policy)))


def _under(place: str, find: Any) -> Any:
    """Let a refusal point into the part of the body that it is about."""
    try:
        return find()
    except Invalid as refusal:
        raise Invalid(refusal.said, pointer=f"{place}.{refusal.pointer}") from refusal


def _shown(simulated: Simulation, zone: str) -> Row:
    return {
        "zone": zone,
        "clocks": [_clock(clock) for clock in simulated.clocks],
        "story": [_line(line) for line in simulated.story],
    }


def _clock(clock: Clock) -> Row:
    return {
        "metric": clock.metric,
        "seq": clock.seq,
        "state": clock.state,
        "started_at": instant(clock.started_at),
        "ended_at": instant(clock.ended_at),
        "due_at": instant(clock.due_at),
        "breached_at": instant(clock.breached_at),
        "target_seconds": clock.target,
        "elapsed_seconds": clock.consumed,
        "segments": [_segment(segment) for segment in clock.segments],
    }


def _segment(segment: Segment) -> Row:
    return {
        "start": instant(segment.start),
        "end": instant(segment.end),
        "state": segment.state,
        "status": segment.status,
        "elapsed_seconds": segment.consumed,
    }


def _line(line: Line) -> Row:
    return {
        "at": instant(line.at),
        "what": line.what,
        "metric": line.metric or None,
        "seq": line.seq or None,
        "step": line.step or None,
        "is_ahead": line.is_ahead,
    }
