"""Making calendars, policies and agreements for tests, through the same actions as everybody."""

from accounts.actor import Actor
from sla import actions
from sla.models import Calendar, Policy
from tests.factories import MONDAY

ALWAYS = {"timezone": "UTC", "weekly": {}, "always_open": True, "hours_per_day": 24}
WEEKDAYS = {
    "timezone": "organisation",
    "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "hours_per_day": 8,
}
EVERY_PRIORITY = ("low", "normal", "high", "urgent")
SYSTEM = Actor.system()


def save_calendar(calendar=None, document=ALWAYS, at=MONDAY, **more):
    name = calendar.name if calendar else f"Calendar {Calendar.objects.count()}"
    version = actions.save_calendar(
        calendar, actor=SYSTEM, at=at, name=name, document=document, **more
    )
    return version.calendar


def amounts(amount):
    return {"": dict.fromkeys(EVERY_PRIORITY, amount)}


def save_policy(policy=None, at=MONDAY, calendar=None, targets=None, document=None, **more):
    """A policy on a 24/7 calendar: 1 h, 2 h, 8 h, 4 h; a plan, unless it matches something."""
    more.setdefault("is_plan", not (document or {}).get("match"))
    targets = targets or {
        "first_response": amounts("1h"),
        "next_response": amounts("2h"),
        "update": amounts("8h"),
        "resolution": amounts("4h"),
    }
    version = actions.save_policy(
        policy,
        actor=SYSTEM,
        at=at,
        name=policy.name if policy else f"Policy {Policy.objects.count()}",
        calendar=calendar or save_calendar(),
        targets=targets,
        document=document,
        **more,
    )
    return version.policy


def make_default(policy):
    """Promise every ticket this policy."""
    Policy.objects.filter(is_default=True).update(is_default=False)
    Policy.objects.filter(pk=policy.pk).update(is_default=True)
    return policy


def agree(organisation, policy, at=MONDAY, **more):
    return actions.save_agreement(
        None, actor=SYSTEM, at=at, organisation=organisation, policy=policy,
        valid_from=more.pop("valid_from", at), **more,
    )  # fmt: skip
