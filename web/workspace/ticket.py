"""The ticket page: its story, its composer, its fields and its promises."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.errors import NotFound
from automation.models import Macro
from channels import bell
from products.models import Product
from sla.models import Clock
from tickets import mentioning
from tickets.beside import Beside, Item, beside
from tickets.custom_fields import fields_for
from tickets.models import (
    Category,
    Event,
    FieldDefinition,
    Mention,
    Message,
    Priority,
    Relation,
    Status,
    Ticket,
    TimeEntry,
)
from tickets.models.tickets import MAY_GO_TO
from tickets.seen import take_as_read
from web import promises, timeline
from web.policies import policy
from web.workspace import cover, linking, views
from web.workspace.clashes import Clash
from web.workspace.pages import me, page, who

MOST_MESSAGES = 200
MOST_EVENTS = 500
OTHERS = 5
LATEST_TIMES = 5


@dataclass(frozen=True)
class ClockLine:
    """One clock as the side shows it; `used` is a share of the target in percent."""

    clock: Clock
    name: str
    badge: promises.Badge
    used: int


@dataclass(frozen=True)
class Checklist:
    """What is to be done, and how much of it is done."""

    items: list[Item]

    @property
    def done(self) -> int:
        """How many items are ticked."""
        return sum(item.done_at is not None for item in self.items)


@dataclass(frozen=True)
class LoggedTime:
    """What the side shows of the time logged on a ticket and on those merged into it.

    `own` are the entries that the reader may correct.
    """

    entries: list[TimeEntry]
    own: set[int]
    today: date

    @property
    def seconds(self) -> int:
        """All of it together."""
        return sum(entry.seconds for entry in self.entries)

    @property
    def latest(self) -> list[TimeEntry]:
        """The entries that always show."""
        return self.entries[:LATEST_TIMES]

    @property
    def earlier(self) -> list[TimeEntry]:
        """The entries that show when asked for."""
        return self.entries[LATEST_TIMES:]


@require_safe
@policy("agent")
def ticket(request: HttpRequest, number: int) -> HttpResponse:
    """Show the ticket; what the bell said about it, and what was new on it, is read then."""
    actor, at = who(request)
    ringing = views.rail(actor, at).bell
    read = bell.read(me(request), at, ticket=number) if ringing else 0
    if read and ringing < bell.MOST:  # so many are counted, and shown as 99+
        views.notices_were_read(actor, read)
    return show(request, number, is_look=True)


def show(
    request: HttpRequest,
    number: int,
    *,
    refusal: str = "",
    pointer: str = "",
    sure: str = "",
    typed: dict[str, Any] | None = None,
    logging: QueryDict | None = None,
    clash: Clash | None = None,
    is_look: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Draw the ticket page; after a refusal with its sentence and everything that was typed.

    `is_look` takes the ticket as read, and marks where begins what the reader had not seen.
    `logging` is the time that was refused, as it was typed.
    `sure` is the team that the sentence asks about: then a button hands over nevertheless.
    `clash` is what somebody else set meanwhile: then a button sets one's own value nevertheless.

    :raises NotFound: the actor does not see it.
    """
    actor, at = who(request)
    rail = views.rail(actor, at)
    shown = _read(number, actor, "standing__choice")
    aside = beside(shown, actor)
    everything = request.GET.get("all") == "1"
    messages = _messages(shown, actor, at, has_merged=aside.has_merged, everything=everything)
    events = _events(shown, actor, everything=everything)
    entries = timeline.entries(messages, events, viewer=actor.user, at=at)
    clocks = promises.clocks_of([number]).get(number, [])
    product = next((each for each in aside.products if each.pk == shown.product_id), None)
    context = {
        "rail": rail,
        "ticket": shown,
        "sees_home": _sees(shown.merged_into_id, actor),
        "entries": entries,
        "is_cut": not everything
        and (len(messages) == MOST_MESSAGES or len(events) == MOST_EVENTS),
        "cover": cover.of(shown),
        "clocks": [_clock_line(clock, at) for clock in clocks],
        "badge": promises.badge(shown, clocks, at),
        "statuses": _statuses(shown),
        "categories": Category.choices,
        "priorities": Priority.choices,
        "products": aside.products,
        "components": aside.components,
        "releases": aside.releases,
        "fields": _fields(shown, product, actor),
        "others": _others(shown, actor),
        "checklist": Checklist(aside.items),
        "logging": logging,
        "time": _logged_time(shown, aside, actor, at),
        "links": linking.lines(number, actor) if aside.has_links else [],
        "relations": Relation.choices,
        "drafts": aside.drafts,
        "colleagues": _colleagues(shown, rail, actor),
        "macros": Macro.objects.visible_to(actor).offered().values("id", "name", "kind"),
        "copied": aside.copied,
        "tags": aside.tags,
        "is_watched": aside.is_watched,
        "refusal": refusal,
        "pointer": pointer,
        "sure": sure,
        "clash": clash,
        "first_new": take_as_read(shown, me(request), aside.seen) if is_look else None,
        "typed": typed or {"kind": _first_kind(shown, aside.drafts)},
        "is_admin": actor.is_admin,
    }
    return page(request, "workspace/ticket/ticket.html", context, status=status)


def find(number: int, actor: Actor) -> Ticket:
    """Read a ticket with its people.

    :raises NotFound: the actor does not see it.
    """
    return _read(number, actor)


def _read(number: int, actor: Actor, *also: str) -> Ticket:
    seen = Ticket.objects.visible_to(actor)
    people = seen.select_related("requester", "organisation", "assignee", *also)
    found = people.filter(pk=number).first()
    if found is None:
        raise NotFound
    return found


def _sees(number: int | None, actor: Actor) -> bool:
    """Whether a ticket is one, and is seen."""
    return number is not None and Ticket.objects.visible_to(actor).filter(pk=number).exists()


def _messages(
    ticket: Ticket, actor: Actor, at: datetime, *, has_merged: bool, everything: bool
) -> list[Message]:
    names = Mention.objects.filter(message=OuterRef("pk")).values("name")
    rows = (
        Message.objects.visible_to(actor, at)
        .of_story(ticket, actor, has_merged=has_merged)
        .select_related("side", "author")
        .annotate(names=ArraySubquery(names))
        .prefetch_related("attachments")
        .order_by("-created_at", "-pk")
    )
    return list(rows if everything else rows[:MOST_MESSAGES])


def _events(ticket: Ticket, actor: Actor, *, everything: bool) -> list[Event]:
    told = Event.objects.filter(ticket=ticket).hiding_others_from(actor)
    rows = told.exclude(kind=Event.Kind.MESSAGE_ADDED).order_by("-sequence")
    return list(rows if everything else rows[:MOST_EVENTS])


def _colleagues(ticket: Ticket, rail: views.Rail, actor: Actor) -> list[mentioning.Named]:
    """List whom a note of this actor can name, by the words that do."""
    team = next((team for team in rail.takers if team.pk == ticket.team_id), None)
    is_open = ticket.team_id is None or (team is not None and not team.is_private)
    people = rail.agents if is_open else mentioning.colleagues(ticket.team_id)
    return [each for each in mentioning.offered(people) if each.person != actor.user]


def _first_kind(ticket: Ticket, drafts: dict[str, str]) -> str:
    """What one begins to write: a merged ticket takes notes alone, but shows what was begun."""
    if "reply" in drafts:
        return "reply"
    return "note" if "note" in drafts or ticket.merged_into_id else "reply"


def _logged_time(ticket: Ticket, aside: Beside, actor: Actor, at: datetime) -> LoggedTime:
    """Gather the entries, the newest day first; without merged tickets they came with it."""
    entries = aside.times
    if aside.has_merged:
        story = TimeEntry.objects.of_story(ticket, actor)
        entries = list(story.order_by("-worked_on", "-pk"))
    own = {entry.pk for entry in entries if entry.is_changed_by(actor)}
    return LoggedTime(entries, own, timezone.localdate(at))


def _statuses(ticket: Ticket) -> list[tuple[str, str]]:
    reachable = MAY_GO_TO[ticket.status] | {ticket.status}
    return [(value, str(word)) for value, word in Status.choices if value in reachable]


def _fields(
    ticket: Ticket, product: Product | None, actor: Actor
) -> list[tuple[FieldDefinition, Any]]:
    known = fields_for(product, actor=actor)
    return [(field, ticket.fields.get(field.key, "")) for field in known]


def _others(ticket: Ticket, actor: Actor) -> list[Ticket]:
    rows = Ticket.objects.visible_to(actor).filter(requester=ticket.requester_id, is_spam=False)
    newest = rows.exclude(pk=ticket.pk).order_by("-updated_at", "-number")
    return list(newest.only("subject", "status")[:OTHERS])


def _clock_line(clock: Clock, at: datetime) -> ClockLine:
    badge = promises.of_clock(clock, at)
    used: float = clock.banked
    if clock.running_since and clock.ended_at is None and clock.due_at:
        used = clock.target - (clock.due_at - at).total_seconds()
    share = min(100, max(0, round(used / clock.target * 100))) if clock.target else 0
    name = clock.get_metric_display()
    if clock.seq > 1:
        name = _("%(metric)s, %(count)d") % {"metric": name, "count": clock.seq}
    return ClockLine(clock, name, badge, share)
