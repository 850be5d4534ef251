"""The three support plans of the sample desk, and who bought which."""

from datetime import datetime, timedelta

from accounts.actor import Actor
from accounts.models import Organisation, User
from products.models import Product
from sla.actions import save_agreement, save_calendar, save_policy
from sla.calendar_documents import ORGANISATION
from sla.models import Calendar, Policy

_WORKING_DAYS = ("mon", "tue", "wed", "thu", "fri")
_CALENDARS = {
    "Standard hours": {
        "timezone": ORGANISATION,
        "weekly": {day: [["09:00", "17:00"]] for day in _WORKING_DAYS},
        "hours_per_day": 8,
    },
    "Business hours": {
        "timezone": ORGANISATION,
        "weekly": {
            **{day: [["07:00", "20:00"]] for day in _WORKING_DAYS}, "sat": [["09:00", "15:00"]],
        },
        "hours_per_day": 13,
    },
    "Around the clock": {"timezone": "UTC", "always_open": True, "hours_per_day": 24},
}  # fmt: skip
# metric → hours for urgent, high, normal, low
_PLANS: dict[str, tuple[str, str, dict[str, tuple[str, str, str, str]]]] = {
    "Standard": (
        "Standard hours", "Answers on working days, nine to five in your time zone.",
        {"first_response": ("2h", "4h", "1d", "2d"), "next_response": ("2h", "4h", "1d", "2d"),
         "resolution": ("1d", "3d", "5d", "10d")},
    ),
    "Business": (
        "Business hours", "Longer hours, Saturdays included.",
        {"first_response": ("1h", "2h", "4h", "1d"), "next_response": ("1h", "2h", "4h", "1d"),
         "resolution": ("8h", "1d", "3d", "5d")},
    ),
    "Premium": (
        "Around the clock", "Every hour of every day.",
        {"first_response": ("15m", "1h", "4h", "8h"), "next_response": ("30m", "1h", "4h", "8h"),
         "update": ("2h", "8h", "1d", "2d"), "resolution": ("4h", "12h", "2d", "5d")},
    ),
}  # fmt: skip
# One ends soon, and one is for a single product, so that another one's tickets are out of cover.
_BOUGHT: dict[str, tuple[str, str, timedelta | None, str, int | None]] = {
    "acme.example": ("Standard", "mia@desk.example", timedelta(days=20), "", 8),
    "borealis.example": ("Business", "tom@desk.example", None, "", None),
    "harbour.example": ("Premium", "tom@desk.example", timedelta(days=200), "ledger", 4),
}


def make(actor: Actor, at: datetime, now: datetime) -> None:
    """Make the plans and the agreements, valid from `at` on; one ends soon after `now`."""
    for name, document in _CALENDARS.items():
        save_calendar(None, actor=actor, at=at, name=name, document=document)
    for position, (name, (calendar, description, targets)) in enumerate(_PLANS.items()):
        save_policy(
            None, actor=actor, at=at, name=name, calendar=Calendar.objects.get(name=calendar),
            targets={metric: {"": _by_priority(row)} for metric, row in targets.items()},
            description=description, position=position, is_plan=True,
        )  # fmt: skip
    for domain, (plan, manager, left, product, hours) in _BOUGHT.items():
        save_agreement(
            None, actor=actor, at=at, valid_from=at, valid_until=now + left if left else None,
            products=Product.objects.filter(key=product),
            organisation=Organisation.objects.get(domains__domain=domain),
            policy=Policy.objects.get(name=plan),
            account_manager=User.objects.get(email=manager), hours_a_month=hours,
        )  # fmt: skip


def _by_priority(row: tuple[str, str, str, str]) -> dict[str, str]:
    return dict(zip(("urgent", "high", "normal", "low"), row, strict=True))
