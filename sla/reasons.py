"""Why a policy was chosen, and why those before it were not, in sentences (docs/sla.md T7)."""

from collections.abc import Iterator
from datetime import date, datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sla import terms
from sla.agreement_days import DeskDays
from sla.models import Choice, CoverState
from sla.stopwatch import Clock
from tickets.models import Category, Priority, Ticket

NAMES = {
    "agreement": gettext_lazy("agreement"),
    "organisation": gettext_lazy("organisation"),
    "product": gettext_lazy("product"),
    "category": gettext_lazy("category"),
    "priority": gettext_lazy("priority"),
    "team": gettext_lazy("team"),
    "tag": gettext_lazy("tag"),
    "source": gettext_lazy("source"),
    "emergency": gettext_lazy("emergency"),
}


def sentences(clock: Clock, choice: Choice) -> Iterator[str]:
    """Say why this policy holds and which of its rows gives the clock's target."""
    yield from _policies(choice)
    if cover := cover_sentence(choice):
        yield cover
    if clock.is_manual:
        yield _("The due time was set by hand.")
        return
    why = choice.reasons
    priority = Priority(why["priority"]).label
    if clock.metric in why["own_row"]:
        yield _("Its target is that of the category %(category)s with priority %(priority)s.") % {
            "category": Category(why["category"]).label, "priority": priority,
        }  # fmt: skip
    else:
        yield _("Its target is that of any category with priority %(priority)s.") % {
            "priority": priority
        }


def cover_sentence(choice: Choice, ticket: Ticket | None = None) -> str:
    """Say why the agreement does not cover the ticket; empty when it does or there is none.

    With the ticket it names product and requester.
    """
    why = choice.reasons
    if choice.cover == CoverState.EXPIRED:
        last = DeskDays().last_before(datetime.fromisoformat(why["agreement_until"]))
        return _("Not covered: the agreement ended on %(day)s.") % {"day": _day(last)}
    if choice.cover == CoverState.AHEAD:
        first = timezone.localdate(datetime.fromisoformat(why["agreement_from"]), DeskDays().zone)
        return _("Not covered: the agreement begins on %(day)s.") % {"day": _day(first)}
    if choice.cover == CoverState.PRODUCT:
        return _product_sentence(ticket)
    if choice.cover == CoverState.CONTACT:
        if ticket is not None:
            return _("Not covered: %(person)s is not a named contact.") % {
                "person": ticket.requester.display_name
            }
        return _("Not covered: the requester is not a named contact of the agreement.")
    return ""


def _product_sentence(ticket: Ticket | None) -> str:
    if ticket is None:
        return _("Not covered: the agreement is not for this product.")
    if ticket.product is None:
        return _("Not covered: the agreement is for certain products, and no product is named.")
    return _("Not covered: %(product)s is not in the agreement.") % {
        "product": ticket.product.name
    }


def _policies(choice: Choice) -> Iterator[str]:
    policy = {"policy": terms.promise(choice.policy_version_id).policy}
    why = choice.reasons
    for passed in why["passed_over"]:
        failed = [str(NAMES[name]) for name in passed["failed"]]
        yield _("“%(policy)s” comes before it, but is for tickets of another %(conditions)s.") % {
            "policy": passed["policy"], "conditions": get_text_list(failed, _("and")),
        }  # fmt: skip
    if why["because"] == "agreement":
        yield _("The organisation's agreement promises “%(policy)s”.") % policy
    elif why["because"] == "match":
        met = [str(NAMES[name]) for name in NAMES if name in why["match"]]
        yield _("The policy “%(policy)s” is for tickets of this %(conditions)s.") % {
            **policy, "conditions": get_text_list(met, _("and")),
        }  # fmt: skip
    else:
        yield _("No agreement and no other policy matches, so the default policy holds.")


def _day(day: date) -> str:
    return date_format(day, _("j M Y"))
