"""What is to be done for a ticket."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotAllowed
from tickets import actions
from web.api.v1 import checklist_shapes as checklist
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import envelope
from web.api.v1.schema import described


class Checklist(Door):
    """The checklist of a ticket, at most a hundred items."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List a ticket's checklist", gives={200: shapes.listed(checklist.ItemOut)})
    def get(self, request: Request, number: int) -> Response:
        """Give what is to be done, in its order; for agents.

        :raises NotAllowed: a customer asks.
        """
        refuse_unknown(request, ())
        ticket = tickets.find(number, self.actor)
        if not self.actor.is_agent:
            raise NotAllowed
        rows = [present.item(row, self.actor) for row in actions.checklist_of(ticket)]
        return envelope(request, rows, None)

    @described(
        "Add to a checklist",
        takes=checklist.ItemIn,
        gives={201: checklist.ItemOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Put something to do at the end of the list."""
        refuse_unknown(request, ())
        text = inputs.read(checklist.ItemIn, request)["text"]
        made = actions.add_item(number, text, actor=self.actor, at=timezone.now())
        return Response(present.item(made, self.actor), status=201)


class ItemById(Door):
    """One item of a checklist."""

    write_scope = "tickets:write"

    @described("Change an item", takes=checklist.ItemPatch, gives={200: checklist.ItemOut})
    def patch(self, request: Request, number: int, pk: int) -> Response:
        """Say it otherwise, tick it or take the tick away, or move it to another place."""
        refuse_unknown(request, ())
        wanted = inputs.read(checklist.ItemPatch, request)
        actions.change_item(
            number, pk, actor=self.actor, at=timezone.now(), text=wanted.get("text"),
            is_done=wanted.get("is_done"), place=wanted.get("place"),
        )  # fmt: skip
        items = actions.checklist_of(tickets.find(number, self.actor))
        changed = next(item for item in items if item.pk == pk)
        return Response(present.item(changed, self.actor))

    @described("Remove an item", gives={204: None})
    def delete(self, request: Request, number: int, pk: int) -> Response:
        """Take it off the list."""
        refuse_unknown(request, ())
        actions.remove_item(number, pk, actor=self.actor, at=timezone.now())
        return Response(status=204)
