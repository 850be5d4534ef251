"""A version of a policy as it reads: conditions, targets, steps and rules in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.models import Organisation, Team, User
from products.models import Product
from sla.happenings import METRICS, RESTART
from sla.models import Agreement, Calendar, PolicyVersion
from sla.models.policies import Metric
from tickets.models import Category, Priority, Status, Ticket
from web import words
from web.workspace.settings.policies.conditions import LABELS
from web.workspace.settings.policies.steps import TOLD
from web.workspace.settings.policies.targets import CATEGORIES, PRIORITIES, amount, category_word

Pair = tuple[str, str]
_CHOICES: Mapping[str, Any] = {
    "category": Category.choices,
    "priority": Priority.choices,
    "source": Ticket.Source.choices,
}


@dataclass(frozen=True)
class Table:
    """The targets of one metric: a row of any category, and those of single ones."""

    metric: str
    rows: list[tuple[str, list[str]]]


@dataclass(frozen=True)
class Shown:
    """What a version says."""

    conditions: list[Pair]
    tables: list[Table]
    steps: list[tuple[str, str, list[str]]]
    rules: list[Pair]


def show(version: PolicyVersion, actor: Actor) -> Shown:
    """Put a version into words; a private team is named to its members and admins only."""
    document = version.document
    return Shown(
        conditions=_conditions(document.get("match") or {}, actor),
        tables=list(filter(None, (_table(version, metric) for metric in METRICS))),
        steps=_steps(document.get("steps", {})),
        rules=_rules(document, version.calendar.name),
    )


def _conditions(match: Mapping[str, str], actor: Actor) -> list[Pair]:
    return [
        (str(LABELS[name]), ", ".join(_named(name, value.split(","), actor)))
        for name, value in match.items()
    ]


def _named(name: str, said: list[str], actor: Actor) -> list[str]:
    known: dict[str, str] = {"none": _("None"), "any": _("Any")}
    keys = [word for word in said if word not in known]
    if name == "team":
        seen = Team.objects.visible_to(actor).filter(pk__in=keys)
        known |= {str(row.pk): row.name for row in seen}
        return [known.get(word, _("a private team")) for word in said]
    if name == "organisation":
        found = Organisation.objects.filter(pk__in=keys)
        known |= {str(row.pk): row.name for row in found}
    elif name == "product":
        known |= dict(Product.objects.filter(key__in=keys).values_list("key", "name"))
    elif name == "agreement":
        bought = Agreement.objects.select_related("organisation", "policy").filter(pk__in=keys)
        known |= {str(row.pk): f"{row.organisation} · {row.policy}" for row in bought}
    elif name in _CHOICES:
        known |= {str(value): str(word) for value, word in _CHOICES[name]}
    elif name == "emergency":
        known |= {"true": _("Yes"), "false": _("No")}
    return [known.get(word, word) for word in said]


def _table(version: PolicyVersion, metric: str) -> Table | None:
    cells = {
        (row.category, row.priority): row.written or amount(row.seconds)
        for row in version.targets.all()
        if row.metric == metric
    }
    if not cells:
        return None
    return Table(str(Metric(metric).label), [
        (category_word(category), [cells.get((category, priority), "") for priority in PRIORITIES])
        for category in CATEGORIES
        if any((category, priority) in cells for priority in PRIORITIES)
    ])  # fmt: skip


def _steps(document: Mapping[str, Any]) -> list[tuple[str, str, list[str]]]:
    named = [(metric, step) for metric in METRICS for step in document.get(metric, ())]
    people = _people([step for _metric, step in named])
    return [
        (f"{Metric(metric).label}: {step['name']}", _when(step), _deeds(step, people))
        for metric, step in named
    ]


def _when(step: Mapping[str, Any]) -> str:
    if "percent" in step:
        return _("at %(percent)s %% of the target") % {"percent": step["percent"]}
    offset = step["offset"]
    time = {"time": words.hours(abs(offset))}
    if not offset:
        said = _("at the breach")
    else:
        said = (_("%(time)s before due") if offset < 0 else _("%(time)s after due")) % time
    return said + (" " + _("by the clock on the wall") if step.get("wall") else "")


def _deeds(step: Mapping[str, Any], people: Mapping[int, str]) -> list[str]:
    said = []
    for action in step.get("actions", ()):
        to = action.get("to")
        if action["do"] == "notify":
            who = [str(TOLD[one]) if one in TOLD else people.get(one, str(one)) for one in to]
            said.append(_("tell %(who)s") % {"who": ", ".join(who)})
        elif action["do"] == "raise_priority":
            said.append(_("raise the priority"))
        elif action["do"] == "assign":
            said.append(_("assign to %(who)s") % {"who": people.get(to, str(to))})
        else:
            said.append(_("add the tags %(tags)s") % {"tags": ", ".join(to)})
    return said or [_("tell the assignee, or the team")]


def _people(steps: list[Mapping[str, Any]]) -> dict[int, str]:
    wanted: set[int] = set()
    for step in steps:
        for action in step.get("actions", ()):
            to = action.get("to")
            wanted |= {one for one in (to if isinstance(to, list) else [to]) if type(one) is int}
    if not wanted:
        return {}
    return {user.pk: user.display_name for user in User.objects.filter(pk__in=wanted)}


def _rules(document: Mapping[str, Any], calendar: str) -> list[Pair]:
    said = [(_("Calendar"), calendar)]
    others = document.get("calendars") or {}
    named = dict(Calendar.objects.filter(pk__in=others.values()).values_list("pk", "name"))
    for metric, pk in others.items():
        said.append((f"{_('Calendar')}: {Metric(metric).label}", named.get(pk, "")))
    said += [
        (
            _("%(metric)s stands still") % {"metric": Metric(metric).label},
            ", ".join(str(Status(status).label) for status in statuses),
        )
        for metric, statuses in document["pause"].items()
        if statuses
    ]
    again = (
        _("a new clock starts with the whole target")
        if document.get("on_reopen") == RESTART
        else _("its clock goes on with what was left")
    )
    said.append((_("When a ticket is opened again"), again))
    for name, label in (
        ("reopen_minimum_percent", _("Left at least, after opening again (%)")),
        ("change_minimum_percent", _("Left at least, after a shorter target (%)")),
    ):
        if document.get(name):
            said.append((label, f"{document[name]} %"))
    return said
