"""Calendars with their versions, what an edit would move, and how far clocks have followed."""

from typing import Any

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import NotFound
from accounts.permissions import require
from sla import preview
from sla.actions import delete_calendar, read_calendar, save_calendar
from sla.models import Calendar, Rollout
from web.api.v1 import inputs, present, shapes
from web.api.v1.doors import Door, idempotent, refuse_unknown
from web.api.v1.lists import by_key
from web.api.v1.schema import described


class CalendarDoor(Door):
    """What the calls about calendars share: agents read, admins change."""

    read_scope = "tickets:read"
    write_scope = "admin"


class Calendars(CalendarDoor):
    """When the desk is open."""

    @described("List calendars", gives={200: shapes.listed(shapes.CalendarOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of calendars with their current documents."""
        require(self.actor, "calendars.read")
        return by_key(request, _kept(), present.calendar)

    @described(
        "Create a calendar",
        takes=inputs.CalendarIn,
        gives={201: shapes.CalendarWithVersionsOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a calendar; its document is version 1."""
        refuse_unknown(request, ())
        values = inputs.read(inputs.CalendarIn, request)
        saved = save_calendar(None, actor=self.actor, at=timezone.now(), **values)
        return Response(present.calendar_with_versions(_find(saved.calendar_id)), 201)


class CalendarById(CalendarDoor):
    """One calendar."""

    @described("Read a calendar", gives={200: shapes.CalendarWithVersionsOut})
    def get(self, request: Request, pk: int) -> Response:
        """Give the calendar with its versions and the policies that count on it."""
        refuse_unknown(request, ())
        require(self.actor, "calendars.read")
        return Response(present.calendar_with_versions(_find(pk)))

    @described(
        "Replace a calendar",
        takes=inputs.CalendarEdit,
        gives={200: shapes.CalendarWithVersionsOut},
    )
    def put(self, request: Request, pk: int) -> Response:
        """Make the next version of the whole calendar; live clocks follow."""
        return self._save(request, pk, inputs.CalendarEdit)

    @described(
        "Change a calendar",
        takes=inputs.CalendarPatch,
        gives={200: shapes.CalendarWithVersionsOut},
    )
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is given; `document` is replaced as a whole."""
        return self._save(request, pk, inputs.CalendarPatch)

    @described("Delete a calendar", gives={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Delete a calendar on which no policy ever counted."""
        refuse_unknown(request, ())
        delete_calendar(_find(pk), actor=self.actor, at=timezone.now())
        return Response(status=204)

    def _save(self, request: Request, pk: int, shape: type[inputs.CalendarPatch]) -> Response:
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        known = _find(pk)
        values: dict[str, Any] = {"name": known.name, "document": _document(known)}
        values |= inputs.read(shape, request)
        save_calendar(known, actor=self.actor, at=timezone.now(), **values)
        return Response(present.calendar_with_versions(_find(pk)))


class CalendarPreview(CalendarDoor):
    """What an edit of a calendar would do, before it is saved."""

    @described(
        "Preview a calendar",
        takes=inputs.CalendarPreviewIn,
        gives={200: shapes.CalendarPreviewOut},
        headers=["Idempotency-Key"],
    )
    @idempotent
    def post(self, request: Request, pk: int) -> Response:
        """Give the next 14 days, the open tickets concerned, and up to 10 due times that move."""
        refuse_unknown(request, ())
        require(self.actor, "settings.change")
        known, at = _find(pk), timezone.now()
        values = inputs.read(inputs.CalendarPreviewIn, request)
        read = read_calendar(values["document"])
        impact = preview.of_calendar(
            known, read, actor=self.actor, at=at, counted_from=values.get("counted_from")
        )
        return Response(present.calendar_preview(impact, preview.days(read, at.date())))


class Rollouts(CalendarDoor):
    """Changes of promises, and how far the clocks of open tickets have followed them."""

    @described("List rollouts", gives={200: shapes.listed(shapes.RolloutOut)}, is_list=True)
    def get(self, request: Request) -> Response:
        """Give a page of rollouts, the oldest first."""
        require(self.actor, "calendars.read")
        rollouts = Rollout.objects.select_related("calendar_version")
        return by_key(request, rollouts, present.rollout)


def _kept() -> Any:
    return Calendar.objects.filter(current__isnull=False).select_related("current")


def _find(pk: int) -> Calendar:
    found: Calendar | None = _kept().filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _document(calendar: Calendar) -> dict[str, Any]:
    document: dict[str, Any] = calendar.current.document if calendar.current else {}
    return document
