"""Changing many tickets from the queue: few at once, many by a job that can be watched."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.errors import Invalid, Refused
from accounts.models import Team
from tickets import bulk, written_steps
from tickets.models import BulkJob
from tickets.models.tickets import TicketQuerySet
from tickets.written_steps import Change
from web.policies import policy
from web.workspace import changes_form, handing, queue, views
from web.workspace.bulk_form import BulkForm
from web.workspace.pages import back, chosen, key_in, page, regret, say, who

AT_ONCE = 100  # tickets that are changed while one waits
COUNTED = 10_000  # beyond it, “10,000+” says enough
MOST_NAMED = 12
UNASKED = {
    "assignee",
    "team",
    "status",
    "category",
    "priority",
    "tags",
}  # what a single choice may be


@dataclass(frozen=True)
class Aim:
    """Which tickets are meant: numbers that were ticked, or all of a list."""

    numbers: list[int]
    matching: TicketQuerySet | None
    count: int

    @property
    def words(self) -> str:
        """How many: “312”, or “10,000+”."""
        is_more = self.matching is not None and self.count > COUNTED
        return f"{localize(COUNTED)}+" if is_more else str(localize(self.count))


@dataclass(frozen=True)
class Refusals:
    """The tickets of a job that were refused for one reason; the first of their numbers."""

    reason: str
    count: int
    numbers: list[int]


@require_POST
@policy("agent")
def change_many(request: HttpRequest) -> HttpResponse:
    """Make one change to each selected ticket; ask before many, and before messages."""
    actor, at = who(request)
    form = BulkForm(request.POST, actor=actor, rail=views.rail(actor, at))
    try:
        aim = _aim(request, actor, at)
    except Refused as refusal:
        return _refuse(request, form, Aim([], None, 0), refusal)
    if "choose" in request.POST or not form.is_valid():
        return _choose(request, form, aim)
    try:
        written_steps.ready(form.steps, actor=actor)
        team = chosen(Team.objects.taking_from(actor), form.cleaned_data["team"])
        if not form.steps or not aim.count:
            raise Invalid(_("Select tickets and say what to change."))
    except Refused as refusal:
        return _refuse(request, form, aim, refusal)
    warning = handing.warning(team, request.POST, actor=actor, count=aim.count)
    if warning or ("sure" not in request.POST and _needs_asking(form, aim)):
        return _ask(request, form, aim, warning, team)
    return _begin(request, form, aim)


@require_safe
@policy("agent")
def count(request: HttpRequest) -> HttpResponse:
    """Say how many tickets a list holds, up to a bound."""
    actor, at = who(request)
    try:
        aim = _all(queue.matching(request.GET, actor, at))
    except Refused:
        return HttpResponse(status=204)
    return HttpResponse(aim.words, content_type="text/plain; charset=utf-8")


@require_safe
@policy("agent")
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far a job is, what it changes, and what was refused and why.

    :raises NotFound: it is not there, or somebody else's.
    """
    actor, at = who(request)
    shown = bulk.find(pk, actor=actor)
    counted = bulk.progress(shown)
    until = shown.may_undo_until
    context = {
        "job": shown,
        "counted": counted,
        "percent": 100 * counted["done"] // shown.total if shown.total else 100,
        "changes": _changes(shown, actor),
        "refusals": _refusals(shown),
        "may_undo": until is not None and at <= until and counted["changed"] > 0,
        "undo_until": until,
    }
    if "HX-Request" in request.headers:
        return render(request, "workspace/bulk/_job.html", context)
    return page(request, "workspace/bulk/job.html", context)


@require_POST
@policy("agent")
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave alone what the job has not come to."""
    actor, at = who(request)
    bulk.cancel(bulk.find(pk, actor=actor), actor=actor, at=at)
    return redirect("workspace:job", pk)


@require_POST
@policy("agent")
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Give back what a job changed, as far as nobody changed it since."""
    actor, at = who(request)
    wrong = bulk.find(pk, actor=actor)
    try:
        undoing = bulk.undo(wrong, actor=actor, at=at)
    except Refused as refusal:
        regret(request, str(refusal))
        return redirect("workspace:job", pk)
    if undoing.total > AT_ONCE:
        bulk.ring()
        return redirect("workspace:job", undoing.pk)
    bulk.run(undoing, timezone.now)
    views.forget(actor)
    _tell(request, undoing, _("%(count)s given back"))
    return redirect(back(request, reverse("workspace:job", args=[undoing.pk])))


def _aim(request: HttpRequest, actor: Actor, at: datetime) -> Aim:
    if request.POST.get("every"):
        query = QueryDict(urlsplit(_up(request)).query)
        return _all(queue.matching(query, actor, at))
    keys = (key_in(text) for text in request.POST.getlist("number"))
    numbers = sorted({number for number in keys if number})[: bulk.MOST]
    return Aim(numbers, None, len(numbers))


def _all(matching: TicketQuerySet) -> Aim:
    return Aim([], matching, matching.order_by()[: COUNTED + 1].count())


def _needs_asking(form: BulkForm, aim: Aim) -> bool:
    asked = {name for name, value in form.cleaned_data.items() if value}
    return aim.matching is not None or aim.count > AT_ONCE or not asked <= UNASKED


def _begin(request: HttpRequest, form: BulkForm, aim: Aim) -> HttpResponse:
    actor, at = who(request)
    try:
        begun = bulk.begin(
            form.steps, actor=actor, at=at, matching=aim.matching, numbers=aim.numbers
        )
    except Refused as refusal:
        return _refuse(request, form, aim, refusal)
    if begun.total > AT_ONCE:
        bulk.ring()
        return redirect("workspace:job", begun.pk)
    bulk.run(begun, timezone.now)
    views.forget(actor)
    _tell(request, begun, _("%(count)s changed"))
    return redirect(_up(request))


def _tell(request: HttpRequest, ended: BulkJob, sentence: str) -> None:
    """Say on the next page what became of few tickets; what was refused is named."""
    lines = list(ended.lines.order_by("number"))
    changed = [line.number for line in lines if line.outcome != bulk.Outcome.REFUSED]
    gone = handing.hid(request, changed)
    kept = [number for number in changed if number not in gone]
    if kept:
        may_undo = ended.may_undo_until and any(line.last for line in lines)
        undo = reverse("workspace:undo_job", args=[ended.pk]) if may_undo else ""
        say(request, sentence % {"count": _named(kept)}, undo=undo)
    refused = [line for line in lines if line.outcome == bulk.Outcome.REFUSED]
    for line in refused[:3]:
        regret(request, f"#{line.number}: {line.reason}")
    if len(refused) > 3:
        more = _("%(count)d more were refused.") % {"count": len(refused) - 3}
        say(request, more)


def _named(numbers: list[int]) -> str:
    if len(numbers) == 1:
        return f"#{numbers[0]}"
    words = ngettext("%(count)d ticket", "%(count)d tickets", len(numbers))
    return words % {"count": len(numbers)}


def _refuse(request: HttpRequest, form: BulkForm, aim: Aim, refusal: Refused) -> HttpResponse:
    """Say what was refused; where words were typed, on the form that still holds them."""
    if not request.POST.get("body", "").strip():
        regret(request, str(refusal))
        return redirect(_up(request))
    if form.is_valid():
        place = changes_form.place_of(refusal.pointer, form.steps)
        form.add_error(place if place in form.fields else None, str(refusal))
    else:
        form.add_error(None, str(refusal))
    return _choose(request, form, aim)


def _choose(request: HttpRequest, form: BulkForm, aim: Aim) -> HttpResponse:
    """Offer everything that can be done to these tickets."""
    asked = "choose" in request.POST
    actor, at = who(request)
    if asked:  # nothing was sent yet that could be wrong
        form = BulkForm(None, actor=actor, rail=views.rail(actor, at))
    context = {
        "form": form, "aim": aim, "up": _up(request),
        "carried": _carried(request, {"number", "every", "next"}),
    }  # fmt: skip
    return page(request, "workspace/bulk/choose.html", context, status=200 if asked else 422)


def _ask(
    request: HttpRequest, form: BulkForm, aim: Aim, warning: str, team: Team | None
) -> HttpResponse:
    """Say how many tickets change and what; the answer brings the same form with `sure`."""
    actor, _at = who(request)
    steps = written_steps.ready(form.steps, actor=actor)
    kept = {"number", "every", "next", *form.fields}
    context = {
        "aim": aim,
        "changes": written_steps.changes(steps),
        "writes": any(step["do"] in {"reply", "note", "macro"} for step in steps),
        "warning": warning,
        "carried": [*_carried(request, kept), ("sure", str(team.pk) if team else "yes")],
        "up": _up(request),
    }
    return page(request, "workspace/bulk/ask.html", context)


def _carried(request: HttpRequest, names: set[str]) -> list[tuple[str, str]]:
    sent = request.POST.lists()
    return [(name, str(value)) for name, values in sent if name in names for value in values]


def _changes(shown: BulkJob, actor: Actor) -> list[Change]:
    try:
        return written_steps.changes(written_steps.ready(shown.steps, actor=actor))
    except Refused:  # somebody left since
        return []


def _refusals(shown: BulkJob) -> list[Refusals]:
    rows = (
        shown.lines.filter(outcome=bulk.Outcome.REFUSED)
        .values("reason")
        .annotate(count=Count("pk"), numbers=ArrayAgg("number", order_by="number"))
        .order_by("-count", "reason")[:20]
    )
    return [Refusals(row["reason"], row["count"], row["numbers"][:MOST_NAMED]) for row in rows]


def _up(request: HttpRequest) -> str:
    return back(request, reverse("workspace:queue"))
