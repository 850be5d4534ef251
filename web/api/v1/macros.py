"""Macros: keep them, see what one would do to a ticket, use it."""

from django.db import transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.actor import Actor
from accounts.errors import Invalid, NotFound
from accounts.models import Team
from accounts.permissions import require
from automation import actions
from automation.models import Macro, MacroQuerySet
from automation.preview import preview
from tickets.errors import BadFilter
from tickets.written_steps import Change
from web.api.v1 import inputs, shapes, tickets
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.present import Row, instant, named
from web.api.v1.schema import described


class Macros(Door):
    """Canned words with the changes that go with them."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("List macros", gives={200: shapes.listed(shapes.MacroOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of the macros that the caller may use, retired ones among them."""
        return by_key(request, _seen_by(self.actor), _shown)

    @described(
        "Create a macro",
        takes=inputs.MacroIn,
        gives={201: shapes.MacroOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a macro: for everybody as an admin, for one's own team as an agent."""
        refuse_unknown(request, ())
        return Response(_shown(_save(None, request, inputs.MacroIn, self.actor)), 201)


class MacroById(Door):
    """One macro."""

    read_scope = "tickets:read"
    write_scope = "tickets:write"

    @described("Read a macro", gives={200: shapes.MacroOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the macro."""
        refuse_unknown(request, ())
        return Response(_shown(_find(pk, self.actor)))

    @described("Change a macro", takes=inputs.MacroPatch, gives={200: shapes.MacroOut})
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; `is_active` false retires it."""
        refuse_unknown(request, ())
        found = _find(pk, self.actor)
        return Response(_shown(_save(found, request, inputs.MacroPatch, self.actor)))


class MacroPreview(Door):
    """What a macro would do."""

    read_scope = "tickets:read"

    @described("Preview a macro", gives={200: shapes.MacroPreviewOut}, filters=["ticket"])
    def get(self, request: Request, pk: int) -> Response:
        """Say what it would write and change on the ticket; nothing is done."""
        refuse_unknown(request, ["ticket"])
        text = request.query_params.get("ticket", "")
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise BadFilter("Give the number of a ticket.", pointer="ticket")
        ticket = tickets.find(int(text), self.actor)
        macro = actions.find(pk, actor=self.actor)
        would = preview(macro, ticket, actor=self.actor, at=timezone.now())
        return Response({
            "kind": would.kind or None, "body": would.text, "missing": would.missing,
            "changes": [_change(change) for change in would.changes], "refusal": would.refusal,
        })  # fmt: skip


class ApplyMacro(Door):
    """A macro used on a ticket."""

    write_scope = "tickets:write"

    @described(
        "Apply a macro to a ticket",
        gives={200: shapes.TicketOut},
        headers=["Idempotency-Key", "If-Match"],
    )
    @idempotent
    def post(self, request: Request, number: int, pk: int) -> Response:
        """Write its text and make its changes, all or none."""
        refuse_unknown(request, ())
        inputs.read(inputs.Strict, request)
        tickets.find(number, self.actor)
        version = tickets.expected_version(request)
        with transaction.atomic():
            events = actions.apply_macro(
                number, actions.find(pk, actor=self.actor), actor=self.actor, at=timezone.now(),
                expected_version=version,
            )  # fmt: skip
            return tickets.changed(events[-1].ticket_id if events else number, self.actor)


def _seen_by(actor: Actor) -> MacroQuerySet:
    require(actor, "macros.read")
    seen: MacroQuerySet = Macro.objects.visible_to(actor).select_related("team")
    return seen


def _find(pk: int, actor: Actor) -> Macro:
    found = _seen_by(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _save(
    known: Macro | None, request: Request, shape: type[inputs.Strict], actor: Actor
) -> Macro:
    values = inputs.read(shape, request)
    if "kind" in values:
        values["kind"] = values["kind"] or ""
    if values.get("team") is not None:
        team = Team.objects.visible_to(actor).filter(pk=values["team"]).first()
        if team is None:
            raise Invalid("There is no team with this id.", pointer="team")
        values["team"] = team
    return actions.save_macro(known, actor=actor, at=timezone.now(), **values)


def _shown(macro: Macro) -> Row:
    return {
        "id": macro.pk,
        "name": macro.name,
        "team": named(macro.team),
        "kind": macro.kind or None,
        "body": macro.body,
        "steps": macro.steps,
        "position": macro.position,
        "is_active": macro.is_active,
        "used": macro.used,
        "used_at": instant(macro.used_at),
    }


def _change(change: Change) -> Row:
    return {
        "do": change.do, "name": str(change.name), "before": str(change.before),
        "after": str(change.after),
    }  # fmt: skip
