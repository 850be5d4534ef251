"""Customers who are copied on a ticket besides its requester."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models

from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from accounts.models import User


class CopyQuerySet(models.QuerySet["Copy"]):
    """Lists of copies."""

    def of(self, person: "User") -> "CopyQuerySet":
        """Keep those of a customer; who works at the desk by now is copied nowhere."""
        return self.none() if person.is_staff_member else self.filter(person=person)


class Copy(models.Model):
    """A customer who reads one ticket and gets its public replies, and may answer."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="copies")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="copies"
    )

    objects: ClassVar[models.Manager["Copy"]] = CopyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person"], name="copied_once_a_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} is copied on #{self.ticket_id}"
