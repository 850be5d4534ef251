"""What tickets have to do with each other."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotAllowed
from tickets import actions
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import envelope
from web.api.v1.schema import described


class Links(Door):
    """The links of a ticket, at most a hundred, seen from its side."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List a ticket's links", gives={200: shapes.listed(shapes.LinkOut)})
    def get(self, request: Request, number: int) -> Response:
        """Give the links to tickets that the caller sees; for agents.

        :raises NotAllowed: a customer asks.
        """
        refuse_unknown(request, ())
        tickets.find(number, self.actor)
        if not self.actor.is_agent:
            raise NotAllowed
        rows = [present.link(row, number) for row in actions.links_of(number, self.actor)]
        return envelope(request, rows, None)

    @described(
        "Link a ticket",
        takes=inputs.LinkIn,
        gives={201: shapes.LinkOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Say what the ticket is to another one; what is said already is given again."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.LinkIn, request)
        made = actions.link(
            number, values["ticket"], values["relation"], actor=self.actor, at=timezone.now()
        )
        return Response(present.link(made, number), status=201)


class LinkById(Door):
    """One link of a ticket."""

    write_scope = "tickets:write"

    @described("Remove a link", gives={204: None})
    def delete(self, request: Request, number: int, pk: int) -> Response:
        """Take the link away from both tickets."""
        refuse_unknown(request, ())
        actions.unlink(number, pk, actor=self.actor, at=timezone.now())
        return Response(status=204)
