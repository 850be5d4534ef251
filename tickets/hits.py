"""Searching: the tickets that match best or newest, each with the place where it matched."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.postgres.search import SearchRank
from django.db import connection
from django.db.models import F, Q

from accounts.actor import Actor
from tickets import filters, language, queries
from tickets.errors import BadFilter
from tickets.language import Both, Either, Tree, Words
from tickets.models import Message, SearchDocument
from tickets.models.tickets import TicketQuerySet
from tickets.search import LONG_RUN

RANKED = 500
# Of other words, messages, people and tags, the subject: a word in a text counts twice where it
# stands as it was typed, by itself and by its stem, which names do not have.
WEIGHTS = [0.1, 0.2, 0.8, 1.0]
_MOST_TEXT = 20_000
_BEGIN, _END = "\x02", "\x03"
_MARKS = (
    f"StartSel={_BEGIN}, StopSel={_END}, MaxFragments=2, MaxWords=18, MinWords=6,"
    ' FragmentDelimiter=" … "'
)


@dataclass(frozen=True)
class Piece:
    """Some text of a snippet, and whether it is what was looked for."""

    text: str
    is_match: bool


@dataclass(frozen=True)
class Wanted:
    """What is looked for; `doubt` says why it was read as plain words after all."""

    tree: Tree
    condition: Q
    doubt: str = ""

    @property
    def words(self) -> Tree | None:
        """The words that must occur, without names and what is to be absent."""
        said = [part for part in language.top(self.tree) if _is_said(part)]
        return language.both(*said) if said else None


def read(text: str, *, actor: Actor, at: datetime) -> Wanted:
    """Read what somebody looks for: words mixed with filters, or plain words where those fail.

    :raises BadFilter: it has no word at all, or more than 20.
    """
    try:
        tree = filters.read(text)
        return Wanted(tree, filters.of_tree(tree, actor=actor, at=at))
    except BadFilter as doubt:
        tree = queries.read(text)
        if tree == Both():
            raise
        return Wanted(tree, filters.of_tree(tree, actor=actor, at=at), str(doubt))


def best(tickets: TicketQuerySet, wanted: Wanted, *, actor: Actor, limit: int) -> list[int]:
    """Give the numbers of the best of the newest 500 that match, the best first.

    Ranking every hit of a common word would cost most of a search (docs/architecture.md).
    """
    newest_first = "-updated_at" if actor.is_agent else "-public_updated_at"
    newest = tickets.order_by(newest_first, "-number").values_list("number", flat=True)
    if wanted.words is None:
        return list(newest[:limit])
    numbers = list(newest[:RANKED])
    query = queries.Written(queries.asked(wanted.words).text)
    ranked = SearchDocument.objects.filter(ticket__in=numbers, is_internal=actor.is_agent)
    ranked = ranked.annotate(
        rank=SearchRank(F("words"), query, weights=WEIGHTS, cover_density=True)
    )
    order = {number: place for place, number in enumerate(numbers)}
    rows = sorted(ranked.values_list("rank", "ticket"), key=lambda row: (-row[0], order[row[1]]))
    found = [number for _rank, number in rows]
    known = set(found)
    return [*found, *(number for number in numbers if number not in known)][:limit]


def snippets(
    numbers: Iterable[int], wanted: Wanted, *, actor: Actor, at: datetime
) -> dict[int, list[Piece]]:
    """Give where each of the shown tickets matched, from what the actor may read alone."""
    shown = list(numbers)
    if wanted.words is None or not shown:
        return {}
    seen = Message.objects.visible_to(actor, at).filter(
        ticket__in=shown, withdrawn_at__isnull=True
    )
    query = queries.as_read_in(shown, wanted.words, is_internal=actor.is_agent)
    sql, values = seen.order_by().values("ticket_id", "id", "body").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT ticket_id, ts_headline('simple', regexp_replace(translate(
                     left(string_agg(body, ' ' ORDER BY id), %s), %s, '  '), %s, '\\1 ', 'g'),
                   %s::tsquery, %s)
            FROM ({sql}) AS seen (ticket_id, id, body) GROUP BY ticket_id
            """,  # noqa: S608 - the inner statement is Django's
            [_MOST_TEXT, _BEGIN + _END, LONG_RUN, query, _MARKS, *values],
        )  # fmt: skip
        return {number: _pieces(text) for number, text in cursor.fetchall()}


def _is_said(tree: Tree) -> bool:
    if isinstance(tree, Both | Either):
        return all(_is_said(part) for part in tree.parts)
    return isinstance(tree, Words)


def _pieces(text: str) -> list[Piece]:
    begun = text.split(_BEGIN)
    pieces = [Piece(begun[0], is_match=False)]
    for part in begun[1:]:
        match, _end, rest = part.partition(_END)
        pieces += [Piece(match, is_match=True), Piece(rest, is_match=False)]
    return [piece for piece in pieces if piece.text]
