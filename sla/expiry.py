"""Which agreements are about to end, and what was told of it: each notice once, never stale."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef

from sla.models import Agreement, ExpiryNotice

TOLD = (7, 30)  # days before the end, the nearest first


def is_news(notice: ExpiryNotice, at: datetime) -> bool:
    """Whether it is still so that this agreement ends then, with nothing after it."""
    still = Agreement.objects.filter(pk=notice.agreement_id, valid_until=notice.valid_until)
    return still.filter(valid_until__gt=at).unfollowed().exists()


def notice_ends(at: datetime) -> Iterator[ExpiryNotice]:
    """Write down each end that is near and not told yet, and give it; two at once give it once.

    Who was away tells only the nearest. To be called in a transaction, in which it is told.
    """
    for nearer, days in zip((0, *TOLD), TOLD, strict=False):
        for agreement in _untold(nearer, days, at):
            key: dict[str, Any] = {
                "agreement": agreement, "valid_until": agreement.valid_until, "days": days,
            }  # fmt: skip
            notice, is_new = ExpiryNotice.objects.get_or_create(**key, defaults={"created_at": at})
            if is_new:
                yield notice


def _untold(nearer: int, days: int, at: datetime) -> list[Agreement]:
    told = ExpiryNotice.objects.filter(
        agreement=OuterRef("pk"), valid_until=OuterRef("valid_until"), days=days
    )
    return list(
        Agreement.objects.ending_within(days, at)
        .filter(~Exists(told), valid_until__gt=at + timedelta(days=nearer))
        .filter(account_manager__is_active=True)
        .order_by("valid_until", "pk")
    )
