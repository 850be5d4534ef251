"""Placeholders in the text of macros: a fixed table of names and nothing else.

There are no conditions and no attributes to walk. A value goes in once, as words: it is never
looked at for placeholders again, and nothing in it is read as Markdown or HTML.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.errors import Invalid
from accounts.models import DeskSettings
from accounts.names import one_line
from sla.answers import answer_due
from tickets.models import Category, Priority, Ticket

GAP = "…"  # stands where a value is missing
_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_MARKS = re.compile(  # at the start of a line also headings, lists and rules
    r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])|&(?=[#\w])|\A[#+=-]|\A\d+(?=[.)](?: |\Z))"
)


@dataclass(frozen=True)
class Scene:
    """What placeholders speak of: a ticket, who acts, and when."""

    ticket: Ticket
    actor: Actor
    at: datetime


@dataclass(frozen=True)
class Placeholder:
    """One name that a text may have between braces; its value is empty where there is none."""

    about: str | Promise
    value: Callable[[Scene], str]


@dataclass(frozen=True)
class Filled:
    """A text with its values, and the names that had none."""

    text: str
    missing: list[str]


def check(text: str, pointer: str = "body") -> None:
    """Refuse placeholders that are not in the table.

    :raises Invalid: with the names, and those that may have been meant.
    """
    unknown = [name for name in _names_in(text) if name not in TABLE]
    if unknown:
        near = [match for name in unknown for match in get_close_matches(name, TABLE, n=1)]
        sentence = _("There is no placeholder %(unknown)s.")
        if near:
            sentence = _("There is no placeholder %(unknown)s. Did you mean %(near)s?")
        words = {"unknown": _in_braces(unknown), "near": _in_braces(near)}
        raise Invalid(sentence % words, pointer=pointer)


def fill(text: str, scene: Scene) -> Filled:
    """Put each placeholder's value in its place; a missing one leaves a gap."""
    missing: list[str] = []

    def value_of(place: re.Match[str]) -> str:
        name = place[1].strip()
        known = TABLE.get(name)
        words = one_line(known.value(scene)) if known else ""
        if not words and name not in missing:
            missing.append(name)
        return literal(words) if words else GAP

    return Filled(_PLACE.sub(value_of, text), missing)


def literal(words: str) -> str:
    """Escape what Markdown would read as marks, so that the words stand as they are."""
    return _MARKS.sub(lambda mark: f"{mark[0]}\\" if mark[0].isdigit() else f"\\{mark[0]}", words)


def _names_in(text: str) -> list[str]:
    return list(dict.fromkeys(place.strip() for place in _PLACE.findall(text)))


def _in_braces(names: list[str]) -> str:
    return ", ".join(f"{{{{ {one_line(name)[:60]} }}}}" for name in dict.fromkeys(names))


def _answer_due(scene: Scene) -> str:
    due_at = answer_due(scene.ticket)
    if due_at is None:
        return ""
    zone = scene.ticket.requester.zone(DeskSettings.current().time_zone)
    local = timezone.localtime(due_at, zone)
    return f"{date_format(local, _('D j M'))}, {date_format(local, _('H:i'))} ({local:%Z})"


TABLE: Mapping[str, Placeholder] = {
    "requester.name": Placeholder(
        gettext_lazy("Who asked"), lambda scene: scene.ticket.requester.name
    ),
    "requester.email": Placeholder(
        gettext_lazy("Their address"), lambda scene: scene.ticket.requester.email
    ),
    "organisation.name": Placeholder(
        gettext_lazy("Their organisation"),
        lambda scene: scene.ticket.organisation.name if scene.ticket.organisation else "",
    ),
    "ticket.number": Placeholder(
        gettext_lazy("The number of the ticket"), lambda scene: str(scene.ticket.number)
    ),
    "ticket.subject": Placeholder(gettext_lazy("Its subject"), lambda scene: scene.ticket.subject),
    "ticket.category": Placeholder(
        gettext_lazy("Its category"),
        lambda scene: str(Category(scene.ticket.category).label) if scene.ticket.category else "",
    ),
    "ticket.priority": Placeholder(
        gettext_lazy("Its priority"), lambda scene: str(Priority(scene.ticket.priority).label)
    ),
    "product.name": Placeholder(
        gettext_lazy("The product"),
        lambda scene: scene.ticket.product.name if scene.ticket.product else "",
    ),
    "release.affected": Placeholder(
        gettext_lazy("The release in which it was seen"),
        lambda scene: str(scene.ticket.affected_release or ""),
    ),
    "release.fixed": Placeholder(
        gettext_lazy("The release with the fix"),
        lambda scene: str(scene.ticket.fixed_in or ""),
    ),
    "sla.next_due": Placeholder(
        gettext_lazy("By when the next answer is promised, in their time"), _answer_due
    ),
    "agent.name": Placeholder(gettext_lazy("Who writes"), lambda scene: scene.actor.name),
    "desk.name": Placeholder(
        gettext_lazy("Your company"), lambda scene: DeskSettings.current().company
    ),
}
