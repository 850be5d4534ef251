"""Who is copied on a ticket."""

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotAllowed
from tickets import actions
from tickets.models import Ticket
from web.api.v1 import beside_shapes as beside
from web.api.v1 import inputs, lookups, present, tickets
from web.api.v1.doors import Door, refuse_unknown
from web.api.v1.schema import described


class Copied(Door):
    """The customers copied on a ticket, at most twenty."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("Read who is copied", gives={200: beside.CopiedOut})
    def get(self, request: Request, number: int) -> Response:
        """Give who reads the ticket besides its requester; for agents.

        :raises NotAllowed: a customer asks.
        """
        refuse_unknown(request, ())
        return self._shown(tickets.find(number, self.actor))

    @described("Set who is copied", takes=beside.CopiedIn, gives={200: beside.CopiedOut})
    def put(self, request: Request, number: int) -> Response:
        """Copy exactly these people by their addresses; who is new becomes a customer."""
        refuse_unknown(request, ())
        ticket = tickets.find(number, self.actor)
        named = inputs.read(beside.CopiedIn, request)["cc"]
        now = timezone.now()
        with transaction.atomic():
            people = [lookups.person(each, self.actor, now, "cc") for each in named]
            actions.set_cc(number, people, actor=self.actor, at=now)
        return self._shown(ticket)

    def _shown(self, ticket: Ticket) -> Response:
        if not self.actor.is_agent:
            raise NotAllowed
        people = actions.copied_on(ticket)
        return Response({"cc": [present.person_ref(person, self.actor) for person in people]})
