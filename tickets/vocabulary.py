"""The words of all tickets, counted by beat, from which what was mistyped is put right.

They are what everybody wrote, notes included: whoever shows one must have looked first whether
its reader may find it (`tickets/spelling.py`).
"""

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import F

from tickets.inflections import LANGUAGES, MARK
from tickets.models import KnownWord, Ticket, WordCount

PIECE = 2_000
EVERY = timedelta(days=1)
NEWEST = 2_000
ROUND = 10.0  # seconds
LETTERS = range(4, 31)
_LETTER = "[a-z\u0080-\U0010ffff]"  # of any alphabet, so that numbers and addresses are left out
_SHAPE = f"'^({_LETTER}{{{LETTERS[0]},{LETTERS[-1]}}}|{MARK}{_LETTER}{{1,{LETTERS[-1]}}})$'"


def go_on(now: Callable[[], datetime]) -> None:
    """Count for some seconds, then leave the worker to other things."""
    until = time.monotonic() + ROUND
    while time.monotonic() < until and count(now()):
        pass


@transaction.atomic
def count(at: datetime) -> bool:
    """Count the words of the next tickets; says whether more wait.

    Each day a new round counts all of them anew and drops, at its end, the words that it met
    nowhere. Between rounds new tickets are counted as they come.
    """
    state = _state(at, skip_locked=True)
    if state is None:
        return False
    if state.ended_at and state.began_at <= at - EVERY:
        state.round, state.next_number = state.round + 1, 0
        state.began_at, state.ended_at = at, None
    left = Ticket.objects.filter(number__gte=state.next_number).order_by("number")
    numbers = list(left.values_list("number", flat=True)[:PIECE])
    if numbers:
        with connection.cursor() as cursor:
            documents = f"{_DOCUMENTS} AND ticket_id BETWEEN {numbers[0]} AND {numbers[-1]}"
            cursor.execute(_COUNT, {"documents": documents, "round": state.round})
        state.next_number = numbers[-1] + 1
    more_wait = len(numbers) == PIECE
    if not more_wait and state.ended_at is None:
        KnownWord.objects.filter(counted_in__lt=state.round).delete()
        state.ended_at = at
    state.save()
    return more_wait


def begin_anew() -> None:
    """Let the next round begin as soon as this one is through."""
    WordCount.objects.update(began_at=F("began_at") - EVERY)


def near(words: Collection[str]) -> list[tuple[str, str, int]]:
    """Give each word with the known ones that are at most a slip away, and how often they stand.

    A slip is a letter too many, left out, changed or moved. The word itself counts as near, as
    often as it stands inflected.
    """
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, [sorted(words)] * 2)
        return list(cursor.fetchall())


def words_of(number: int) -> set[str]:
    """Give the words of a ticket and their stems, notes included."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS_OF, [number])
        return {word for (word,) in cursor.fetchall()}


def forget(words: Collection[str], at: datetime) -> None:
    """Drop the words that no ticket holds any more; nothing is counted until this is committed."""
    if not words:
        return
    _state(at, skip_locked=False)
    with connection.cursor() as cursor:
        newest = f"{_DOCUMENTS} ORDER BY ticket_id DESC LIMIT {NEWEST}"
        cursor.execute(_FORGET, {"words": sorted(words), "newest": newest})


def _state(at: datetime, *, skip_locked: bool) -> WordCount | None:
    """Lock the one row, or give nothing while another counts."""
    WordCount.objects.get_or_create(pk=1, defaults={"began_at": at})
    return WordCount.objects.select_for_update(skip_locked=skip_locked).filter(pk=1).first()


_DOCUMENTS = "SELECT words FROM tickets_searchdocument WHERE is_internal"
_DELETES = """
SELECT word UNION SELECT left(word, place - 1) || substr(word, place + 1)
FROM generate_series(1, char_length(word)) AS place
"""
# One after the other: PostgreSQL reads the whole table where it is asked for all of them at once.
_NEAR = f"""
SELECT DISTINCT typed.word, known.word, known.documents
FROM unnest(%s::text[]) AS typed (word)
CROSS JOIN LATERAL ({_DELETES}) AS deleted (rest)
JOIN tickets_knownword AS known ON known.deletes @> ARRAY[rest]::varchar[]
UNION ALL
SELECT typed.word, typed.word, stem.documents
FROM unnest(%s::text[]) AS typed (word)
CROSS JOIN {LANGUAGES} AS chosen
JOIN tickets_knownword AS stem
  ON stem.word = '{MARK}' || trim(both '''' FROM to_tsquery(language, typed.word)::text)
"""  # noqa: S608 - parts of our own
_COUNT = f"""
WITH counted AS MATERIALIZED (
  SELECT word, ndoc FROM ts_stat(%(documents)s) WHERE word ~ {_SHAPE}
), known AS (
  UPDATE tickets_knownword AS k SET counted_in = %(round)s,
    documents = CASE WHEN k.counted_in = %(round)s THEN k.documents ELSE 0 END + c.ndoc
  FROM counted AS c WHERE k.word = c.word RETURNING k.word
)
INSERT INTO tickets_knownword (word, documents, counted_in, deletes)
SELECT word, ndoc, %(round)s,
  CASE WHEN left(word, 1) = '{MARK}' THEN '{{}}' ELSE ARRAY({_DELETES}) END
FROM counted WHERE word NOT IN (SELECT word FROM known)
"""  # noqa: S608 - parts of our own
_WORDS_OF = f"""
SELECT lexeme FROM tickets_searchdocument AS document
CROSS JOIN LATERAL unnest(document.words) AS each (lexeme, positions, weights)
WHERE is_internal AND ticket_id = %s AND lexeme ~ {_SHAPE}
"""  # noqa: S608
# Common words stand in new tickets, too: looking them up one by one would take long.
_FORGET = """
DELETE FROM tickets_knownword WHERE word = ANY(%(words)s)
AND word NOT IN (SELECT word FROM ts_stat(%(newest)s))
AND (SELECT count(*) FROM tickets_searchdocument
     WHERE is_internal AND words @@ ('''' || word || '''')::tsquery) = 0
"""
