"""Snoozing a ticket: usual times in the agent's zone, a time of one's own, or until the answer."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.errors import Refused
from tickets import actions
from web import words
from web.policies import policy
from web.workspace import views
from web.workspace.pages import back, page, say, who
from web.workspace.ticket import find

MORNING = time(9)
LATER = timedelta(hours=3)


class SnoozeForm(forms.Form):
    """A time of one's own, in the agent's zone."""

    until = forms.DateTimeField(
        label=gettext_lazy("Until a time of your own"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip


@dataclass(frozen=True)
class Usual:
    """One time that is offered, by its name."""

    name: str | Promise
    until: datetime

    @property
    def written(self) -> str:
        """The instant as the form sends it."""
        return self.until.isoformat()


def usual_times(at: datetime) -> list[Usual]:
    """Offer later today while there is time, tomorrow, next Monday and in a week, at 9:00."""
    now = timezone.localtime(at)
    later = (now + LATER).replace(minute=0, second=0, microsecond=0)

    def morning(days: int) -> datetime:
        return datetime.combine(now.date() + timedelta(days=days), MORNING, tzinfo=now.tzinfo)

    offered = [
        (gettext_lazy("Tomorrow"), morning(1)),
        (gettext_lazy("Next Monday"), morning(7 - now.weekday())),
        (gettext_lazy("In a week"), morning(7)),
    ]
    if later.date() == now.date():
        offered.insert(0, (gettext_lazy("Later today"), later))
    return [
        Usual(name, until)
        for place, (name, until) in enumerate(offered)
        if until not in [earlier for _name, earlier in offered[:place]]
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@policy("agent")
def snooze(request: HttpRequest, number: int) -> HttpResponse:
    """Offer times and say what goes on meanwhile; a button snoozes.

    :raises NotFound: the agent does not see the ticket.
    """
    actor, at = who(request)
    ticket = find(number, actor)
    is_sent = request.method == "POST"
    is_until_answer = "answer" in request.POST
    form = SnoozeForm(request.POST if is_sent and not is_until_answer else None)
    refusal = ""
    if is_until_answer or form.is_valid():
        until = None if is_until_answer else form.cleaned_data["until"]
        try:
            actions.snooze(number, until, actor=actor, at=at)
        except Refused as refused:
            if refused.pointer == "until":
                form.add_error("until", str(refused))
            else:
                refusal = str(refused)
        else:
            views.forget(actor)
            undo = reverse("workspace:change", args=[number, "wake"])
            say(request, _sentence(number, until), undo=undo)
            return redirect(back(request, reverse("workspace:ticket", args=[number])))
    context = {
        "ticket": ticket,
        "form": form,
        "refusal": refusal,
        "times": usual_times(at),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return page(request, "workspace/ticket/snooze.html", context, status=422 if is_sent else 200)


def _sentence(number: int, until: datetime | None) -> str:
    if until is None:
        return _("#%(number)s is snoozed until the customer answers.") % {"number": number}
    told = {"number": number, "time": words.day_and_time(until)}
    return _("#%(number)s is snoozed until %(time)s.") % told
