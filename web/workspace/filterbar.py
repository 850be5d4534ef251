"""The queue's filter bar: the address and the typed form as one text, in chips and in a menu."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.actor import Actor
from tickets import filters, language
from tickets.errors import BadFilter
from tickets.filters.completion import complete
from tickets.language import Not, Term, Tree, Words
from web.policies import policy
from web.workspace.pages import key_in, page, who
from web.workspace.toolbar import HIDDEN, Chip, address, said

PICKED = (
    "status", "category", "priority", "assignee", "team", "product", "cover", "tag", "requester",
)  # fmt: skip
BY_KEY = {"assignee", "team"}


@dataclass(frozen=True)
class Bar:
    """What stands in the bar; `tree` is None where it cannot be read, and `refusal` says why."""

    text: str
    tree: Tree | None
    refusal: str = ""

    def asks(self, name: str) -> bool:
        """Whether the filter says anything about this name."""
        return self.tree is not None and name in language.names(self.tree)

    def condition(self, actor: Actor, at: datetime) -> Q:
        """Give what the list must hold.

        :raises BadFilter: it cannot be read, or names nothing.
        """
        if self.tree is None:
            raise BadFilter(self.refusal, pointer="filter")
        return filters.of_tree(self.tree, actor=actor, at=at)

    def together_with(self, typed: str) -> str:
        """Give, as typed, what holds when another filter holds as well."""
        if self.tree is None:
            return self.text
        return language.printed(language.both(language.parse(typed), self.tree))

    @property
    def picked(self) -> dict[str, str]:
        """Give what the menu's lists are set to."""
        return {part.name: part.values[0] for part in self._picked()}

    @property
    def rest(self) -> str:
        """Give, as typed, what the menu does not offer."""
        if self.tree is None:
            return self.text
        picked = self._picked()
        left = [part for part in self._parts() if not any(part is each for each in picked)]
        return language.printed(language.both(*left))

    def chips(self, asked: dict[str, str], known: dict[str, dict[str, str]]) -> list[Chip]:
        """Say each part in words, with the address without it."""
        parts = self._parts()
        kept = {name: value for name, value in asked.items() if name in HIDDEN}
        return [
            Chip(
                _in_words(part, known),
                address(
                    kept, cursor=None,
                    filter=language.printed(language.both(*parts[:place], *parts[place + 1 :])),
                ),
            )
            for place, part in enumerate(parts)
        ]  # fmt: skip

    def _picked(self) -> list[Term]:
        """Keep the parts that the menu can show: one value of a list, once."""
        found: dict[str, Term] = {}
        for part in self._parts():
            if isinstance(part, Term) and part.name in PICKED and len(part.values) == 1:
                is_shown = part.name not in BY_KEY or _is_choice(part.values[0])
                if is_shown and part.name not in found:
                    found[part.name] = part
        return list(found.values())

    def _parts(self) -> tuple[Tree, ...]:
        return language.top(self.tree) if self.tree is not None else ()


def bar_of(asked: dict[str, str]) -> Bar:
    """Read an address: each of its parameters is a part of the filter."""
    terms = [
        Term(name, tuple(value.split(",")))
        for name, value in asked.items()
        if name not in HIDDEN and name != "filter"
    ]
    typed = asked.get("filter", "")
    try:
        tree = language.both(*terms, filters.read(typed))
    except BadFilter as refusal:
        text = " ".join([language.printed(language.both(*terms)), typed]).strip()
        return Bar(text, None, str(refusal))
    return Bar(language.printed(tree), tree)


@require_safe
@policy("agent")
def suggest(request: HttpRequest) -> HttpResponse:
    """Offer what may stand at the caret: `begin`, and `offers` with text and words."""
    actor, _at = who(request)
    text = request.GET.get("text", "")[: language.MOST_CHARACTERS]
    caret = request.GET.get("caret", "")
    place = int(caret) if caret.isdecimal() and len(caret) < 5 else len(text)
    found = complete(text, place, actor)
    offers = [{"text": offer.text, "words": offer.words} for offer in found.offers]
    return JsonResponse({"begin": found.begin, "offers": offers})


@require_safe
@policy("agent")
def names(request: HttpRequest) -> HttpResponse:
    """List every name with an example, as a page or, for the bar, as its table alone."""
    actor, _at = who(request)
    fragment = bool(request.headers.get("HX-Request"))
    context: dict[str, Any] = {"names": list(filters.names_of(actor).values())}
    if fragment:
        context["rail"] = None
    template = "workspace/queue/_names.html" if fragment else "workspace/queue/names.html"
    return page(request, template, context)


def _is_choice(value: str) -> bool:
    return value in {"me", "none"} or key_in(value) is not None


def _in_words(part: Tree, known: dict[str, dict[str, str]]) -> str:
    if isinstance(part, Term):
        return said(part.name, part.values, known)
    if isinstance(part, Words):
        return said("q", (language.printed(part),), known)
    if isinstance(part, Not):
        return _("not %(filter)s") % {"filter": _in_words(part.part, known)}
    return language.printed(part)
