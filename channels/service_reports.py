"""Telling account managers how their organisations were served last month."""

from datetime import datetime

from django.db import transaction

from channels import post
from channels.expiry import morning
from sla.report_notices import notice_months
from sla.service_report import month_of


@transaction.atomic
def tell(at: datetime) -> int:
    """Owe each account manager one mail for each organisation's month; gives how many.

    It leaves in the morning of the desk, once the month is over where the organisation is, too.
    """
    owed = 0
    for notice, managers in notice_months(at):
        over_at = month_of(notice.organisation, notice.month).end
        for manager in managers:
            post.queue_report(notice, manager, at=at, next_at=max(morning(at), over_at))
            owed += 1
    return owed
