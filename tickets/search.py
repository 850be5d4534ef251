"""Full-text search: two documents a ticket, and a plan that fits rare and common words."""

import time
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import BooleanField, F, Func, Q, Value

from accounts.actor import Actor
from tickets import estimates, queries, vocabulary
from tickets.inflections import with_stems
from tickets.language import Both, Not, Tree, Words, either
from tickets.models import Event, Reindexing, SearchDocument, Ticket
from tickets.models.tickets import TicketQuerySet

RARE = 2_000
STEPS = 250  # of a walk to the newest hits, for each step of looking a hit up; as measured
MOST_HANDED_OVER = 100_000
CHUNK = 200
ROUND = 10.0  # seconds after which a worker looks after other things
_MOST_TEXT = 150_000
LONG_RUN = r"(\S{200})"  # broken in pieces: PostgreSQL takes half a minute for one long run
_MATCHING = "SELECT 1 FROM tickets_searchdocument WHERE is_internal = %s AND words @@ %s::tsquery"
_WIPING_KINDS = {Event.Kind.MESSAGE_REDACTED, Event.Kind.ATTACHMENT_REDACTED}
_WORDS_KINDS = {
    Event.Kind.OPENED, Event.Kind.MESSAGE_ADDED, Event.Kind.MESSAGE_WITHDRAWN,
    Event.Kind.SUBJECT_SET, Event.Kind.REQUESTER_SET,
    Event.Kind.ORGANISATION_SET, Event.Kind.TAGGED,
    Event.Kind.SIDE_STARTED, Event.Kind.SIDE_WRITTEN, Event.Kind.SIDE_ANSWERED,
}  # fmt: skip


def project(ticket: Ticket, event: Event) -> None:
    """Keep the documents true to the ticket; called inside the transaction of a change."""
    if event.kind in _WIPING_KINDS:
        before = vocabulary.words_of(ticket.number)
        index([ticket.number])
        vocabulary.forget(before - vocabulary.words_of(ticket.number), event.at)
    elif event.kind in _WORDS_KINDS:
        index([ticket.number])


def refresh(tickets: TicketQuerySet) -> list[int]:
    """Write the documents of these tickets anew and give their numbers.

    Locks them first, so that no word is lost that somebody writes meanwhile.
    """
    locked = tickets.select_for_update(of=("self",), no_key=True)
    numbers = list(locked.values_list("number", flat=True))
    index(numbers)
    return numbers


def reindex() -> int:
    """Write documents anew that are owed, for some seconds; gives the number of tickets.

    Those of renamed organisations, and all after a change of the languages of search; in chunks
    that a crash does not lose.
    """
    until, written = time.monotonic() + ROUND, 0
    for pk in list(Reindexing.objects.order_by("pk").values_list("pk", flat=True)):
        while time.monotonic() < until and (chunk := _reindex_chunk(pk)):
            written += chunk
    return written


@transaction.atomic
def _reindex_chunk(pk: int) -> int:
    """Take the next tickets; 0 when there are none or another worker has them."""
    owed = Reindexing.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
    if owed is None:
        return 0
    left = Ticket.objects.filter(number__gte=owed.next_number).order_by("number")
    if owed.organisation_id is not None:
        left = left.filter(organisation=owed.organisation_id)
    numbers = refresh(left[:CHUNK])
    if numbers:
        owed.next_number = numbers[-1] + 1
        owed.save(update_fields=["next_number"])
    else:
        if owed.organisation_id is None:
            vocabulary.begin_anew()
        owed.delete()
    return len(numbers)


def index(numbers: Iterable[int]) -> None:
    """Write both documents of each ticket in one statement."""
    wanted = list(numbers)
    with connection.cursor() as cursor:
        cursor.execute(_INDEX, {"numbers": wanted, "most": _MOST_TEXT, "run": LONG_RUN})


_INDEX = f"""
INSERT INTO tickets_searchdocument (ticket_id, is_internal, words)
SELECT t.number, side.is_internal,
  setweight(to_tsvector('simple', t.number::text), 'A')
  || setweight({with_stems("t.subject")}, 'A')
  || setweight(to_tsvector('simple', p.name || ' ' || p.email || ' '
       || replace(p.email, '@', ' ') || ' ' || coalesce(o.name, '')), 'B')
  || setweight({with_stems("said.words")}, 'C')
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
CROSS JOIN LATERAL (SELECT regexp_replace(left(coalesce((
    SELECT string_agg(m.body, ' ' ORDER BY m.id) FROM tickets_message m
    WHERE m.ticket_id = t.number AND m.withdrawn_at IS NULL
      AND (m.kind = 'reply' AND m.sent_to_id IS NULL OR side.is_internal)
    ), ''), %(most)s), %(run)s, '\\1 ', 'g') OFFSET 0) AS said(words)
WHERE t.number = ANY(%(numbers)s)
ON CONFLICT (ticket_id, is_internal) DO UPDATE SET words = excluded.words
"""  # noqa: S608 - parts of our own


def matching(typed: str | Tree, *, actor: Actor) -> Q:
    """Give the condition “matches these words” for a list of tickets.

    Takes words, "phrases" and -words, or the words of a filter. Each must occur, as it is typed
    or inflected; the last one may be only begun; `1042` is a number, too. Rare words are looked
    up first and handed over as numbers; common ones become a condition that a list walks by its
    own order, so neither kind is slow (docs/architecture.md, traps).

    :raises BadFilter: no word, or more than 20.
    """
    tree = queries.read(typed) if isinstance(typed, str) else typed
    if isinstance(tree, Both) and all(isinstance(part, Not) for part in tree.parts):
        return ~matching(either(*(part.part for part in tree.parts if isinstance(part, Not))),
                         actor=actor)  # fmt: skip
    if isinstance(tree, Not):
        return ~matching(tree.part, actor=actor)
    asked = queries.asked(tree)
    documents = SearchDocument.objects.filter(
        is_internal=actor.is_agent, words=queries.Written(asked.text)
    )
    # A word that the planner does not know it expects once for each of its forms.
    expected = estimates.of_statement(_MATCHING, [actor.is_agent, asked.text])
    if _is_rare(expected.rows / asked.most_forms):
        rows = documents.order_by().values_list("ticket_id", flat=True)[:MOST_HANDED_OVER]
        numbers = ",".join(map(str, rows))
        hits = Q(_OneOf(F("number"), Value(f"{{{numbers}}}")))
    else:
        hits = Q(number__in=documents.values("ticket_id"))
    return hits | _by_number(tree)


class _OneOf(Func):
    """Whether a number is among many, handed over as one text: writing out each took longest."""

    arg_joiner = " = ANY("
    template = "(%(expressions)s::bigint[]))"
    output_field = BooleanField()


def _is_rare(hits: float) -> bool:
    """Whether looking so many hits up takes less than walking all tickets until enough are found,
    which is the longer, the more tickets there are and the fewer of them match."""
    return hits <= RARE or hits**2 <= STEPS * estimates.all_tickets()


def _by_number(tree: Tree) -> Q:
    is_number = isinstance(tree, Words) and (word := tree.text.removeprefix("#")).isdecimal()
    return Q(number=int(word)) if is_number and len(word) < 18 else Q()
