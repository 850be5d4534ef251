"""Every change of a calendar (docs/sla.md C, T6)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, Refused
from accounts.permissions import require
from sla import business_time, rollout
from sla.actions._rows import free_name, locked
from sla.calendar_documents import CalendarError
from sla.models import Calendar, CalendarVersion, Rollout

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class CalendarInUse(Refused):
    """A calendar that clocks were counted on is needed to explain them."""

    code = "calendar_in_use"
    sentence = _("Policies count on this calendar: %(policies)s.")


@transaction.atomic
def save_calendar(
    calendar: Calendar | None,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    document: Mapping[str, Any],
    counted_from: datetime | None = None,
) -> CalendarVersion:
    """Make a calendar or its next version; live clocks follow (docs/sla.md T6).

    With `counted_from`, in the past, a forgotten holiday is taken out of live clocks too.

    :raises Invalid: the document cannot be kept; `pointer` names the field.
    :raises NameTaken: another calendar has the name.
    """
    require(actor, "settings.change")
    refuse_strange_past(counted_from, at)
    read_calendar(document)
    calendar = locked(Calendar, calendar)
    calendar.name = free_name(Calendar, calendar.pk, name)
    calendar.save()
    audit.note(actor, "calendar.saved", calendar.name, at)
    return rollout.renew(
        calendar.pk, at=at, document=dict(document), by=actor.name, counted_from=counted_from
    )


def refuse_strange_past(counted_from: datetime | None, at: datetime) -> None:
    """Refuse a beginning of “also for the past” that lies ahead, or before 1970.

    :raises Invalid: it does.
    """
    if counted_from is not None and not _FIRST <= counted_from <= at:
        raise Invalid(_("“Also for the past” begins in the past."), pointer="counted_from")


def read_calendar(document: Mapping[str, Any]) -> business_time.Calendar:
    """Read opening hours that somebody wrote.

    :raises Invalid: they cannot be kept; `pointer` names the part of `document`.
    """
    try:
        return business_time.Calendar.parse(document)
    except CalendarError as error:
        raise Invalid(
            _(error.sentence) % error.values, pointer=f"document.{error.field}"
        ) from error


@transaction.atomic
def delete_calendar(calendar: Calendar, *, actor: Actor, at: datetime) -> None:
    """Delete a calendar on which no policy ever counted.

    :raises CalendarInUse: some version of a policy names it.
    """
    require(actor, "settings.change")
    calendar = locked(Calendar, calendar)
    users = rollout.policies_on(calendar.pk)
    if users:
        raise CalendarInUse(
            CalendarInUse.sentence % {"policies": ", ".join(policy.name for policy in users)}
        )
    audit.note(actor, "calendar.deleted", calendar.name, at)
    calendar.current = None
    calendar.save(update_fields=["current"])
    Rollout.objects.filter(calendar_version__calendar=calendar).delete()
    calendar.versions.all().delete()
    calendar.delete()
