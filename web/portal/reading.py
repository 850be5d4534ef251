"""My tickets, one ticket with its conversation, and what a customer can do with it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import LinkSpent, Refused
from tickets import actions, filters, paging, queries, spelling
from tickets.models import Event, Status, Ticket
from tickets.models.tickets import LIVE
from tickets.permissions import may
from web import files
from web.attempts import attempt
from web.policies import policy
from web.portal import conversation, uploads, visitors
from web.portal.forms import AnswerForm, ObjectionForm
from web.viewer import actor_of

SHOWN = {"open": "live", "solved": "resolved,closed", "all": "any"}


@require_safe
@policy("public")
def start(request: HttpRequest) -> HttpResponse:
    """Lead everybody to where they work; greet strangers."""
    actor = actor_of(request)
    if actor.user is None:
        return render(request, "portal/start.html")
    return redirect("workspace:queue" if actor.is_agent else "portal:my_tickets")


@require_safe
@policy("person")
def my_tickets(request: HttpRequest) -> HttpResponse:
    """List the person's tickets, or the organisation's, newest change first."""
    actor, now = actor_of(request), timezone.now()
    if actor.is_agent:
        return redirect("workspace:queue")
    shown = request.GET.get("show", "open")
    chosen = filters.conditions([("status", SHOWN.get(shown, "live"))], actor=actor, at=now)
    seen = tickets = Ticket.objects.visible_to(actor).filter(chosen, is_spam=False)
    text = request.GET.get("q", "").strip()
    trouble = ""
    if text:
        try:
            words = filters.conditions([("q", text)], actor=actor, at=now)
            tickets = tickets.filter(words)
        except Refused as refusal:
            trouble = str(refusal)
    page = paging.page(
        tickets.select_related("requester", "product").prefetch_related("clocks"),
        actor=actor,
        cursor=request.GET.get("cursor", ""),
        limit=25,
    )
    is_first, meant = "cursor" not in request.GET, ""
    if text and not trouble and is_first and len(page.rows) < spelling.ENOUGH:
        meant = spelling.meant(
            queries.read(text),
            seen,
            lambda text: filters.conditions([("q", text)], actor=actor, at=now),
        )
    user = actor.user
    context = {
        "tickets": page.rows, "next_cursor": page.next_cursor, "show": shown, "q": text,
        "trouble": trouble, "is_first": is_first, "meant": meant,
        "meant_href": f"?{urlencode({'show': shown, 'q': meant})}",
        "of_organisation": user.organisation if user and user.sees_organisation else None,
    }  # fmt: skip
    return render(request, "portal/my_tickets.html", context)


@require_safe
@policy("link")
def link(request: HttpRequest, secret: str) -> HttpResponse:
    """Swap a private link for a session and a clean address."""
    try:
        opened = actions.use_link(secret, at=timezone.now())
    except LinkSpent as refusal:
        return _spent(request, refusal)
    visitors.remember_link(request, opened)
    home = _home_of(opened.ticket)
    if home is not None:
        visitors.let_in(request, home, opened.person, timezone.now())
    goes_on = home is not None and visitors.may_see(request, home.pk, timezone.now())
    return redirect("portal:ticket", home.pk if home and goes_on else opened.ticket_id)


@require_safe
@policy("link")
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Show a ticket in the customer's words; agents are led to their own page of it."""
    if actor_of(request).is_agent:
        return redirect("workspace:ticket", number)
    found = Ticket.objects.filter(pk=number, merged_into__isnull=False).first()
    home = _home_of(found) if found else None
    if home is not None and visitors.may_see(request, home.pk, timezone.now()):
        return redirect("portal:ticket", home.pk)
    return _page(request, number, AnswerForm(), timezone.now(), [])


@require_POST
@policy("link")
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Add a message with files; on a closed ticket it opens a follow-up."""
    return _take(request, number, is_solved=False)


@require_POST
@policy("link")
def solve(request: HttpRequest, number: int) -> HttpResponse:
    """Take the customer's word that it is solved, with what is written and chosen beside it."""
    return _take(request, number, is_solved=True)


@require_POST
@policy("link")
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """Take the customer's word that it is not solved."""
    now = timezone.now()
    actions.reopen(number, actor=visitors.actor_for(request, number, now), at=now)
    messages.success(request, _("The ticket is open again."))
    return redirect("portal:ticket", number)


@require_http_methods(["GET", "HEAD", "POST"])
@policy("link")
def objection(request: HttpRequest, secret: str) -> HttpResponse:
    """Ask whether the ticket shall be opened again; only the button does it."""
    now = timezone.now()
    try:
        opened = actions.use_link(secret, at=now)
    except LinkSpent as refusal:
        return _spent(request, refusal)
    visitors.remember_link(request, opened)
    number, is_resolved = opened.ticket_id, opened.ticket.status == Status.RESOLVED
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if not is_resolved and not form.data.get("body", "").strip():
        return redirect("portal:ticket", number)  # there is nothing to object to, or it is done
    if form.is_bound:
        actor = visitors.actor_for(request, number, now)
        goes_on = attempt(form, lambda values: _object(number, values["body"], actor, now))
        if goes_on is not None:
            thanks = _("Thank you. We have your answer.")
            if is_resolved:
                thanks = _("The ticket is open again.")
            return _go_on(request, number, goes_on, now, thanks=thanks)
    context = {"ticket": opened.ticket, "form": form}
    return render(request, "portal/objection.html", context, status=422 if form.is_bound else 200)


@require_safe
@policy("link")
def file(request: HttpRequest, number: int, key: str) -> HttpResponseBase:
    """Give a file of a ticket to its customer."""
    now = timezone.now()
    return files.serve(key, actor=visitors.actor_for(request, number, now), at=now)


def _home_of(ticket: Ticket) -> Ticket | None:
    """Give the ticket that this one was merged into, if it is the same customer's."""
    way = ticket.home_numbers()
    home = Ticket.objects.get(pk=way[-1]) if way else None
    return home if home is not None and ticket.shares_its_customer_with(home) else None


def _page(
    request: HttpRequest,
    number: int,
    form: AnswerForm,
    at: datetime,
    kept: list[str],
    *,
    status: int = 200,
) -> HttpResponse:
    actor = visitors.actor_for(request, number, at)
    ticket = (
        Ticket.objects.visible_to(actor)
        .select_related("requester", "product", "affected_release", "fixed_in", "follows_up")
        .prefetch_related("clocks")
        .get(pk=number)
    )
    context: dict[str, Any] = {
        "ticket": ticket,
        "entries": conversation.entries(ticket, actor, at),
        "form": form,
        "uploads": uploads.shown(request, kept),
        "is_open": ticket.status in LIVE and may(actor, "resolve", ticket),
        "may_object": ticket.status == Status.RESOLVED and may(actor, "reopen", ticket),
        "follow_ups": Ticket.objects.visible_to(actor).filter(follows_up=ticket),
        "is_awaited": ticket.status == Status.PENDING,
    }
    with timezone.override(visitors.zone_of(request)):
        return render(request, "portal/ticket.html", context, status=status)


def _take(request: HttpRequest, number: int, *, is_solved: bool) -> HttpResponse:
    """Take the words and files of the answer's form; a refusal shows them again."""
    now = timezone.now()
    actor = visitors.actor_for(request, number, now)
    form = AnswerForm(request.POST)
    kept = uploads.gather(request, form)
    sent = uploads.named(request, kept)
    goes_on = attempt(
        form,
        lambda values: _receive(number, values["body"], sent, actor, now, is_solved=is_solved),
    )
    if goes_on is None:
        return _page(request, number, form, now, kept, status=422)
    thanks = _("Thank you. We have your answer.")
    if is_solved:
        thanks = _("Good to hear. You can still object for some days.")
    return _go_on(request, number, goes_on, now, thanks=thanks)


def _go_on(
    request: HttpRequest, number: int, goes_on: int, at: datetime, *, thanks: str
) -> HttpResponse:
    """Thank on the ticket where it goes on, which is a follow-up when the old one is closed."""
    if goes_on != number:
        ticket = Ticket.objects.get(pk=goes_on)
        visitors.let_in(request, ticket, visitors.actor_for(request, number, at).user, at)
        if ticket.follows_up_id:
            thanks = _("Your answer opened ticket #%(number)s.") % {"number": goes_on}
    messages.success(request, thanks)
    return redirect("portal:ticket", goes_on)


@transaction.atomic
def _receive(
    number: int, body: str, sent: list[str], actor: Actor, at: datetime, *, is_solved: bool
) -> int:
    """Receive what is said, then resolve if it is solved; give the number where it goes on."""
    goes_on = number
    if body.strip() or sent or not is_solved:
        goes_on = _stands_on(actions.receive(number, body, actor=actor, at=at, uploads=sent))
    if is_solved and goes_on == number:
        actions.resolve(number, actor=actor, at=at)
    return goes_on


def _object(number: int, body: str, actor: Actor, at: datetime) -> int:
    """Reopen by the words given or without any; give the number where it goes on."""
    if body.strip():
        return _stands_on(actions.receive(number, body, actor=actor, at=at))
    actions.reopen(number, actor=actor, at=at)
    return number


def _stands_on(event: Event) -> int:
    """Give the ticket on which its writer reads the message: the one it was sent to, if any."""
    message = event.message
    return (message.sent_to_id if message else None) or event.ticket_id


def _spent(request: HttpRequest, refusal: LinkSpent) -> HttpResponse:
    return render(request, "signin/spent.html", {"sentence": str(refusal)}, status=410)
