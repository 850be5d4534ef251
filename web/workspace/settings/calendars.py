"""Calendars: the list, one calendar with its versions, and deleting it."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotFound, Refused
from sla import actions, preview, progress, rollout, terms
from sla.calendar_documents import ORGANISATION
from sla.models import Calendar, CalendarVersion, Policy
from web.policies import policy
from web.workspace.pages import page, regret, say, who
from web.workspace.settings import calendar_words as words
from web.workspace.settings.pattern import Row, at_settings, listing

VERSIONS_SHOWN = 20
HOLIDAYS_SHOWN = 12


@require_safe
@policy("agent")
def calendars(request: HttpRequest) -> HttpResponse:
    """List the calendars with the policies that count on them."""
    actor, _at = who(request)
    users = _names_of_users()
    kept = Calendar.objects.filter(current__isnull=False).select_related("current")
    return listing(
        request,
        title=_("Calendars"),
        about=_("When the desk is open: SLA clocks run only then."),
        columns=[_("Open"), _("Time zone"), _("Policies"), _("Version")],
        rows=[
            Row(
                calendar.name,
                at_settings("calendar", calendar.pk),
                [
                    words.week(_document(calendar)),
                    zone_of(_document(calendar)),
                    ", ".join(users.get(calendar.pk, [])),
                    str(calendar.current.number if calendar.current else ""),
                ],
            )
            for calendar in kept.order_by("name", "pk")
        ],
        new=at_settings("new_calendar") if actor.is_admin else "",
        new_words=_("New calendar"),
    )


@require_safe
@policy("agent")
def calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a calendar: its next days, its dates, who counts on it, and its versions."""
    _actor, at = who(request)
    shown = find(pk)
    document = _document(shown)
    read = terms.calendar(shown.current_id or 0)
    today = timezone.localdate(at)
    ahead = sorted((day, read.names.get(day, "")) for day, hours in read.dated.items()
                   if not hours and day >= today)  # fmt: skip
    context = {
        "calendar": shown, "document": document, "zone": zone_of(document),
        "week": words.week(document), "days": preview.days(read, today),
        "holidays": ahead[:HOLIDAYS_SHOWN], "more_holidays": ahead[HOLIDAYS_SHOWN:],
        "exceptions": sorted((day, document["exceptions"][day.isoformat()])
                             for day, hours in read.dated.items() if hours and day >= today),
        "policies": rollout.policies_on(pk), "versions": _versions(shown),
        "progress": progress.of(at, progress.on_calendar(pk), most=progress.SHOWN_OF_ONE),
        "progress_of": f"calendar={pk}", "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/calendar.html", context)


@require_POST
@policy("admin")
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a calendar on which nothing was ever counted."""
    actor, at = who(request)
    try:
        actions.delete_calendar(find(pk), actor=actor, at=at)
    except Refused as refusal:
        regret(request, str(refusal))
        return redirect("workspace:calendar", pk)
    say(request, _("The calendar is deleted."))
    return redirect("workspace:calendars")


def find(pk: int) -> Calendar:
    """Give a calendar with its current version.

    :raises NotFound: there is none.
    """
    found = Calendar.objects.filter(pk=pk, current__isnull=False).select_related("current").first()
    if found is None:
        raise NotFound
    return found


def zone_of(document: dict[str, Any]) -> str:
    """Say where a calendar counts."""
    zone = str(document["timezone"])
    return _("That of each organisation") if zone == ORGANISATION else zone.replace("_", " ")


def _document(calendar: Calendar) -> dict[str, Any]:
    document: dict[str, Any] = calendar.current.document if calendar.current else {}
    return document


def _names_of_users() -> dict[int, list[str]]:
    """The names of the policies that count on each calendar at present."""
    users: dict[int, list[str]] = {}
    for each in (
        Policy.objects.filter(current__isnull=False)
        .select_related("current")
        .order_by("is_default", "position", "pk")
    ):
        if each.current is not None:
            others = each.current.document.get("calendars", {}).values()
            for pk in {each.current.calendar_id, *others}:
                users.setdefault(pk, []).append(each.name)
    return users


def _versions(calendar: Calendar) -> list[dict[str, Any]]:
    """The last versions, each with what it changed."""
    rows: list[CalendarVersion] = list(calendar.versions.order_by("-number")[: VERSIONS_SHOWN + 1])
    return [
        {"version": row, "changes": words.changes(before, row) if before else []}
        for row, before in zip(rows, [*rows[1:], None], strict=True)
    ][:VERSIONS_SHOWN]
