"""Full-text search: two documents a ticket, and a plan that fits rare and common words."""

import re
from collections.abc import Iterable

from django.contrib.postgres.search import SearchQuery
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from tickets import estimates
from tickets.errors import BadFilter
from tickets.language import Both, Either, Not, Tree, Words, both, either, leaves
from tickets.models import Event, Reindexing, SearchDocument, Ticket
from tickets.models.tickets import TicketQuerySet

MOST_WORDS = 20
RARE = 2_000
CHUNK = 200
_MOST_TEXT = 150_000
LONG_RUN = r"(\S{200})"  # broken in pieces: PostgreSQL takes half a minute for one long run
_MATCHING = (
    "SELECT 1 FROM tickets_searchdocument"
    " WHERE is_internal = %s AND words @@ to_tsquery('simple', %s)"
)
_WORDS_KINDS = {
    Event.Kind.OPENED, Event.Kind.MESSAGE_ADDED, Event.Kind.MESSAGE_WITHDRAWN,
    Event.Kind.MESSAGE_REDACTED, Event.Kind.SUBJECT_SET, Event.Kind.REQUESTER_SET,
    Event.Kind.ORGANISATION_SET, Event.Kind.TAGGED, Event.Kind.ATTACHMENT_REDACTED,
    Event.Kind.SIDE_STARTED, Event.Kind.SIDE_WRITTEN, Event.Kind.SIDE_ANSWERED,
}  # fmt: skip


def project(ticket: Ticket, event: Event) -> None:
    """Keep the documents true to the ticket; called inside the transaction of a change."""
    if event.kind in _WORDS_KINDS:
        index([ticket.number])


def refresh(tickets: TicketQuerySet) -> list[int]:
    """Write the documents of these tickets anew and give their numbers.

    Locks them first, so that no word is lost that somebody writes meanwhile.
    """
    locked = tickets.select_for_update(of=("self",), no_key=True)
    numbers = list(locked.values_list("number", flat=True))
    index(numbers)
    return numbers


def follow_renamed() -> int:
    """Bring new names of organisations to their tickets; gives the number of tickets.

    In chunks that a crash does not lose.
    """
    refreshed = 0
    for pk in list(Reindexing.objects.order_by("pk").values_list("pk", flat=True)):
        while chunk := _follow_chunk(pk):
            refreshed += chunk
    return refreshed


@transaction.atomic
def _follow_chunk(pk: int) -> int:
    """Take the next tickets; 0 when there are none or another worker has them."""
    owed = Reindexing.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if owed is None:
        return 0
    left = Ticket.objects.filter(
        organisation=owed.organisation_id, number__gte=owed.next_number
    ).order_by("number")
    numbers = refresh(left[:CHUNK])
    if numbers:
        owed.next_number = numbers[-1] + 1
        owed.save(update_fields=["next_number"])
    else:
        owed.delete()
    return len(numbers)


def index(numbers: Iterable[int]) -> None:
    """Write both documents of each ticket in one statement."""
    wanted = list(numbers)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, {"numbers": wanted, "most": _MOST_TEXT, "run": LONG_RUN})


_INDEX = """
INSERT INTO tickets_searchdocument (ticket_id, is_internal, words)
SELECT t.number, side.is_internal,
  setweight(to_tsvector('simple', t.number || ' ' || t.subject), 'A')
  || setweight(to_tsvector('simple', p.name || ' ' || p.email || ' '
       || replace(p.email, '@', ' ') || ' ' || coalesce(o.name, '')), 'B')
  || setweight(to_tsvector('simple', regexp_replace(left(coalesce((
       SELECT string_agg(m.body, ' ' ORDER BY m.id) FROM tickets_message m
       WHERE m.ticket_id = t.number AND m.withdrawn_at IS NULL
         AND (m.kind = 'reply' AND m.sent_to_id IS NULL OR side.is_internal)
       ), ''), %(most)s), %(run)s, '\\1 ', 'g')), 'C')
  || setweight(to_tsvector('simple', left(coalesce((
       SELECT string_agg(a.name || ' ' || translate(a.name, '._-', '   '), ' ' ORDER BY a.id)
       FROM tickets_attachment a JOIN tickets_message m ON m.id = a.message_id
       WHERE m.ticket_id = t.number AND m.withdrawn_at IS NULL AND a.redacted_at IS NULL
         AND (m.kind = 'reply' AND m.sent_to_id IS NULL OR side.is_internal)
       ), ''), %(most)s)), 'C')
  || CASE WHEN side.is_internal THEN setweight(to_tsvector('simple', coalesce((
       SELECT string_agg(g.name, ' ') FROM tickets_ticket_tags tt
       JOIN tickets_tag g ON g.id = tt.tag_id WHERE tt.ticket_id = t.number), '')
       || ' ' || t.external_id), 'B')
     ELSE ''::tsvector END
FROM tickets_ticket t
JOIN accounts_user p ON p.id = t.requester_id
LEFT JOIN accounts_organisation o ON o.id = t.organisation_id
CROSS JOIN (VALUES (true), (false)) AS side(is_internal)
WHERE t.number = ANY(%(numbers)s)
ON CONFLICT (ticket_id, is_internal) DO UPDATE SET words = excluded.words
"""


def matching(asked: str | Tree, *, actor: Actor) -> Q:
    """Give the condition “matches these words” for a list of tickets.

    Takes words, "phrases" and -words, or the words of a filter. Each must occur, the last one
    may be only begun; `1042` is a number, too. Rare words are looked up first and handed over
    as numbers; common ones become a condition that a list walks by its own order, so neither
    kind is slow (docs/architecture.md, traps).

    :raises BadFilter: no word, or more than 20.
    """
    tree = read(asked) if isinstance(asked, str) else asked
    if isinstance(tree, Both) and all(isinstance(part, Not) for part in tree.parts):
        return ~matching(either(*(part.part for part in tree.parts if isinstance(part, Not))),
                         actor=actor)  # fmt: skip
    if isinstance(tree, Not):
        return ~matching(tree.part, actor=actor)
    query = query_of(tree)
    documents = SearchDocument.objects.filter(
        is_internal=actor.is_agent,
        words=SearchQuery(query, config="simple", search_type="raw"),
    )
    if estimates.rows_of(_MATCHING, [actor.is_agent, query]) <= RARE:
        rows = documents.order_by().values_list("ticket_id", flat=True)[: RARE * 5]
        hits = Q(number__in=list(rows))
    else:
        hits = Q(number__in=documents.values("ticket_id"))
    return hits | _by_number(tree)


def read(text: str) -> Tree:
    """Read words, "phrases" and -words; brackets and names mean nothing here."""
    found = re.findall(r'(-?)(?:"([^"]*)"?|([^\s"]+))', text.replace("\0", " "))
    leaves = [
        (minus, Words(phrase, is_phrase=True) if phrase else Words(word))
        for minus, phrase, word in found
        if _words(phrase or word)
    ]
    return both(*(Not(leaf) if minus else leaf for minus, leaf in leaves))


def query_of(tree: Tree) -> str:
    """Write the words of a tree for PostgreSQL's `to_tsquery`.

    :raises BadFilter: no word, or more than 20.
    """
    said = [leaf for leaf in leaves(tree) if isinstance(leaf, Words)]
    count = sum(len(_words(leaf.text)) for leaf in said)
    if not 0 < count <= MOST_WORDS or not all(_words(leaf.text) for leaf in said):
        raise BadFilter(_("Search for one to twenty words."), pointer="q")
    return _query(tree, said[-1])


def _query(tree: Tree, last: Words) -> str:
    if isinstance(tree, Words):
        return _leaf(tree, is_last=tree is last)
    if isinstance(tree, Not):
        return f"!({_query(tree.part, last)})"
    if isinstance(tree, Both | Either):
        joint = " & " if isinstance(tree, Both) else " | "
        return joint.join(f"({_query(part, last)})" for part in tree.parts)
    raise TypeError(tree)


def _leaf(leaf: Words, *, is_last: bool) -> str:
    words = _words(leaf.text)
    if leaf.is_phrase:
        return _quoted(" ".join(words))  # which PostgreSQL takes as words in this order
    *whole, end = [_quoted(word) for word in words]
    return " & ".join([*whole, f"{end}:*" if is_last else end])


def _words(text: str) -> list[str]:
    found = (word.strip(".+-") for word in re.findall(r"[\w@.+-]+", text))
    return [word for word in found if word]


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''").replace("\\", "\\\\") + "'"


def _by_number(tree: Tree) -> Q:
    is_number = isinstance(tree, Words) and (word := tree.text.removeprefix("#")).isdecimal()
    return Q(number=int(word)) if is_number and len(word) < 18 else Q()
