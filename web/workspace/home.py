"""Home: what needs this agent now, in five short lists with nothing to set up."""

from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.models import Team, User
from channels import bell
from channels.models import Outgoing
from tickets import mentioning
from tickets.models import Status, Ticket
from tickets.models.tickets import TicketQuerySet
from web import promises
from web.policies import policy
from web.workspace.notifications import about
from web.workspace.pages import me, page, who
from web.workspace.views import SOON

ROWS = 8
MENTIONS = 20


@dataclass(frozen=True)
class Section:
    """One list: its words, its tickets with their badges, and where the whole of it is."""

    name: str | Promise
    icon: str
    tone: str
    href: str
    rows: list[tuple[Ticket, promises.Badge]]
    has_more: bool


@require_safe
@policy("agent")
def home(request: HttpRequest) -> HttpResponse:
    """Show what breaks soon, who named one, what was told, what waits, and what came in."""
    actor, at = who(request)
    person = me(request)
    unread = bell.lines_of(person, actor).filter(read_at__isnull=True)
    told = list(unread.exclude(kind=Outgoing.Kind.MENTION)[: ROWS + 1])
    named = list(mentioning.unseen_by(person, actor)[:MENTIONS])
    sections = _sections(actor, person, at)
    context = {
        "sections": sections,
        "named": named,
        "told": [(line, about(line)) for line in told[:ROWS]],
        "told_more": len(told) > ROWS,
        "is_quiet": not told and not named and not any(section.rows for section in sections),
        "here": "home",
    }
    return page(request, "workspace/home/home.html", context)


def _sections(actor: Actor, person: User, at: datetime) -> list[Section]:
    """Read the lists; a ticket stands in the first that it belongs to."""
    seen = Ticket.objects.visible_to(actor).awake().filter(is_spam=False)
    teams = list(Team.objects.filter(members=person).values_list("pk", flat=True))
    mine = Q(assignee=person)
    free = Q(assignee__isnull=True) & (Q(team__isnull=True) | Q(team__in=teams))
    home = reverse("workspace:queue")
    wanted = [
        (_("Breaching soon"), "flame", "late", f"{home}?view=breaching",
         seen.filter(mine | free, due_at__lt=at + SOON).order_by("due_at", "number")),
        (_("Waiting for your answer"), "reply", "", f"{home}?view=waiting&assignee=me",
         seen.filter(mine, waiting_since__isnull=False).order_by("waiting_since", "number")),
        (_("New in your teams"), "inbox", "", f"{home}?view=unassigned&status=new",
         seen.filter(free, status=Status.NEW).order_by("-number")),
    ]  # fmt: skip
    found = _each_once([_first(tickets) for *_words, tickets in wanted])
    rows = seen.select_related("requester", "organisation").in_bulk({*chain(*found)})
    badges = promises.badges_of(rows.values(), at)

    def badged(number: int) -> tuple[Ticket, promises.Badge]:
        return rows[number], badges[number]

    return [
        Section(
            name, icon, tone, href,
            [badged(number) for number in numbers[:ROWS] if number in rows], len(numbers) > ROWS,
        )
        for (name, icon, tone, href, _tickets), numbers in zip(wanted, found, strict=True)
    ]  # fmt: skip


def _first(tickets: TicketQuerySet) -> list[int]:
    """Read enough numbers that the lists before may take their share."""
    return list(tickets.values_list("number", flat=True)[: 3 * (ROWS + 1)])


def _each_once(lists: list[list[int]]) -> list[list[int]]:
    """Keep of each list what none before it shows, and no more than tells that there is more."""
    taken: set[int] = set()
    kept = []
    for numbers in lists:
        kept.append([number for number in numbers if number not in taken][: ROWS + 1])
        taken.update(kept[-1][:ROWS])
    return kept
