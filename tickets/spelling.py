"""“Did you mean”: a query whose mistyped words are put right by the words of the tickets."""

import re
from collections.abc import Callable, Collection, Iterator

from django.db.models import Q

from tickets import language, vocabulary
from tickets.language import Both, Either, Tree, Words
from tickets.models.tickets import TicketQuerySet
from tickets.queries import words_in
from tickets.vocabulary import LETTERS

ENOUGH = 3  # hits with which nobody asks what was meant
TRIES = 3
OFTEN = 20  # times as often as a word that somebody mistyped before must the right one stand
SHORT = 6  # letters; of a shorter word only one may be wrong


def meant(tree: Tree, tickets: TicketQuerySet, condition: Callable[[str], Q]) -> str:
    """Give the query that was probably meant, or nothing.

    The words come from everybody's tickets. So a query is only given that finds some of
    `tickets`, which are those that its reader may see, by the condition for that reader; and each
    word that was put right must find some by itself, for it may stand beside an “or”.
    """
    for corrected, words in _corrected(tree):
        text = language.printed(corrected)
        if all(tickets.filter(condition(each)).exists() for each in (text, *(words - {text}))):
            return text
    return ""


def distance(one: str, other: str) -> int:
    """Count the letters to add, leave out, change or swap with the next, from one to the other."""
    before, row = [], list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            row.append(min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted)))
            if i > 1 and j > 1 and one[i - 2 : i] == other[j - 2 : j][::-1]:
                row[j] = min(row[j], above[j - 2] + 1)
    return row[-1]


def _corrected(tree: Tree) -> Iterator[tuple[Tree, set[str]]]:
    """Correct what must occur, the likeliest first; each with the words that were put right."""
    typed = {word for leaf in _said(tree) for word in words_in(leaf.text) if _is_plain(word)}
    better = _better(typed) if typed else {}
    for place in range(min(TRIES, max(map(len, better.values()), default=0))):
        chosen = {word: each[min(place, len(each) - 1)] for word, each in better.items()}
        yield _reworded(tree, chosen), set(chosen.values())


def _better(typed: Collection[str]) -> dict[str, list[str]]:
    """Find the known words that are a slip away from unknown ones, the likeliest first."""
    near: dict[str, dict[str, int]] = {}
    for word, known, documents in vocabulary.near({word.lower() for word in typed}):
        counts = near.setdefault(word, {})
        counts[known] = max(documents, counts.get(known, 0))
    return {word: found for word in typed if (found := _ranked(word, near.get(word.lower(), {})))}


def _ranked(word: str, near: dict[str, int]) -> list[str]:
    small, allowed = word.lower(), 1 if len(word) < SHORT else 2
    before = near.get(small, 0)
    ranked = sorted(
        (apart, -documents, known)
        for known, documents in near.items()
        if documents > OFTEN * before and 0 < (apart := distance(small, known)) <= allowed
    )
    return [_as_typed(known, word) for _apart, _documents, known in ranked]


def _is_plain(word: str) -> bool:
    return word.isalpha() and len(word) in LETTERS


def _as_typed(known: str, word: str) -> str:
    return known.capitalize() if word[0].isupper() else known


def _said(tree: Tree) -> Iterator[Words]:
    """Walk over the words that must occur, without those that must not."""
    if isinstance(tree, Words):
        yield tree
    elif isinstance(tree, Both | Either):
        for part in tree.parts:
            yield from _said(part)


def _reworded(tree: Tree, chosen: dict[str, str]) -> Tree:
    if isinstance(tree, Words):
        text = re.sub(r"\w+", lambda word: chosen.get(word[0], word[0]), tree.text)
        return Words(text, tree.is_phrase)
    if isinstance(tree, Both | Either):
        return type(tree)(tuple(_reworded(part, chosen) for part in tree.parts))
    return tree
