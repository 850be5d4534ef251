"""Why these deadlines: every clock of a ticket explained, quoted in an answer, or set by hand."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.errors import NotFound, Refused
from sla.actions import set_due
from sla.explain import Seen, explain
from tickets import actions
from tickets.models import Draft, Message, Ticket
from web import promises
from web.context import desk_facts
from web.policies import policy
from web.workspace.pages import attempt, me, page, regret, say, who
from web.workspace.ticket import find
from web.workspace.timebar import draw


class DueForm(forms.Form):
    """A due time set by hand, in the agent's zone."""

    due_at = forms.DateTimeField(
        label=gettext_lazy("Due time"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


@require_safe
@policy("agent")
def clocks(request: HttpRequest, number: int) -> HttpResponse:
    """Explain which policy matched, every running and paused stretch, and how each clock ended."""
    return _show(request, number)


@require_POST
@policy("agent")
def due(request: HttpRequest, number: int, metric: str) -> HttpResponse:
    """Set the due time of a live clock by hand, or let its policy say it again."""
    actor, at = who(request)
    find(number, actor)
    if "clear" in request.POST:
        try:
            set_due(number, metric, None, actor=actor, at=at)
            say(request, _("The policy says when it is due"))
        except Refused as refusal:
            regret(request, str(refusal))
        return redirect("workspace:clocks", number)
    form = DueForm(request.POST, auto_id=f"{metric}-%s")
    done = attempt(
        form, lambda clean: set_due(number, metric, clean["due_at"], actor=actor, at=at)
    )
    if form.has_error("due_at"):
        return _show(request, number, refused={metric: form})
    if done is None:  # the clock ended meanwhile
        regret(request, str(form.non_field_errors()[0]))
    else:
        say(request, _("Due time set by hand"))
    return redirect("workspace:clocks", number)


def _show(
    request: HttpRequest, number: int, refused: Mapping[str, DueForm] | None = None
) -> HttpResponse:
    actor, at = who(request)
    ticket = find(number, actor)
    seen = Seen(ticket, at)
    course = seen.as_it_went()
    explained = seen.in_words()
    for clock in explained["clocks"]:
        if clock["is_live"]:
            known = DueForm(initial={"due_at": clock["due_at"]}, auto_id=f"{clock['metric']}-%s")
            clock["form"] = (refused or {}).get(clock["metric"], known)
    context = {
        "ticket": ticket,
        "explained": explained,
        "picture": draw(course) if course else None,
        "badge": promises.badge(ticket, promises.clocks_of([number]).get(number, []), at),
    }
    return page(request, "workspace/ticket/clocks.html", context, status=422 if refused else 200)


@require_POST
@policy("agent")
def quote(request: HttpRequest, number: int, metric: str, seq: int) -> HttpResponse:
    """Add the sentence to the draft of the agent's answer, in the customer's zone and language.

    :raises NotFound: the ticket has no such clock.
    """
    actor, at = who(request)
    ticket = find(number, actor)
    sentence = _for_customer(ticket, metric, seq)
    mine = Draft.objects.filter(ticket=ticket, user=me(request), kind=Message.Kind.REPLY)
    begun = mine.values_list("body", flat=True).first()
    words = f"{begun.rstrip()}\n\n{sentence}" if begun else sentence
    actions.keep_draft(number, Message.Kind.REPLY, words, actor=actor, at=at)
    return redirect(reverse("workspace:ticket", args=[number]) + "#reply")


def _for_customer(ticket: Ticket, metric: str, seq: int) -> str:
    person = ticket.requester
    of_organisation = ticket.organisation.time_zone if ticket.organisation else ""
    zone = person.time_zone or of_organisation or desk_facts()[1]
    language = person.language or translation.get_language()
    with timezone.override(ZoneInfo(zone)), translation.override(language):
        for clock in explain(ticket, at=timezone.now())["clocks"]:
            if (clock["metric"], clock["seq"]) == (metric, seq):
                return str(clock["sentence"])
    raise NotFound
