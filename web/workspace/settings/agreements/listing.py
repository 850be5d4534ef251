"""The list of agreements: narrowed by what the address says, those that end first at the top."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.errors import NotFound
from accounts.models import Organisation, User
from sla.agreement_days import DeskDays
from sla.models import Agreement, Policy, Validity
from sla.models.agreements import AgreementQuerySet
from web.policies import policy
from web.workspace.pages import key_in, page, who

ROWS = 50
SOON = 30  # days before the end in which a badge says so
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
SHOWN = (
    ("", _("Valid or to come")),
    ("valid", _("Valid")),
    ("30", _("End within 30 days")),
    ("90", _("End within 90 days")),
    ("ended", _("Ended")),
    ("any", _("All")),
)
KEYS = ("organisation", "account_manager", "policy")


@dataclass(frozen=True)
class Line:
    """One agreement with its days, and how many are left; a negative number has passed."""

    agreement: Agreement
    validity: Validity
    first: date
    last: date | None
    left: int | None
    products: list[str]

    @property
    def is_ending(self) -> bool:
        """Whether it ends soon."""
        is_near = self.left is not None and self.left <= SOON
        return self.validity == Validity.VALID and is_near


@require_safe
@policy("agent")
def agreements(request: HttpRequest) -> HttpResponse:
    """List agreements with who bought which plan and until when."""
    _actor, at = who(request)
    asked = {name: request.GET[name] for name in ("show", *KEYS) if request.GET.get(name)}
    rows, following = _page(_matching(asked, at), request.GET.get("after", ""), asked)
    here = reverse("workspace:agreements")
    context = {
        "lines": lines(rows, at),
        "asked": asked,
        "shown": SHOWN,
        "organisations": Organisation.objects.filter(agreements__isnull=False).distinct()
        .order_by("name", "pk"),
        "managers": User.objects.filter(pk__in=Agreement.objects.values("account_manager"))
        .order_by("name", "pk"),
        "plans": Policy.objects.filter(agreements__isnull=False).distinct()
        .order_by("position", "pk"),
        "page": {
            "first": f"{here}?{urlencode(asked)}" if request.GET.get("after") else "",
            "next": f"{here}?{urlencode({**asked, 'after': following})}" if following else "",
        },
        "here": "settings",
    }  # fmt: skip
    return page(request, "workspace/settings/agreements/list.html", context)


def lines(rows: list[Agreement], at: datetime) -> list[Line]:
    """Say each agreement in days."""
    days = DeskDays()
    return [
        Line(
            row, row.validity(at), days.first(row), days.last(row), days.left(row, at),
            sorted(cover.product.name for cover in row.covers.all() if cover.product),
        )
        for row in rows
    ]  # fmt: skip


def find(pk: int) -> Agreement:
    """Give an agreement with what a line shows.

    :raises NotFound: there is none with this key.
    """
    found = loaded(Agreement.objects.filter(pk=pk)).first()
    if found is None:
        raise NotFound
    return found


def loaded(rows: AgreementQuerySet) -> AgreementQuerySet:
    """Read what a line shows, too, in a constant number of queries."""
    return rows.select_related("organisation", "policy", "account_manager").prefetch_related(
        "covers__product"
    )


def _matching(asked: dict[str, str], at: datetime) -> AgreementQuerySet:
    rows = Agreement.objects.all()
    show = asked.get("show", "")
    if show in {"30", "90"}:
        rows = rows.ending_within(int(show), at)
    elif show in {"valid", "ended"}:
        rows = rows.standing(show, at)
    elif show != "any":
        rows = rows.exclude(valid_until__lte=at)
    for name in KEYS:
        if name in asked:
            rows = rows.filter(**{name: key_in(asked[name])})
    return loaded(rows)


def _page(
    rows: AgreementQuerySet, after: str, asked: dict[str, str]
) -> tuple[list[Agreement], str]:
    """Give one page and the mark after which the next one goes on; what has ended comes last."""
    is_past = asked.get("show") == "ended"
    ends: Any = F("ends").desc() if is_past else F("ends").asc()
    ordered = rows.annotate(ends=Coalesce("valid_until", Value(NEVER)))
    if mark := _mark(after):
        way = "lt" if is_past else "gt"
        end, pk = mark
        ordered = ordered.filter(Q(**{f"ends__{way}": end}) | Q(ends=end, pk__gt=pk))
    found: Any = list(ordered.order_by(ends, "pk")[: ROWS + 1])
    if len(found) <= ROWS:
        return found, ""
    last = found[ROWS - 1]
    return found[:ROWS], f"{last.pk}|{last.ends.isoformat()}"


def _mark(after: str) -> tuple[datetime, int] | None:
    text, _bar, moment = after.partition("|")
    try:
        end = datetime.fromisoformat(moment)
    except ValueError:
        return None
    pk = key_in(text)
    return (end, pk) if pk and end.tzinfo else None
