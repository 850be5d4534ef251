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
from sla.service_report import make, month_of
from web.policies import policy
from web.workspace.pages import page, who
from web.workspace.settings.agreements import listing

MONTHS = 24  # that the list of months offers
FIRST_YEAR = 1970


@dataclass(frozen=True)
class Month:
    """A month to go to."""

    first: date
    href: str


@require_safe
@policy("agent")
def latest(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead to the last month that is over, or to the one that the list was set to."""
    _actor, at = who(request)
    organisation = _organisation(pk)
    month = request.GET.get("month", "")
    if not month:
        last = month_of(organisation, _today(organisation, at)).first - timedelta(days=1)
        month = f"{last:%Y-%m}"
    return redirect("workspace:service_report", pk, _read(month, at).strftime("%Y-%m"))


@require_safe
@policy("agent")
def report(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """Show the report of a month; times are those of the organisation's zone."""
    actor, at = who(request)
    organisation = _organisation(pk)
    period = month_of(organisation, _read(month, at))
    this_month = month_of(organisation, _today(organisation, at))
    if period.first > this_month.first:
        raise NotFound
    made = make(organisation, period, actor)
    context: dict[str, Any] = {
        "report": made,
        "lines": listing.lines(made.agreements, at),
        "zone": period.zone.key,
        "at": at,
        "is_over": period.end <= at,
        "month": period.first,
        "previous": _month(pk, period.first - timedelta(days=1)),
        "following": _month(pk, period.last + timedelta(days=1))
        if period.first < this_month.first else None,
        "months": _months(pk, period, this_month),
        "here": "organisations",
    }  # fmt: skip
    with timezone.override(period.zone):
        return page(request, "workspace/reports/service.html", context)


def _organisation(pk: int) -> Organisation:
    found = Organisation.objects.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


def _read(month: str, at: datetime) -> date:
    """Read a month such as 2026-10.

    :raises NotFound: there is no such month, or it lies ahead.
    """
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise NotFound
    year, number = int(month[:4]), int(month[5:])
    if not FIRST_YEAR <= year <= at.year + 1:
        raise NotFound
    return date(year, number, 1)


def _today(organisation: Organisation, at: datetime) -> date:
    return timezone.localdate(at, month_of(organisation, at.date()).zone)


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
