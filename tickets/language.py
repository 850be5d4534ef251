"""The typed form of a filter: text to a small tree and back; it knows neither names nor Django.

`status:open,pending -tag:spam (priority:urgent or created:<7d) "export fails"` (docs/api.md).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

MOST_CHARACTERS = 2_000
MOST_PARTS = 60
MOST_DEPTH = 8

_SPACE = re.compile(r"(?:\s|-(?=\s|$))*")
_NAME = re.compile(r"([^\W\d][\w.-]*)(:|(?=[<>]))")
_VALUE = re.compile(r'[^\s,()"]+')
_WORD = re.compile(r'[^\s()"]+')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)


@dataclass(frozen=True)
class Term:
    """A name with the values of which one must hold, each perhaps with `<`, `>` or `..`."""

    name: str
    values: tuple[str, ...]
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Words:
    """A word that the ticket must contain, or a phrase as it stands."""

    text: str
    is_phrase: bool = False
    place: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    part: "Tree"


@dataclass(frozen=True)
class Both:
    """What must hold together; without parts it holds always."""

    parts: tuple["Tree", ...] = ()


@dataclass(frozen=True)
class Either:
    """Of what one at least must hold."""

    parts: tuple["Tree", ...]


Tree = Term | Words | Not | Both | Either


class Misread(Exception):
    """The text cannot be read; `why` is a short code, `word` what stands at `place` (from 0)."""

    def __init__(self, why: str, word: str, place: int) -> None:
        self.why, self.word, self.place = why, word, place
        super().__init__(f"{why} at {place}: {word}")


def parse(text: str) -> Tree:
    """Read a filter; no text is the filter that holds always.

    :raises Misread: `too_long`, `too_many`, `too_deep`, `open_quote`, `open_bracket`,
        `stray_bracket`, `no_value`, `run_on`, `nothing` (a bracket, “or” or “not” without a
        part) or `control` (a character that no text has).
    """
    if len(text) > MOST_CHARACTERS:
        raise Misread("too_long", text[:20], MOST_CHARACTERS)
    if bad := re.search("[\x00\ud800-\udfff]", text):
        raise Misread("control", "", bad.start())
    if not _SPACE.sub("", text, count=1):
        return Both()
    reader = _Reader(text)
    tree = reader.either(0)
    if reader.at < len(text):
        raise Misread("stray_bracket", ")", reader.at)
    return tree


def both(*parts: Tree) -> Tree:
    """Join parts that must hold together, without a group inside a group."""
    flat = tuple(
        each for part in parts for each in (part.parts if isinstance(part, Both) else (part,))
    )
    return flat[0] if len(flat) == 1 else Both(flat)


def either(*parts: Tree) -> Tree:
    """Join parts of which one must hold, without a group inside a group."""
    flat = tuple(
        each for part in parts for each in (part.parts if isinstance(part, Either) else (part,))
    )
    return flat[0] if len(flat) == 1 else Either(flat)


def printed(tree: Tree) -> str:
    """Write a tree as it would be typed; reading that gives the same tree."""
    if isinstance(tree, Term):
        return f"{tree.name}:{','.join(written(value) for value in tree.values)}"
    if isinstance(tree, Words):
        return _quoted(tree.text) if tree.is_phrase else tree.text
    if isinstance(tree, Not):
        return f"-{_grouped(tree.part)}"
    if isinstance(tree, Both):
        return " ".join(_grouped(p) if isinstance(p, Either) else printed(p) for p in tree.parts)
    return " or ".join(printed(part) for part in tree.parts)


def written(value: str) -> str:
    """Write one value as it would be typed, in quotation marks where it needs them."""
    return value if _VALUE.fullmatch(value) else _quoted(value)


def top(tree: Tree) -> tuple[Tree, ...]:
    """Give the parts that must hold together at the outermost level."""
    return tree.parts if isinstance(tree, Both) else (tree,)


def leaves(tree: Tree) -> Iterator[Term | Words]:
    """Walk over everything a tree asks for, in its order."""
    if isinstance(tree, Term | Words):
        yield tree
    elif isinstance(tree, Not):
        yield from leaves(tree.part)
    else:
        for part in tree.parts:
            yield from leaves(part)


def names(tree: Tree) -> set[str]:
    """Give the names that a tree asks about, wherever they stand in it."""
    return {leaf.name for leaf in leaves(tree) if isinstance(leaf, Term)}


def plain(tree: Tree) -> list[Any]:
    """Give a tree as lists and strings, as it is stored."""
    if isinstance(tree, Term):
        return ["term", tree.name, *tree.values]
    if isinstance(tree, Words):
        return ["phrase" if tree.is_phrase else "word", tree.text]
    if isinstance(tree, Not):
        return ["not", plain(tree.part)]
    kind = "both" if isinstance(tree, Both) else "either"
    return [kind, *(plain(part) for part in tree.parts)]


def from_plain(stored: list[Any]) -> Tree:
    """Give the tree that `plain` stored."""
    kind, *rest = stored
    if kind == "term":
        return Term(rest[0], tuple(rest[1:]))
    if kind in {"word", "phrase"}:
        return Words(rest[0], is_phrase=kind == "phrase")
    if kind == "not":
        return Not(from_plain(rest[0]))
    parts = tuple(from_plain(part) for part in rest)
    return Both(parts) if kind == "both" else Either(parts)


def _grouped(tree: Tree) -> str:
    text = printed(tree)
    return f"({text})" if isinstance(tree, Both | Either) else text


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Reader:
    """Reads from left to right; `at` is the place of the next character."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.read = 0

    def either(self, depth: int) -> Tree:
        parts = [self.both(depth)]
        while self._takes("or"):
            parts.append(self.both(depth))
        return either(*parts)

    def both(self, depth: int) -> Tree:
        parts = [self.part(depth)]
        while not self._ends():
            self._takes("and")
            parts.append(self.part(depth))
        return both(*parts)

    def part(self, depth: int) -> Tree:
        if depth > MOST_DEPTH:
            raise Misread("too_deep", self._here(), self.at)
        if self._ends() or self._sees("and"):
            raise Misread("nothing", self._here(), self.at)
        if self.text[self.at] == "(":
            return self._group(depth)
        if self.text[self.at] == "-":
            self.at += 1
            return Not(self.part(depth + 1))
        if self._takes("not"):
            return Not(self.part(depth + 1))
        return self._leaf()

    def _group(self, depth: int) -> Tree:
        begun = self.at
        self.at += 1
        tree = self.either(depth + 1)
        if self.at == len(self.text):
            raise Misread("open_bracket", "(", begun)
        self.at += 1
        return tree

    def _leaf(self) -> Tree:
        begun = self.at
        self._count(1)
        if self.text[begun] == '"':
            return Words(self._quote(), is_phrase=True, place=begun)
        if name := _NAME.match(self.text, begun):
            self.at = name.end()
            head, dot, key = name[1].partition(".")
            return Term(head.lower() + dot + key, self._values(begun), begun)
        word = _WORD.match(self.text, begun)
        assert word is not None  # noqa: S101 - what else may stand here was asked before
        self.at = word.end()
        return Words(word[0], place=begun)

    def _values(self, begun: int) -> tuple[str, ...]:
        values = [self._one_value(begun)]
        while self.text[self.at : self.at + 1] == ",":
            self.at += 1
            values.append(self._one_value(begun))
        self._count(len(values) - 1)
        if self.at < len(self.text) and not re.match(r"[\s)]", self.text[self.at]):
            raise Misread("run_on", self.text[begun : self.at + 1], begun)
        return tuple(values)

    def _count(self, more: int) -> None:
        self.read += more
        if self.read > MOST_PARTS:
            raise Misread("too_many", self._here(), self.at)

    def _one_value(self, begun: int) -> str:
        if self.text[self.at : self.at + 1] == '"':
            value = self._quote()
        else:
            bare = _VALUE.match(self.text, self.at)
            value = bare[0] if bare else ""
            self.at += len(value)
        if not value:
            raise Misread("no_value", self.text[begun : self.at], begun)
        return value

    def _quote(self) -> str:
        quoted = _QUOTED.match(self.text, self.at)
        if quoted is None:
            raise Misread("open_quote", self.text[self.at : self.at + 20], self.at)
        self.at = quoted.end()
        return re.sub(r"\\(.)", r"\1", quoted[1], flags=re.DOTALL)

    def _ends(self) -> bool:
        self._skip()
        return self.at == len(self.text) or self.text[self.at] == ")" or self._sees("or")

    def _sees(self, joining: str) -> bool:
        word = _WORD.match(self.text, self.at)
        return word is not None and word[0].lower() == joining

    def _takes(self, joining: str) -> bool:
        self._skip()
        if not self._sees(joining):
            return False
        self.at += len(joining)
        return True

    def _skip(self) -> None:
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at

    def _here(self) -> str:
        word = _WORD.match(self.text, self.at)
        return word[0][:60] if word else self.text[self.at : self.at + 1]
