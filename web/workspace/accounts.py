"""The account manager's page: the organisations one looks after, and how they are served."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from accounts.errors import NotFound
from accounts.models import Organisation, User
from sla import attainment
from sla.attainment import Period, Share
from sla.models import Agreement
from tickets import filters
from tickets.models import Ticket
from web.context import desk_facts
from web.policies import policy
from web.workspace.pages import key_in, me, page, who
from web.workspace.people import by_name
from web.workspace.reports.attainment import behind
from web.workspace.settings.agreements import listing

SPANS = (30, 90)  # days of attainment
STILL_SHOWN = timedelta(days=90)  # after the end of its agreement


@dataclass(frozen=True)
class Span:
    """How promises of the last days were kept, with the queues behind the numbers."""

    share: Share
    judged_href: str
    missed_href: str


@dataclass(frozen=True)
class Account:
    """One organisation: its open tickets, live breaches, kept promises, and agreements."""

    organisation: Organisation
    open: int
    late: int
    spans: Sequence[Span]
    lines: list[listing.Line] = field(default_factory=list)


@require_safe
@policy("agent")
def accounts(request: HttpRequest) -> HttpResponse:
    """Show one's own organisations; an admin may look at anybody's."""
    actor, at = who(request)
    manager = _manager(request, actor)
    agreements = Agreement.objects.filter(account_manager=manager).exclude(
        valid_until__lte=at - STILL_SHOWN
    )
    rows = Organisation.objects.filter(pk__in=agreements.values("organisation"))
    found, following = by_name(rows, request.GET.get("after", ""))
    bought = listing.loaded(agreements).filter(organisation__in=found).order_by("valid_from", "pk")
    here = reverse("workspace:accounts")
    kept = {"manager": str(manager.pk)} if manager != actor.user else {}
    context = {
        "manager": manager,
        "managers": _managers(manager) if actor.is_admin else [],
        "rows": _accounts(found, listing.lines(list(bought), at), actor, at),
        "spans": SPANS,
        "page": {
            "first": f"{here}?{urlencode(kept)}" if request.GET.get("after") else "",
            "next": f"{here}?{urlencode({**kept, 'after': following})}" if following else "",
        },
        "here": "accounts",
    }  # fmt: skip
    return page(request, "workspace/accounts/accounts.html", context)


def _manager(request: HttpRequest, actor: Actor) -> User:
    """Who is looked at.

    :raises NotFound: nobody of the desk, or somebody else's page and the actor is no admin.
    """
    own, asked = me(request), request.GET.get("manager", "")
    if not asked or asked == str(own.pk):
        return own
    found = User.objects.filter(pk=key_in(asked) or 0, role__in=User.STAFF).first()
    if found is None or not actor.is_admin:
        raise NotFound
    return found


def _managers(manager: User) -> list[User]:
    named = Q(pk__in=Agreement.objects.values("account_manager")) | Q(pk=manager.pk)
    return list(User.objects.filter(named).order_by("name", "pk"))


def _accounts(
    organisations: list[Organisation], lines: list[listing.Line], actor: Actor, at: datetime
) -> list[Account]:
    """Count with one query a column, and only what the reader may see."""
    keys = [organisation.pk for organisation in organisations]
    opened = _count(keys, "status", "live", actor, at)
    late = _count(keys, "overdue", "true", actor, at)
    periods = [Period.last_days(days, at, ZoneInfo(desk_facts()[1])) for days in SPANS]
    kept = [(period, attainment.of_organisations(actor, period, keys)) for period in periods]
    return [
        Account(
            each, opened.get(each.pk, 0), late.get(each.pk, 0),
            [_span(each.pk, period, shares.get(each.pk, Share())) for period, shares in kept],
            [line for line in lines if line.agreement.organisation_id == each.pk],
        )
        for each in organisations
    ]  # fmt: skip


def _span(organisation: int, period: Period, share: Share) -> Span:
    where = {"organisation": organisation}
    return Span(share, behind("judged", period, where), behind("breached", period, where))


def _count(keys: list[int], name: str, value: str, actor: Actor, at: datetime) -> dict[int, int]:
    """Count each organisation's tickets as the queue does that the number leads to."""
    rows = (
        Ticket.objects.visible_to(actor)
        .filter(organisation__in=keys, is_spam=False)
        .filter(filters.conditions([(name, value)], actor=actor, at=at))
        .values_list("organisation")
        .annotate(Count("pk"))
        .order_by("organisation")
    )
    return dict(rows)
