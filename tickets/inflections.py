"""Inflected words: how texts and queries are stemmed in the desk's languages of search.

A stem stands in a document at the place of its word, with a mark in front. So it is never taken
for a word, neither by a “phrase” nor by a word that is only begun, nor offered as one.
"""

from accounts.models.languages import usual_languages

MARK = "="  # which begins no word of PostgreSQL's parser
MOST_STEMMED = 50_000  # characters of a text
MOST_BYTES = 100_000  # of it, so that four languages fit into one document in every alphabet
LANGUAGES = f"""(SELECT unnest(coalesce(
  (SELECT search_languages::text[] FROM accounts_desksettings), ARRAY{usual_languages()}
)::regconfig[]) AS language)"""  # noqa: S608 - names of our own


def marked(words: str) -> str:
    """Give the SQL that marks the stems in the text of a `tsvector` or a `tsquery`.

    What is no word (numbers, addresses, versions) stays as it is: no language inflects it.
    """
    return rf"regexp_replace(' ' || {words}, $$ '([^'0-9@/.]+)'$$, $$ '{MARK}\1'$$, 'g')"


def with_stems(text: str) -> str:
    """Give the SQL of a `tsvector` with the words of a text and their stems."""
    begun = f"left({text}, {MOST_STEMMED})"
    width = f"ceil(octet_length({begun})::real / greatest(length({begun}), 1))"
    some = f"left({begun}, ({MOST_BYTES} / greatest({width}, 1))::integer)"
    stems = marked(f"to_tsvector(language, {some})::text")
    return f"""(to_tsvector('simple', {text})::text
      || coalesce((SELECT string_agg({stems}, '') FROM {LANGUAGES} AS chosen), ''))::tsvector
    """  # noqa: S608
