"""From names and values, as an address or a person gives them, to one database condition."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, reduce
from operator import and_, or_

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets import language, search
from tickets.errors import BadFilter
from tickets.filters.custom import about_field
from tickets.filters.values import Values, nearest
from tickets.language import Both, Either, Misread, Not, Term, Tree, Words

Parser = Callable[[Values, Actor, datetime], Q]
Suggest = Callable[[str, Actor], Iterable[tuple[str, str | Promise]]]
MOST_SEARCHES = 4
TYPED = "filter"
CUSTOM = "fields."


@dataclass(frozen=True)
class Condition:
    """How one filter reads its values; `agents_only` ones do not exist for customers.

    `example` and `help` explain it; `suggest` lists values that begin with some letters.
    """

    parse: Parser
    agents_only: bool = False
    example: str = ""
    help: str | Promise = ""
    suggest: Suggest | None = None


def conditions(given: Iterable[tuple[str, str]], *, actor: Actor, at: datetime) -> Q:
    """Turn (name, value) pairs of an address into one condition; all must hold.

    `filter` holds the typed form, all others a comma list of which one must hold.

    :raises BadFilter: a name is unknown to this actor, or a value makes no sense; `pointer`
        is the name.
    """
    together = Q()
    for name, value in given:
        if name == TYPED:
            together &= of_tree(read(value), actor=actor, at=at)
            continue
        try:
            if "\0" in value or len(value) > 1000:
                raise BadFilter(_("This value cannot be read."))
            together &= _asked(name, tuple(value.split(",")), actor, at)
        except BadFilter as refusal:
            refusal.pointer = name
            raise
    return together


def read(text: str) -> Tree:
    """Read the typed form.

    :raises BadFilter: it cannot be read; the sentence says which word, and where.
    """
    try:
        return language.parse(text)
    except Misread as wrong:
        raise _at(BadFilter(_MISREAD[wrong.why]), wrong.word, wrong.place) from wrong


def of_tree(tree: Tree, *, actor: Actor, at: datetime) -> Q:
    """Turn a typed filter into one condition.

    :raises BadFilter: `pointer` is `filter`; the sentence says which word, and where.
    """
    if sum(1 for _group in _word_groups(tree)) > MOST_SEARCHES:
        raise BadFilter(_("Search for words in at most four places of a filter."), pointer=TYPED)
    return _condition(tree, actor, at)


@cache
def known_filters() -> Mapping[str, Condition]:
    """Gather the filters that the apps named in settings define, once."""
    return {
        name: condition
        for path in settings.TICKET_FILTERS
        for name, condition in import_string(path).items()
    }


def names_of(actor: Actor) -> dict[str, Condition]:
    """Give the filters that exist for an actor, without custom fields."""
    sees_all = actor.is_agent or actor.is_admin
    return {
        name: each for name, each in known_filters().items() if sees_all or not each.agents_only
    }


def _condition(tree: Tree, actor: Actor, at: datetime) -> Q:
    if isinstance(tree, Term):
        return _term(tree, actor, at)
    if isinstance(tree, Words) or _is_of_words(tree):
        return _search(tree, actor)
    if isinstance(tree, Not):
        condition = _condition(tree.part, actor, at)
        return ~condition if condition else Q(pk__in=[])  # an empty condition holds always
    if isinstance(tree, Either):
        parts = [_condition(part, actor, at) for part in _gathered(tree)]
        return reduce(or_, parts) if all(parts) else Q()
    parts = [_condition(part, actor, at) for part in _gathered(tree)]
    return reduce(and_, parts, Q())


def _term(term: Term, actor: Actor, at: datetime) -> Q:
    try:
        if any("\0" in value or len(value) > 1000 for value in term.values):
            raise BadFilter(_("This value cannot be read."))
        return _asked(term.name, term.values, actor, at)
    except BadFilter as refusal:
        raise _at(refusal, language.printed(term), term.place) from refusal


def _asked(name: str, values: Values, actor: Actor, at: datetime) -> Q:
    if "\0" in name:
        raise BadFilter(_("This value cannot be read."))
    if name.startswith(CUSTOM):
        return about_field(name.removeprefix(CUSTOM), values, actor, at)
    known = names_of(actor)
    if name not in known:
        raise BadFilter(
            _("There is no filter “%(name)s”.") % {"name": name[:60]}, nearest=nearest(name, known)
        )
    return known[name].parse(values, actor, at)


def _search(tree: Tree, actor: Actor) -> Q:
    try:
        return search.matching(tree, actor=actor)
    except BadFilter as refusal:
        first = next(language.leaves(tree))
        raise _at(refusal, language.printed(tree), first.place) from refusal


def _is_of_words(tree: Tree) -> bool:
    leaves = list(language.leaves(tree))
    return bool(leaves) and all(isinstance(leaf, Words) for leaf in leaves)


def _gathered(tree: Both | Either) -> list[Tree]:
    """Bring the words of a group together, so that they are looked up once."""
    said = [part for part in tree.parts if _is_of_words(part)]
    if len(said) < 2:
        return list(tree.parts)
    others = [part for part in tree.parts if not _is_of_words(part)]
    return [*others, Both(tuple(said)) if isinstance(tree, Both) else Either(tuple(said))]


def _word_groups(tree: Tree) -> Iterator[Tree]:
    if _is_of_words(tree):
        yield tree
    elif isinstance(tree, Not):
        yield from _word_groups(tree.part)
    elif isinstance(tree, Both | Either):
        for part in _gathered(tree):
            yield from _word_groups(part)


def _at(refusal: BadFilter, word: str, place: int) -> BadFilter:
    """Say which word of the typed form is at fault, and what was probably meant."""
    sentence = _("“%(word)s” (character %(place)d): %(why)s") % {
        "word": word[:80], "place": place + 1, "why": refusal,
    }  # fmt: skip
    return BadFilter(sentence, pointer=TYPED, word=word, place=place)


_MISREAD = {
    "too_long": _("A filter has up to 2000 characters."),
    "too_many": _("A filter asks for up to 60 things."),
    "too_deep": _("Brackets and “not” go up to eight deep."),
    "open_quote": _("A closing quotation mark is missing."),
    "open_bracket": _("A closing bracket is missing."),
    "stray_bracket": _("This bracket closes nothing."),
    "no_value": _("A value is missing, as in status:open."),
    "run_on": _("Leave a space after the value."),
    "nothing": _("Something to look for is missing here."),
    "control": _("This character cannot be read."),
}
