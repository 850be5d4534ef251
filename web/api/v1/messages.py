"""Messages and files: read, answer, note, upload, download."""

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from rest_framework.parsers import MultiPartParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.permissions import speak_for
from tickets import actions, attachments
from tickets.models import Event, Message
from web import files
from web.api.v1 import inputs, lookups, present, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class Messages(Door):
    """What was written on a ticket."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List messages", gives={200: shapes.listed(shapes.MessageOut)}, is_list=True)
    def get(self, request: Request, number: int) -> Response:
        """Give a page of messages, oldest first, with those of tickets merged into this one."""
        ticket = tickets.find(number, self.actor)
        seen = Message.objects.visible_to(self.actor, timezone.now())
        rows = (
            seen.of_story(ticket, self.actor)
            .filter(side__isnull=True)
            .select_related("author")
            .prefetch_related("attachments", "mentions__user")
        )
        return by_key(request, rows, lambda row: present.message(row, self.actor))

    @described(
        "Answer or note",
        takes=inputs.MessageIn,
        gives={201: shapes.MessageOrFollowUp},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Add a message; on a closed ticket a reply opens a follow-up and gives that ticket."""
        refuse_unknown(request, ())
        tickets.find(number, self.actor)
        values = inputs.read(inputs.MessageIn, request)
        uploads = [str(pk) for pk in values.get("attachments", ())]
        return add_message(number, values, uploads, self.actor)


class TicketAttachments(Door):
    """A file and its message in one call."""

    parser_classes = (MultiPartParser,)
    write_scope = "tickets:write"

    @described(
        "Add a file as a message",
        takes=inputs.AttachmentIn,
        gives={201: shapes.MessageOrFollowUp},
        headers=["Idempotency-Key"],
        multipart=True,
    )
    @idempotent
    def post(self, request: Request, number: int) -> Response:
        """Upload the file and send it with `kind` and perhaps words."""
        refuse_unknown(request, ())
        tickets.find(number, self.actor)
        values = inputs.read(inputs.AttachmentIn, request)
        upload = attachments.take_in(values["file"], actor=self.actor, at=timezone.now())
        return add_message(number, values, [str(upload.pk)], self.actor)


class Uploads(Door):
    """Files that wait to be sent."""

    parser_classes = (MultiPartParser,)
    write_scope = "tickets:write"

    @described(
        "Upload a file",
        takes=inputs.UploadIn,
        gives={201: shapes.UploadOut},
        headers=["Idempotency-Key"],
        multipart=True,
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Take a file in; its id is bound by `attachments` of a ticket or message within a day."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.UploadIn, request)
        upload = attachments.take_in(values["file"], actor=self.actor, at=timezone.now())
        return Response(present.upload(upload), status=201)


class AnyBytes(BaseRenderer):
    """Let callers ask for whatever type the file has."""

    media_type = "*/*"
    format = "bytes"

    def render(self, *args: Any, **kwargs: Any) -> bytes:
        """Render a problem, the only thing here that is not a file."""
        return JSONRenderer().render(*args, **kwargs)


class AttachmentByKey(Door):
    """The bytes of a file."""

    read_scope = "tickets:read"
    renderer_classes = (JSONRenderer, AnyBytes)

    @described("Download a file", gives={}, gives_bytes=True)
    def get(self, request: Request, key: str) -> Any:
        """Give the bytes."""
        refuse_unknown(request, ())
        return files.serve(key, actor=self.actor, at=timezone.now())


def add_message(number: int, values: dict[str, Any], uploads: list[str], actor: Actor) -> Response:
    """Write the message as its author and answer 201 with it, or with the follow-up ticket."""
    now = timezone.now()
    with transaction.atomic():
        speaker = actor
        if "author" in values:
            person = lookups.person(values["author"], actor, now, "author")
            speaker = speak_for(person, actor)
        event = _write(number, values, uploads, speaker)
    if event.kind == Event.Kind.OPENED:
        return tickets.created(event.ticket, actor)
    message = Message.objects.select_related("author").get(events=event)
    location = f"{settings.SITE_URL}/api/v1/tickets/{number}/messages/"
    return Response(present.message(message, actor), status=201, headers={"Location": location})


def _write(number: int, values: dict[str, Any], uploads: list[str], actor: Actor) -> Event:
    body, now = values.get("body", ""), timezone.now()
    if values["kind"] == Message.Kind.NOTE:
        return actions.note(number, body, actor=actor, at=now, uploads=uploads)
    return actions.reply(number, body, actor=actor, at=now, uploads=uploads)
