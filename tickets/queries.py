"""From words as they are typed to PostgreSQL's query, in all languages of search."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.utils.translation import gettext_lazy as _

from tickets.errors import BadFilter
from tickets.inflections import LANGUAGES, MARK, marked
from tickets.language import Both, Either, Not, Tree, Words, both, leaves

MOST_WORDS = 20


class Written(SearchQuery):
    """A query in PostgreSQL's own form, as `text` of an `Asked` has it."""

    template = "%(expressions)s::tsquery"


@dataclass(frozen=True)
class Forms:
    """How documents may have a word: as it is typed, only begun, and as stems.

    A small word, such as “the”, is one that a language of search leaves out.
    """

    whole: str
    begun: str
    stems: tuple[str, ...]
    is_small: bool


@dataclass(frozen=True)
class Asked:
    """A query, and how many forms of a word it asks for at most."""

    text: str
    most_forms: int


def read(text: str) -> Tree:
    """Read words, "phrases" and -words; brackets and names mean nothing here."""
    found = re.findall(r'(-?)(?:"([^"]*)"?|([^\s"]+))', text.replace("\0", " "))
    leaves = [
        (minus, Words(phrase, is_phrase=True) if phrase else Words(word))
        for minus, phrase, word in found
        if words_in(phrase or word)
    ]
    return both(*(Not(leaf) if minus else leaf for minus, leaf in leaves))


def asked(tree: Tree) -> Asked:
    """Write the words of a tree as a query that finds inflected ones, too.

    :raises BadFilter: no word, or more than 20.
    """
    said = _said(tree)
    forms = _forms(said)
    most = max(1 + len(each.stems) for each in forms.values())
    return Asked(_written(tree, forms, said[-1]), most)


def as_read_in(numbers: Iterable[int], tree: Tree, *, is_internal: bool) -> str:
    """Write the words of a tree as they stand in these tickets, inflected, without any stem."""
    said = _said(tree)
    forms = _forms(said)
    stems = sorted({stem for each in forms.values() for stem in each.stems})
    inflected: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            _INFLECTED,
            {"numbers": list(numbers), "is_internal": is_internal, "stems": stems},
        )
        for stem, word in cursor.fetchall():
            inflected.setdefault(stem, []).append(_quoted(word))
    shown = {
        text: replace(each, stems=tuple(w for stem in each.stems for w in inflected.get(stem, ())))
        for text, each in forms.items()
    }
    return _written(tree, shown, said[-1])


def words_in(text: str) -> list[str]:
    """Give the words of a typed text, without what stands around them."""
    found = (word.strip(".+-") for word in re.findall(r"[\w@.+-]+", text))
    return [word for word in found if word]


def _said(tree: Tree) -> list[Words]:
    said = [leaf for leaf in leaves(tree) if isinstance(leaf, Words)]
    count = sum(len(words_in(leaf.text)) for leaf in said)
    if not 0 < count <= MOST_WORDS or not all(words_in(leaf.text) for leaf in said):
        raise BadFilter(_("Search for one to twenty words."), pointer="q")
    return said


def _forms(said: Iterable[Words]) -> dict[str, Forms]:
    """Look the forms of all words up at once; a phrase is looked up like a word."""
    texts = sorted({text for leaf in said for text in _texts(leaf)})
    with connection.cursor() as cursor:
        cursor.execute(_FORMS, [texts, [_quoted(text) for text in texts]])
        return {
            text: Forms(whole, begun, tuple(s for s in stems if s.strip()), "" in stems)
            for text, whole, begun, stems in cursor.fetchall()
        }


_FORMS = f"""
SELECT text, to_tsquery('simple', quoted)::text, to_tsquery('simple', quoted || ':*')::text,
  ARRAY(SELECT DISTINCT ltrim({marked("to_tsquery(language, quoted)::text")})
        FROM {LANGUAGES} AS chosen)
FROM unnest(%s::text[], %s::text[]) AS asked (text, quoted)
"""  # noqa: S608 - parts of our own
_INFLECTED = f"""
SELECT DISTINCT stem, lexeme
FROM tickets_searchdocument AS document
CROSS JOIN LATERAL unnest(document.words) AS word (lexeme, positions, weights)
CROSS JOIN {LANGUAGES} AS chosen
CROSS JOIN LATERAL (SELECT to_tsvector(language, lexeme) AS stems OFFSET 0) AS own
JOIN unnest(%(stems)s::text[]) AS stem ON own.stems @@ replace(stem, '{MARK}', '')::tsquery
WHERE document.ticket_id = ANY(%(numbers)s) AND document.is_internal = %(is_internal)s
  AND lexeme !~ '[{MARK}0-9@/.]'
"""  # noqa: S608


def _texts(leaf: Words) -> list[str]:
    words = words_in(leaf.text)
    return [" ".join(words)] if leaf.is_phrase else words


def _written(tree: Tree, forms: Mapping[str, Forms], last: Words) -> str:
    """Write a tree, or nothing where no word of it is one to PostgreSQL."""
    if isinstance(tree, Words):
        return _leaf(tree, forms, is_last=tree is last)
    if isinstance(tree, Not):
        part = _written(tree.part, forms, last)
        return f"!({part})" if part else ""
    if isinstance(tree, Both | Either):
        parts = _needed(tree, forms, last) if isinstance(tree, Both) else tree.parts
        joint = " & " if isinstance(tree, Both) else " | "
        return joint.join(f"({text})" for part in parts if (text := _written(part, forms, last)))
    raise TypeError(tree)


def _needed(tree: Both, forms: Mapping[str, Forms], last: Words) -> Iterable[Tree]:
    """Leave small words out where anything else must occur."""
    needed = [part for part in tree.parts if part is last or not _is_small(part, forms)]
    return needed if any(not isinstance(part, Not) for part in needed) else tree.parts


def _is_small(tree: Tree, forms: Mapping[str, Forms]) -> bool:
    if not isinstance(tree, Words) or tree.is_phrase:
        return False
    return all(forms[text].is_small for text in _texts(tree))


def _leaf(leaf: Words, forms: Mapping[str, Forms], *, is_last: bool) -> str:
    *whole, end = [forms[text] for text in _texts(leaf)]
    if leaf.is_phrase:
        return end.whole
    parts = [_any_form(each.whole, each.stems) for each in whole]
    parts.append(_any_form(end.begun if is_last else end.whole, end.stems))
    return " & ".join(f"({part})" for part in parts if part)


def _any_form(typed: str, others: Iterable[str]) -> str:
    return " | ".join(f"({form})" for form in dict.fromkeys([typed, *others]) if form)


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"
