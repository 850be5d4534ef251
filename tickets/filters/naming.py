"""Rows in a filter by their keys, as it is stored, or by their names, as people read it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from tickets.filters.fields import NAMED_ROWS, keys_of
from tickets.filters.values import is_key
from tickets.language import Both, Either, Not, Term, Tree

_Change = Callable[[Term, QuerySet[Any]], Term]


def settled(tree: Tree) -> Tree:
    """Put keys in the place of names, so that a row may be renamed.

    :raises BadFilter: nothing is called so.
    """
    return _each(tree, _with_keys)


def named(tree: Tree) -> Tree:
    """Put names in the place of keys where a name means the same one row."""
    return _each(tree, _with_names)


def _each(tree: Tree, change: _Change) -> Tree:
    if isinstance(tree, Term):
        rows = NAMED_ROWS.get(tree.name)
        return change(tree, rows()) if rows else tree
    if isinstance(tree, Not):
        return Not(_each(tree.part, change))
    if isinstance(tree, Both | Either):
        return replace(tree, parts=tuple(_each(part, change) for part in tree.parts))
    return tree


def _with_keys(term: Term, rows: QuerySet[Any]) -> Term:
    values: list[str] = []
    for value in term.values:
        is_word = is_key(value) or value in {"none", "me"}
        values += [value] if is_word else [str(key) for key in keys_of(rows, [value])]
    return replace(term, values=tuple(values))


def _with_names(term: Term, rows: QuerySet[Any]) -> Term:
    keys = [int(value) for value in term.values if is_key(value)]
    names = dict(rows.filter(pk__in=keys).values_list("pk", "name")) if keys else {}
    shared = rows.filter(name__in=names.values()).values_list("name", flat=True) if names else []
    counted = list(shared)
    return replace(
        term,
        values=tuple(
            name
            if is_key(value) and (name := names.get(int(value), "")) and _tells(name, counted)
            else value
            for value in term.values
        ),
    )


def _tells(name: str, counted: list[str]) -> bool:
    return counted.count(name) == 1 and not is_key(name) and name not in {"none", "me"}
