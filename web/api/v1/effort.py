"""Time logged on tickets; customers never read it."""

from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotAllowed
from accounts.models import DeskSettings
from tickets import actions
from tickets.models import TimeEntry
from web.api.v1 import beside_shapes as beside
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class Times(Door):
    """The time logged on a ticket and on those merged into it."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List logged time", gives={200: shapes.listed(beside.TimeOut)}, is_list=True)
    def get(self, request: Request, number: int) -> Response:
        """Give a page of entries, the first logged first; `ticket` says where each is booked.

        :raises NotAllowed: a customer asks.
        """
        ticket = tickets.find(number, self.actor)
        if not self.actor.is_agent:
            raise NotAllowed
        entries = TimeEntry.objects.of_story(ticket, self.actor).select_related("author")
        return by_key(request, entries, lambda row: present.time_entry(row, self.actor))

    @described(
        "Log time", takes=beside.TimeIn, gives={201: beside.TimeOut}, headers=["Idempotency-Key"]
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Log minutes of work, of today in the desk's zone unless a day is given."""
        refuse_unknown(request, ())
        values = inputs.read(beside.TimeIn, request)
        now = timezone.now()
        today = now.astimezone(ZoneInfo(DeskSettings.current().time_zone)).date()
        event = actions.log_time(
            number, values.pop("minutes"), values.pop("worked_on", today),
            actor=self.actor, at=now, **values,
        )  # fmt: skip
        return Response(_shown(event.after["entry"], self), status=201)


class TimeById(Door):
    """One time entry of a ticket, for its author and admins."""

    write_scope = "tickets:write"

    @described("Correct logged time", takes=beside.TimePatch, gives={200: beside.TimeOut})
    def patch(self, request: Request, number: int, pk: int) -> Response:
        """Change what is given."""
        refuse_unknown(request, ())
        values = inputs.read(beside.TimePatch, request)
        actions.change_time(number, pk, actor=self.actor, at=timezone.now(), **values)
        return Response(_shown(pk, self))

    @described("Delete logged time", gives={204: None})
    def delete(self, request: Request, number: int, pk: int) -> Response:
        """Take the entry away; the history keeps what it was."""
        refuse_unknown(request, ())
        actions.delete_time(number, pk, actor=self.actor, at=timezone.now())
        return Response(status=204)


def _shown(pk: int, door: Door) -> dict[str, Any]:
    entry = TimeEntry.objects.select_related("author").get(pk=pk)
    return present.time_entry(entry, door.actor)
