"""The monthly service report of an organisation: a page to be printed or sent to the customer."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.errors import NotFound
from accounts.models import Organisation
from sla.attainment import Period
from sla.service_report import make, month_of, zone_of
from web.policies import policy
from web.workspace.pages import page, who
from web.workspace.settings.agreements import listing

MONTHS = 24  # that the list of months offers
FIRST = date(1970, 1, 1)


@dataclass(frozen=True)
class Month:
    """A month to go to."""

    first: date
    href: str


@require_safe
@policy("agent")
def latest(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the month that the list was set to, or else to the last one that is over.

    :raises NotFound: there is no such organisation.
    """
    _actor, at = who(request)
    organisation = _organisation(pk)
    newest = _newest(organisation, at)
    chosen = _read(request.GET.get("month", ""), newest) or newest.first - timedelta(days=1)
    return redirect("workspace:service_report", pk, f"{chosen:%Y-%m}")


@require_safe
@policy("agent")
def report(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """Show the report of a month; times are those of the organisation's zone.

    :raises NotFound: there is no such organisation or month, or the month lies ahead.
    """
    actor, at = who(request)
    organisation = _organisation(pk)
    newest = _newest(organisation, at)
    first = _read(month, newest)
    if first is None:
        raise NotFound
    period = month_of(organisation, first)
    made = make(organisation, period, actor)
    context: dict[str, Any] = {
        "report": made,
        "lines": [
            (line, made.hours.get(line.agreement.pk))
            for line in listing.lines(made.agreements, at)
        ],
        "zone": period.zone.key,
        "at": at,
        "is_over": period.end <= at,
        "month": period.first,
        "previous": _month(pk, first - timedelta(days=1)) if first > FIRST else None,
        "following": _month(pk, period.last + timedelta(days=1))
        if first < newest.first else None,
        "months": _months(pk, period, newest),
        "here": "organisations",
    }  # fmt: skip
    with timezone.override(period.zone):
        return page(request, "workspace/reports/service.html", context)


def _organisation(pk: int) -> Organisation:
    """Give the organisation.

    :raises NotFound: there is none with this key.
    """
    found = Organisation.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _read(month: str, newest: Period) -> date | None:
    """Read a month such as 2026-10; None when there is no such month, or it lies ahead."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month) or month < f"{FIRST:%Y-%m}":
        return None
    first = date(int(month[:4]), int(month[5:]), 1)
    return first if first <= newest.first else None


def _newest(organisation: Organisation, at: datetime) -> Period:
    """The month that is under way."""
    return month_of(organisation, timezone.localdate(at, zone_of(organisation)))


def _month(pk: int, day: date) -> Month:
    first = day.replace(day=1)
    return Month(first, reverse("workspace:service_report", args=[pk, f"{first:%Y-%m}"]))


def _months(pk: int, shown: Period, newest: Period) -> list[Month]:
    """Offer the last two years, the newest month first, and the one that is shown."""
    firsts, first = {shown.first}, newest.first
    for _ in range(MONTHS):
        firsts.add(first)
        first = (first - timedelta(days=1)).replace(day=1)
    return [_month(pk, each) for each in sorted(firsts, reverse=True)]
