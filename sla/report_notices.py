"""Which organisations' months are to be told to their account managers: each month once."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from sla.agreement_days import DeskDays
from sla.attainment import Period
from sla.models import Agreement, ReportNotice

TOLD_UNTIL = 7  # the last day of a month on which the month before is still told


def notice_months(at: datetime) -> Iterator[tuple[ReportNotice, list[User]]]:
    """Write down last month for each organisation with an agreement in it that was not told yet.

    Gives its account managers, too. Two at once give each month once, and who was away some days
    makes up for it. To be called in a transaction, in which it is told.
    """
    zone = DeskDays().zone
    today = timezone.localdate(at, zone)
    if today.day > TOLD_UNTIL:
        return
    month = Period.month(today.replace(day=1) - timedelta(days=1), zone)
    for organisation, managers in _untold(month).items():
        notice, is_new = ReportNotice.objects.get_or_create(
            organisation_id=organisation, month=month.first, defaults={"created_at": at}
        )
        if is_new:
            yield notice, managers


def is_for(notice: ReportNotice, manager: User) -> bool:
    """Whether the person is account manager of an agreement of that month, or of a later one."""
    month = Period.month(notice.month, DeskDays().zone)
    agreements = Agreement.objects.filter(
        organisation=notice.organisation_id, account_manager=manager
    )
    return agreements.exclude(valid_until__lte=month.start).exists()


def _untold(month: Period) -> dict[int, list[User]]:
    told = ReportNotice.objects.filter(month=month.first).values("organisation")
    agreements = (
        Agreement.objects.valid_between(month.start, month.end)
        .filter(account_manager__is_active=True, account_manager__role__in=User.STAFF)
        .exclude(organisation__in=told)
        .select_related("account_manager")
        .order_by("organisation", "account_manager", "pk")
    )
    found: dict[int, list[User]] = defaultdict(list)
    for agreement in agreements:
        manager = agreement.account_manager
        if manager is not None and manager not in found[agreement.organisation_id]:
            found[agreement.organisation_id].append(manager)
    return found
