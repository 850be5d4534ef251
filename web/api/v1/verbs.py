"""What is done to a ticket without setting a value: each is one POST and one action."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from tickets import actions
from tickets.models import Attachment, Message
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.schema import described


class Spam(Door):
    """A ticket that nobody should have to read."""

    write_scope = "tickets:write"

    @described(
        "Mark a ticket as spam",
        takes=inputs.SpamIn,
        gives={200: shapes.TicketOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Close the ticket as spam; `block_sender` takes nothing more from its requester."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.SpamIn, request)
        actions.mark_spam(number, actor=self.actor, at=timezone.now(), **values)
        return tickets.changed(number, self.actor)


class NotSpam(Door):
    """A ticket that was no spam after all."""

    write_scope = "tickets:write"

    @described(
        "Take the spam mark away", gives={200: shapes.TicketOut}, headers=["Idempotency-Key"]
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Give the ticket its status before; its sender is heard again."""
        _refuse_any_value(request)
        actions.unmark_spam(number, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)


class Merge(Door):
    """A ticket whose work goes on in another one."""

    write_scope = "tickets:write"

    @described(
        "Merge a ticket",
        takes=inputs.MergeTicketIn,
        gives={200: shapes.TicketOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Close the ticket; its words are part of the other's, which hears its customer."""
        refuse_unknown(request, ())
        into = inputs.read(inputs.MergeTicketIn, request)["into"]
        actions.merge(number, into, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)


class Unmerge(Door):
    """A ticket that was merged by mistake."""

    write_scope = "tickets:write"

    @described("Unmerge a ticket", gives={200: shapes.TicketOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Give the ticket its status before; its clocks go on."""
        _refuse_any_value(request)
        actions.unmerge(number, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)


class Split(Door):
    """A message that is a matter of its own."""

    write_scope = "tickets:write"

    @described(
        "Split a message off",
        takes=inputs.SplitIn,
        gives={201: shapes.TicketOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Open a ticket with a customer's message and its files, which stay here too."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.SplitIn, request)
        made = actions.split(
            number, values["message"], subject=values.get("subject", ""),
            actor=self.actor, at=timezone.now(),
        )  # fmt: skip
        return tickets.created(made, self.actor)


class Snooze(Door):
    """A ticket that is put aside for a while."""

    write_scope = "tickets:write"

    @described(
        "Snooze a ticket",
        takes=inputs.SnoozeIn,
        gives={200: shapes.TicketOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Keep it out of the views of live tickets until a time, or until the customer answers."""
        refuse_unknown(request, ())
        until = inputs.read(inputs.SnoozeIn, request).get("until")
        actions.snooze(number, until, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)

    @described("Wake a ticket", gives={204: None})
    def delete(self, request: Request, number: int) -> Response:
        """Let it come back to its views at once."""
        refuse_unknown(request, ())
        actions.wake(number, actor=self.actor, at=timezone.now())
        return Response(status=204)


class Watch(Door):
    """Hearing of a ticket."""

    write_scope = "tickets:write"

    @described("Watch a ticket", gives={200: shapes.TicketOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Let the person of the token hear of what happens on the ticket."""
        _refuse_any_value(request)
        actions.watch(number, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)


class Unwatch(Door):
    """Hearing of a ticket no more."""

    write_scope = "tickets:write"

    @described(
        "Stop watching a ticket", gives={200: shapes.TicketOut}, headers=["Idempotency-Key"]
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Let the person of the token hear no more of the ticket."""
        _refuse_any_value(request)
        actions.unwatch(number, actor=self.actor, at=timezone.now())
        return tickets.changed(number, self.actor)


class WithdrawMessage(Door):
    """A message that its author takes back."""

    write_scope = "tickets:write"

    @described("Withdraw a message", gives={200: shapes.MessageOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, number: int, message_id: int) -> Response:
        """Take back one's own message within ten seconds; its words become the draft again."""
        _refuse_any_value(request)
        actions.withdraw(number, message_id, actor=self.actor, at=timezone.now())
        return Response(present.message(_message(message_id), self.actor))


class RedactMessage(Door):
    """A message that must not be kept."""

    write_scope = "tickets:write"

    @described("Redact a message", gives={200: shapes.MessageOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, number: int, message_id: int) -> Response:
        """Wipe the words and files of a message for good."""
        _refuse_any_value(request)
        actions.redact_message(number, message_id, actor=self.actor, at=timezone.now())
        return Response(present.message(_message(message_id), self.actor))


class RedactAttachment(Door):
    """A file that must not be kept."""

    write_scope = "tickets:write"

    @described("Redact a file", gives={200: shapes.AttachmentOut}, headers=["Idempotency-Key"])
    @idempotent
    def post(self, request: Request, number: int, key: str) -> Response:
        """Wipe the bytes and the name of a file for good."""
        _refuse_any_value(request)
        actions.redact_attachment(number, key, actor=self.actor, at=timezone.now())
        return Response(present.attachment(Attachment.objects.get(key=key)))


def _refuse_any_value(request: Request) -> None:
    refuse_unknown(request, ())
    inputs.read(inputs.Strict, request)


def _message(pk: int) -> Message:
    return Message.objects.select_related("author").get(pk=pk)
