"""What the queue's toolbar shows: filters in force, sortable headings, orders, and addresses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organisation
from products.models import Product
from sla.models import Agreement, CoverState, Policy
from tickets.filters import suggestions
from tickets.language import Term, Tree, leaves
from tickets.models import Category, Priority, Status
from web.workspace import views
from web.workspace.pages import key_in

HIDDEN = ("view", "sort", "cursor", "columns", "group")
NAMES: dict[str, str | Promise] = {
    "status": gettext_lazy("Status"),
    "category": gettext_lazy("Category"),
    "priority": gettext_lazy("Priority"),
    "assignee": gettext_lazy("Assignee"),
    "team": gettext_lazy("Team"),
    "product": gettext_lazy("Product"),
    "organisation": gettext_lazy("Organisation"),
    "requester": gettext_lazy("Requester"),
    "tag": gettext_lazy("Tag"),
    "q": gettext_lazy("Words"),
    "source": gettext_lazy("Source"),
    "emergency": gettext_lazy("Emergency"),
    "spam": gettext_lazy("Spam"),
    "merged": gettext_lazy("Merged"),
    "watched": gettext_lazy("Watched"),
    "waiting": gettext_lazy("Waiting on us"),
    "release": gettext_lazy("Release"),
    "outcome": gettext_lazy("Of the report"),
    "effort": gettext_lazy("Hours worked"),
    "worked": gettext_lazy("Worked"),
    "worked_by": gettext_lazy("Worked by"),
    "answered": gettext_lazy("First response"),
    "cover": gettext_lazy("Cover"),
    "agreement": gettext_lazy("Agreement"),
    "policy": gettext_lazy("Policy"),
    "overdue": gettext_lazy("Overdue"),
    "breached": gettext_lazy("SLA breached"),
    "paused": gettext_lazy("Paused"),
    "untriaged": gettext_lazy("Untriaged"),
    "snoozed": gettext_lazy("Snoozed"),
    "unread": gettext_lazy("Unread"),
    "metric": gettext_lazy("Deadline"),
    "due": gettext_lazy("Due"),
    "created": gettext_lazy("Created"),
    "updated": gettext_lazy("Updated"),
    "resolved": gettext_lazy("Resolved"),
    "closed": gettext_lazy("Closed"),
    "component": gettext_lazy("Component"),
    "affected": gettext_lazy("Affected release"),
    "fixed_in": gettext_lazy("Fixed in"),
    "number": gettext_lazy("Number"),
}
CHOICES = {
    "status": Status.choices, "category": Category.choices, "priority": Priority.choices,
    "cover": CoverState.choices,
}  # fmt: skip
ORDERS = (
    ("due_at", gettext_lazy("Due first")),
    ("waiting_since", gettext_lazy("Longest waiting")),
    ("snoozed_until", gettext_lazy("Back soonest")),
    ("-priority", gettext_lazy("Most urgent")),
    ("-updated_at", gettext_lazy("Last active")),
    ("-created_at", gettext_lazy("Newest")),
    ("created_at", gettext_lazy("Oldest")),
)
YES_NO = (
    "overdue", "breached", "paused", "untriaged", "snoozed", "unread", "emergency", "spam",
    "merged", "waiting",
)  # fmt: skip
PAST = ("created", "updated", "answered", "resolved", "closed", "worked")
COLUMNS = {
    "number": "-number",
    "priority": "-priority",
    "due_at": "due_at",
    "updated_at": "-updated_at",
}


@dataclass(frozen=True)
class Chip:
    """One filter in force, and the address without it."""

    word: str
    href: str


def address(asked: dict[str, str], **changes: str | None) -> str:
    """Give the address of the queue with these filters, changed; None takes one away."""
    kept = {**asked, **changes}
    given = {name: value for name, value in kept.items() if value}
    return f"{reverse('workspace:queue')}?{urlencode(given)}"


def headings(asked: dict[str, str], sort: str) -> dict[str, dict[str, str]]:
    """Say for each sortable column where its heading leads and how the list is sorted now."""
    found = {}
    for name, first in COLUMNS.items():
        is_here = sort.removeprefix("-") == name
        turned = first.removeprefix("-") if first.startswith("-") else f"-{first}"
        wanted = turned if is_here and sort == first else first
        direction = ("descending" if sort.startswith("-") else "ascending") if is_here else "none"
        found[name] = {"href": address(asked, sort=wanted, cursor=None), "direction": direction}
    return found


def said(name: str, values: Iterable[str], known: dict[str, dict[str, str]]) -> str:
    """Say one filter in words: “Status: New, Open”."""
    words = ", ".join(str(known.get(name, {}).get(each, each)) for each in values)
    return f"{NAMES.get(name, name)}: {words}"


def words_of(
    tree: Tree | None, rail: views.Rail, products: list[Product]
) -> dict[str, dict[str, Any]]:
    """Gather what the values of a filter are called."""
    return {**_words(rail, products), **_names(tree)}


def _words(rail: views.Rail, products: list[Product]) -> dict[str, dict[str, Any]]:
    people = {str(agent.pk): agent.display_name for agent in rail.agents}
    teams = {str(team.pk): team.name for team in rail.takers}
    return {
        "status": {**dict(Status.choices), "live": _("Not finished"), "any": _("Any")},
        "category": {**dict(Category.choices), "none": _("Not classed")},
        "priority": dict(Priority.choices),
        "assignee": {**people, "me": _("Me"), "none": _("Nobody")},
        "worked_by": {**people, "me": _("Me")},
        "effort": {
            **{f"agent:{key}": name for key, name in people.items()},
            **{f"category:{value}": label for value, label in Category.choices},
            "category:none": _("Not classed"),
            "billable:true": _("Billable"),
        },
        "team": {**teams, "none": _("No team")},
        "product": {product.key: product.name for product in products},
        "cover": {**dict(CoverState.choices), "out": _("Out of cover")},
        **{name: {"true": _("Yes"), "false": _("No")} for name in YES_NO},
        **{name: dict(suggestions.PAST) for name in PAST},
    }


def _names(tree: Tree | None) -> dict[str, dict[str, Any]]:
    """What those rows are called that only a filter names; asked for one by one."""
    rows = {
        "organisation": Organisation.objects.values_list("pk", "name"),
        "policy": Policy.objects.values_list("pk", "name"),
        "agreement": Agreement.objects.annotate(
            said=Concat("organisation__name", Value(", "), "policy__name")
        ).values_list("pk", "said"),
    }
    asked: dict[str, list[int]] = {}
    for leaf in leaves(tree) if tree is not None else ():
        if isinstance(leaf, Term) and leaf.name in rows:
            keys = (key_in(value) for value in leaf.values)
            asked.setdefault(leaf.name, []).extend(key for key in keys if key)
    return {
        name: {str(pk): said for pk, said in rows[name].filter(pk__in=keys)}
        for name, keys in asked.items()
        if keys
    }
