"""Conversations with third parties about a ticket; no customer sees any of it."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotAllowed, NotFound
from tickets import actions
from tickets.models import Message, SideConversation
from web.api.v1 import beside_shapes as beside
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class _Inside(Door):
    """A door that customers find locked."""

    def sides(self, number: int) -> QuerySet[SideConversation]:
        """Give the ticket's conversations with their words.

        :raises NotFound: the caller does not see the ticket.
        :raises NotAllowed: a customer asks.
        """
        ticket = tickets.find(number, self.actor)
        if not self.actor.is_agent:
            raise NotAllowed
        words = Message.objects.select_related("author").prefetch_related("attachments")
        said = Prefetch("messages", words.order_by("created_at", "pk"))
        return SideConversation.objects.filter(ticket=ticket).prefetch_related(said)

    def shown(self, number: int, pk: int) -> dict[str, Any]:
        """Give one conversation.

        :raises NotFound: the ticket has no such conversation.
        """
        side = self.sides(number).filter(pk=pk).first()
        if side is None:
            raise NotFound
        return present.side(side, self.actor)


class Sides(_Inside):
    """The conversations of a ticket."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described(
        "List conversations with third parties",
        gives={200: shapes.listed(beside.SideOut)},
        is_list=True,
    )
    def get(self, request: Request, number: int) -> Response:
        """Give a page of conversations, the first begun first."""
        return by_key(request, self.sides(number), lambda row: present.side(row, self.actor))

    @described(
        "Write to a third party",
        takes=beside.SideIn,
        gives={201: beside.SideOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Begin a conversation; the mail goes out after ten seconds."""
        refuse_unknown(request, ())
        values = inputs.read(beside.SideIn, request)
        event = actions.start_side(
            number, values["addresses"], values["subject"], values["body"],
            uploads=[str(pk) for pk in values.get("attachments", ())],
            files=values.get("files", ()), actor=self.actor, at=timezone.now(),
        )  # fmt: skip
        return Response(self.shown(number, event.after["side"]), status=201)


class SideMessages(_Inside):
    """What is said in one conversation."""

    write_scope = "tickets:write"

    @described(
        "Add words to a conversation with a third party",
        takes=beside.SideMessageIn,
        gives={201: beside.SideOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Write again, or with `by` `third_party` record what came back."""
        refuse_unknown(request, ())
        values = inputs.read(beside.SideMessageIn, request)
        says = actions.answer_side if values["by"] == "third_party" else actions.write_side
        says(
            number, pk, values["body"], actor=self.actor, at=timezone.now(),
            uploads=[str(key) for key in values.get("attachments", ())],
        )  # fmt: skip
        return Response(self.shown(number, pk), status=201)


class CloseSide(_Inside):
    """A conversation in which nothing more is awaited."""

    write_scope = "tickets:write"

    @described(
        "Close a conversation with a third party",
        gives={200: beside.SideOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Say that nothing more is awaited; further words open it again."""
        refuse_unknown(request, ())
        inputs.read(inputs.Strict, request)
        actions.close_side(number, pk, actor=self.actor, at=timezone.now())
        return Response(self.shown(number, pk))
