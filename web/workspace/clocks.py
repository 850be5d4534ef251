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
from web.workspace.pages import me, page, regret, say, who
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
    """Set the due time of a live clock by hand, or let its policy say it again.

    :raises NotFound: the agent does not see the ticket.
    """
    actor, at = who(request)
    find(number, actor)
    form = DueForm(request.POST, auto_id=f"{metric}-%s")
    lets_policy_decide = "clear" in request.POST
    due_at = None
    if not lets_policy_decide and _is_live(number, metric):
        if not form.is_valid():
            return _show(request, number, refused={metric: form})
        due_at = form.cleaned_data["due_at"]
    try:
        set_due(number, metric, due_at, actor=actor, at=at)
    except Refused as refusal:
        if refusal.pointer == "due_at":
            form.add_error("due_at", str(refusal))
            return _show(request, number, refused={metric: form})
        regret(request, str(refusal))
    else:
        say(
            request,
            _("The policy decides again when it is due") if lets_policy_decide
            else _("Due time set by hand"),
        )  # fmt: skip
    return redirect("workspace:clocks", number)


def _is_live(number: int, metric: str) -> bool:
    return any(
        clock.metric == metric and clock.ended_at is None
        for clock in promises.clocks_of([number]).get(number, [])
    )


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
            empty = DueForm(auto_id=f"{clock['metric']}-%s")
            clock["form"] = (refused or {}).get(clock["metric"], empty)
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
