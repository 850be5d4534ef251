"""What tickets have to do with each other: links, each seen from both of its sides."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from tickets.models.tickets import Ticket


class Relation(models.TextChoices):
    """What one ticket is to the other, in the words of the side it is read from."""

    DUPLICATE_OF = "duplicate_of", _("duplicate of")
    HAS_DUPLICATE = "has_duplicate", _("has the duplicate")
    BLOCKS = "blocks", _("blocks")
    BLOCKED_BY = "blocked_by", _("blocked by")
    RELATES_TO = "relates_to", _("relates to")
    CAUSED_BY = "caused_by", _("caused by")
    CAUSES = "causes", _("causes")
    PARENT_OF = "parent_of", _("parent of")
    CHILD_OF = "child_of", _("child of")
    SPLIT_FROM = "split_from", _("split from")
    SPLIT_INTO = "split_into", _("split into")

    @property
    def inverse(self) -> "Relation":
        """The same link in the words of the other side."""
        return _INVERSE.get(self, self)

    @property
    def is_stored(self) -> bool:
        """Whether rows hold this word; the others are read off them from the other side."""
        return self in Link.STORED


_PAIRS = (
    (Relation.DUPLICATE_OF, Relation.HAS_DUPLICATE),
    (Relation.BLOCKS, Relation.BLOCKED_BY),
    (Relation.CAUSED_BY, Relation.CAUSES),
    (Relation.PARENT_OF, Relation.CHILD_OF),
    (Relation.SPLIT_FROM, Relation.SPLIT_INTO),
)
_INVERSE = dict(_PAIRS) | {second: first for first, second in _PAIRS}


class Link(models.Model):
    """One ticket is something to another: `ticket` `relation` `other`, one row for both sides."""

    STORED = frozenset({first for first, _second in _PAIRS} | {Relation.RELATES_TO})

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links")
    relation = models.CharField(max_length=13, choices=Relation.choices)
    other = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="links_to")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "other", "relation"], name="link_has_no_twin"
            ),
            models.CheckConstraint(condition=~Q(ticket=F("other")), name="link_joins_two_tickets"),
            models.CheckConstraint(
                condition=~Q(relation="relates_to") | Q(ticket__lt=F("other")),
                name="relates_to_begins_at_the_older",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.ticket_id} {self.relation} #{self.other_id}"

    def relation_seen_from(self, number: int) -> Relation:
        """Give what the ticket with this number is to the one at the other end."""
        stored = Relation(self.relation)
        return stored if self.ticket_id == number else stored.inverse

    def far_end_from(self, number: int) -> Ticket:
        """Give the ticket at the other end."""
        return self.other if self.ticket_id == number else self.ticket
