"""Search documents: two a ticket, so that a customer's query never matches a note; and words."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from accounts.models import Organisation
from tickets.models.tickets import Ticket


class SearchDocument(models.Model):
    """The words of one ticket, as the public or as the team may find them."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="search_documents")
    is_internal = models.BooleanField()
    words = SearchVectorField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "is_internal"], name="two_documents_a_ticket"
            ),
        ]
        indexes = [
            GinIndex(
                fields=["words"], condition=models.Q(is_internal=True), name="internal_words",
                fastupdate=False,
            ),
            GinIndex(
                fields=["words"], condition=models.Q(is_internal=False), name="public_words",
                fastupdate=False,
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"words of #{self.ticket_id}"


class Reindexing(models.Model):
    """Documents to be written anew, of the tickets from `next_number` on.

    Those of an organisation with a new name, or, where there is none, all of them.
    """

    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    next_number = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], nulls_distinct=False, name="one_reindexing_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"documents of organisation {self.organisation_id or 'any'}"


class KnownWord(models.Model):
    """A word of some ticket, by which what was mistyped can be put right, or a marked stem.

    `deletes` are the word and what is left of it without any one of its letters: two words that
    share one of them are a slip apart; a stem has none. `counted_in` is the round that came by
    it last.
    """

    word = models.CharField(max_length=31)
    documents = models.PositiveIntegerField()
    counted_in = models.PositiveIntegerField()
    deletes = ArrayField(models.CharField(max_length=30))

    class Meta:
        constraints = [models.UniqueConstraint(fields=["word"], name="known_once")]
        indexes = [GinIndex(fields=["deletes"], name="words_a_slip_apart", fastupdate=False)]

    def __str__(self) -> str:
        return f"{self.word} in {self.documents}"


class WordCount(models.Model):
    """How far words are counted: up to `next_number` in this round; exactly one row."""

    round = models.PositiveIntegerField(default=1)
    next_number = models.BigIntegerField(default=0)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_word_count")]

    def __str__(self) -> str:
        return f"round {self.round} from #{self.next_number}"
