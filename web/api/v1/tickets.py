"""Tickets: create, list, read, patch, and create-or-update by external id."""

import hashlib
import re
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.errors import Invalid, NotFound
from tickets import actions, filters, paging, steps
from tickets.models import Ticket
from tickets.models.tickets import TicketQuerySet
from web.api.v1 import inputs, lookups, present, shapes
from web.api.v1.doors import Door, idempotent, limit_of, refuse_unknown
from web.api.v1.lists import envelope
from web.api.v1.problems import Problem
from web.api.v1.schema import described

_ETAG = re.compile(r'"?([0-9]{1,9})(?:-[0-9a-f]{16})?"?')
LIST_PARAMETERS = ("limit", "cursor", "sort", "with_count")


def seen_by(actor: Actor) -> TicketQuerySet:
    """Start a list of tickets with everything a row shows, in a constant number of queries."""
    return _loaded(Ticket.objects.visible_to(actor))


def find(number: int, actor: Actor) -> Ticket:
    """Give one ticket.

    :raises NotFound: it is not there, or the caller may not see it.
    """
    ticket = seen_by(actor).filter(pk=number).first() if number < 2**63 else None
    if ticket is None:
        raise NotFound
    return ticket


class Tickets(Door):
    """The tickets the caller may see."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described(
        "List tickets",
        gives={200: shapes.listed(shapes.TicketOut)},
        filters=[
            "filter", *(name for name in filters.known_filters() if name != "fields."), "sort",
            "with_count",
        ],
        is_list=True,
    )  # fmt: skip
    def get(self, request: Request) -> Response:
        """Give a page of tickets."""
        _refuse_twins(request)
        now = timezone.now()
        given = [
            (name, str(value))
            for name, value in request.query_params.items()
            if name not in LIST_PARAMETERS
        ]
        chosen = seen_by(self.actor).filter(filters.conditions(given, actor=self.actor, at=now))
        page = paging.page(
            chosen,
            actor=self.actor,
            sort=request.query_params.get("sort", ""),
            cursor=request.query_params.get("cursor", ""),
            limit=limit_of(request),
            is_narrowed=bool(given),
        )
        with_count = filters.truth(request.query_params.get("with_count", "false"))
        count = chosen.order_by().count() if with_count else None
        rows = present.tickets(page.rows, self.actor)
        return envelope(request, rows, page.next_cursor, count)

    @described(
        "Create a ticket",
        takes=inputs.TicketIn,
        gives={201: shapes.TicketOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Open a ticket for oneself, or for somebody else with `people:act_as`."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.TicketIn, request)
        return created(_open(values, self.actor), self.actor)


class TicketByNumber(Door):
    """One ticket."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described(
        "Read a ticket", gives={200: shapes.TicketOut, 304: None}, headers=["If-None-Match"]
    )
    def get(self, request: Request, number: int) -> Response:
        """Give the ticket with its ETag."""
        refuse_unknown(request, ())
        answer = shown(find(number, self.actor), self.actor)
        etag = answer.headers["ETag"]
        if etag in [tag.strip() for tag in request.headers.get("If-None-Match", "").split(",")]:
            return Response(status=304, headers={"ETag": etag})
        return answer

    @described(
        "Change a ticket",
        takes=inputs.TicketPatch,
        gives={200: shapes.TicketOut},
        headers=["If-Match"],
    )
    def patch(self, request: Request, number: int) -> Response:
        """Change fields, all or none."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.TicketPatch, request)
        version = expected_version(request)
        with transaction.atomic():
            ticket = find(number, self.actor)
            steps.apply(
                number,
                _steps(values, ticket, self.actor),
                actor=self.actor,
                at=timezone.now(),
                expected_version=version,
            )
            return changed(number, self.actor)


class TicketByExternalId(Door):
    """One ticket by the pair that another system knows."""

    write_scope = "tickets:write"

    @described(
        "Create or update a ticket by external id",
        takes=inputs.ExternalTicketIn,
        gives={200: shapes.TicketOut, 201: shapes.TicketOut},
    )
    def put(self, request: Request, source: str, external_id: str) -> Response:
        """Open the ticket, or change what is given; never makes two."""
        refuse_unknown(request, ())
        if len(source) > 60 or len(external_id) > 200:
            raise NotFound
        values = inputs.read(inputs.ExternalTicketIn, request)
        with transaction.atomic():
            known = _lock_external(source, external_id, self.actor)
            if known is None:
                for name in ("subject", "body"):
                    if name not in values:
                        raise Invalid("A new ticket needs it.", pointer=name)
                pair = {"external_source": source, "external_id": external_id}
                return created(_open({**values, **pair}, self.actor), self.actor)
            for name in ("body", "attachments"):  # words are added by /messages/
                values.pop(name, None)
            wanted = _steps(values, known, self.actor)
            steps.apply(known.number, wanted, actor=self.actor, at=timezone.now())
            return changed(known.number, self.actor)


def shown(ticket: Ticket, actor: Actor) -> Response:
    """Answer with the ticket and its ETag."""
    row = present.ticket(ticket, actor)
    return Response(row, headers={"ETag": _etag(row, actor)})


def created(ticket: Ticket, actor: Actor) -> Response:
    """Answer 201 with the ticket, its Location and its ETag."""
    answer = changed(ticket.number, actor)
    answer.status_code = 201
    answer["Location"] = f"{settings.SITE_URL}/api/v1/tickets/{ticket.number}/"
    return answer


def changed(number: int, actor: Actor) -> Response:
    """Answer with the ticket as the caller's own change left it, even if that hid it.

    To be called in the transaction of the change, so that nobody else's change is in it.
    """
    return shown(_loaded(Ticket.objects.filter(pk=number)).get(), actor)


def _loaded(rows: TicketQuerySet) -> TicketQuerySet:
    return rows.with_people().select_related("standing").prefetch_related("tags", "clocks")


def _open(values: dict[str, Any], actor: Actor) -> Ticket:
    now = timezone.now()
    requester = lookups.person(values.get("requester"), actor, now, "requester")
    about = lookups.product(values.get("product"))
    filing = actions.Filing(
        subject=values["subject"],
        body=values["body"],
        requester=requester,
        category=values.get("category"),
        priority=values.get("priority", "normal"),
        product=about,
        component=lookups.component(values.get("component"), about),
        affected_release=lookups.release(
            values.get("affected_release"), about, "affected_release"
        ),
        team=lookups.team(values.get("team"), actor),
        assignee=lookups.agent(values.get("assignee")),
        tags=tuple(values.get("tags", ())),
        fields=values.get("fields", {}),
        emergency=values.get("emergency", False),
        external_source=values.get("external_source") or "",
        external_id=values.get("external_id") or "",
        uploads=tuple(str(pk) for pk in values.get("attachments", ())),
        source=Ticket.Source.API,
    )
    return actions.open_ticket(filing, actor=actor, at=now)


def _steps(values: dict[str, Any], ticket: Ticket, actor: Actor) -> list[steps.Step]:
    """Turn the keys of a body into steps; names become rows."""
    now = timezone.now()
    about = lookups.product(values["product"]) if "product" in values else ticket.product
    turned: dict[str, Any] = {
        "requester": lambda value: lookups.person(value, actor, now, "requester"),
        "organisation": lookups.organisation,
        "product": lambda value: about,
        "component": lambda value: lookups.component(value, about),
        "affected_release": lambda value: lookups.release(value, about, "affected_release"),
        "fixed_in": lambda value: lookups.release(value, about, "fixed_in"),
        "team": lambda value: lookups.team(value, actor),
        "assignee": lookups.agent,
    }
    found: list[steps.Step] = []
    for name, value in values.items():
        if name == "hold_reason":
            continue
        do = "assign" if name == "assignee" else name
        step = {"do": do, "to": turned[name](value) if name in turned else value}
        if name == "status":
            step["reason"] = values.get("hold_reason", "")
        found.append(step)
    return found


def _lock_external(source: str, external_id: str, actor: Actor) -> Ticket | None:
    actions.lock_external_id(source, external_id)
    taken = Ticket.objects.filter(external_source=source, external_id=external_id).first()
    if taken is None:
        return None
    return find(taken.number, actor)


def _etag(row: dict[str, Any], actor: Actor) -> str:
    """Name the version; a customer's does not count what agents set, so add what is shown."""
    if actor.is_agent:
        return f'"{row["version"]}"'
    digest = hashlib.sha256(JSONRenderer().render(row)).hexdigest()
    return f'"{row["version"]}-{digest[:16]}"'


def expected_version(request: Request) -> int | None:
    """Give the version of the ticket that the caller has seen, if the request says it.

    :raises Problem: 412, the header is not an ETag of a ticket.
    """
    header = request.headers.get("If-Match", "").strip()
    if not header or header == "*":
        return None
    known = _ETAG.fullmatch(header)
    if known is None:
        raise Problem(412, "stale_version", "This ETag is not one of this ticket.")
    return int(known[1])


def _refuse_twins(request: Request) -> None:
    refuse_unknown(request, request.query_params.keys())
