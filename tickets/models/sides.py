"""Conversations with third parties, such as a supplier, beside the customer's story."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tickets.models.tickets import Ticket


class SideConversation(models.Model):
    """What the team and a third party write to each other about a ticket; no customer reads it.

    Its words are notes with `side`: what holds for notes holds for them.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="sides")
    subject = models.CharField(max_length=250)
    addresses = ArrayField(models.EmailField(max_length=254))
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"with {self.with_whom} on #{self.ticket_id}"

    @property
    def with_whom(self) -> str:
        """The addresses on one line."""
        return ", ".join(self.addresses)
