"""Time logged on a ticket: what its page sends, and correcting or deleting an entry."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.actor import Actor
from accounts.errors import Invalid, NotAllowed, NotFound
from tickets import actions
from tickets.models import Category, TimeEntry
from web.policies import policy
from web.workspace.durations import as_typed, minutes_in
from web.workspace.pages import attempt, page, say, who
from web.workspace.ticket import find


class EntryForm(forms.Form):
    """What was worked, when, and of which kind it is."""

    minutes = forms.CharField(
        label=_("Time"), max_length=20, help_text=_("Such as 1h 30m, 90 or 1:30.")
    )
    worked_on = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    category = forms.ChoiceField(
        label=_("Category"), required=False,
        choices=[("", _("As the ticket")), *Category.choices],
    )  # fmt: skip
    is_billable = forms.BooleanField(label=_("Billable"), required=False)
    words = forms.CharField(label=_("What was done"), max_length=500, required=False)


def log(number: int, form: QueryDict, actor: Actor, at: datetime) -> None:
    """Log what the form beside the ticket holds; today, if it names no day.

    :raises Invalid: the time or the day cannot be read.
    """
    actions.log_time(
        number, minutes_in(form.get("minutes", "")), _day(form.get("worked_on", ""), at),
        category=form.get("category") or None, is_billable=form.get("is_billable") == "on",
        words=form.get("words", ""), actor=actor, at=at,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def entry(request: HttpRequest, number: int, pk: int) -> HttpResponse:
    """Correct a time entry, or delete it.

    :raises NotFound: the actor does not see the ticket, or it has no such entry.
    :raises NotAllowed: somebody else logged it.
    """
    actor, at = who(request)
    ticket = find(number, actor)
    logged = ticket.time_entries.filter(pk=pk).first()
    if logged is None:
        raise NotFound
    if not logged.is_changed_by(actor):
        raise NotAllowed
    home = redirect(reverse("workspace:ticket", args=[number]))
    if "delete" in request.POST:
        actions.delete_time(number, pk, actor=actor, at=at)
        say(request, str(_("The time entry is deleted.")))
        return home
    form = EntryForm(request.POST if request.method == "POST" else None, initial=_initial(logged))
    if attempt(form, lambda clean: _change(number, pk, clean, actor, at)):
        return home
    context = {"ticket": ticket, "entry": logged, "form": form}
    status = 422 if form.errors else 200
    return page(request, "workspace/ticket/time_entry.html", context, status=status)


def _change(number: int, pk: int, clean: dict[str, Any], actor: Actor, at: datetime) -> bool:
    values = clean | {"minutes": minutes_in(clean["minutes"])}
    actions.change_time(number, pk, actor=actor, at=at, **values)
    return True


def _initial(logged: TimeEntry) -> dict[str, Any]:
    return {
        "minutes": as_typed(logged.minutes),
        "worked_on": logged.worked_on,
        "category": logged.category or "",
        "is_billable": logged.is_billable,
        "words": logged.words,
    }


def _day(text: str, at: datetime) -> date:
    if not text:
        return timezone.localdate(at)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(_("This is not a day."), pointer="worked_on") from None
