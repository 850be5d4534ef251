"""What work on a ticket took, as the team logs it; customers never see it."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.models.tickets import Category, Ticket

if TYPE_CHECKING:
    from accounts.actor import Actor

MOST_MINUTES = 24 * 60


class TimeEntryQuerySet(models.QuerySet["TimeEntry"]):
    """Lists of time entries; every list starts at tickets that the actor sees."""

    def of_story(
        self, ticket: Ticket, actor: "Actor", *, has_merged: bool = True
    ) -> "TimeEntryQuerySet":
        """Keep a ticket's own entries and those of the tickets merged into it that the actor
        sees; who knows that there are none says so with `has_merged`."""
        own = Q(ticket=ticket)
        if has_merged and (merged := ticket.merged_numbers()):
            seen = Ticket.objects.visible_to(actor).filter(pk__in=merged)
            own |= Q(ticket__in=seen.only("pk"))
        return self.filter(own)


class TimeEntry(models.Model):
    """Minutes that somebody worked on a ticket on a day.

    Without a `category` the work is of the ticket's own, whatever that becomes.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="time_entries")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="time_entries",
    )
    author_name = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField()
    worked_on = models.DateField()
    category = models.CharField(max_length=10, choices=Category.choices, null=True, blank=True)
    is_billable = models.BooleanField(default=True)
    words = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["TimeEntry"]] = TimeEntryQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__gte=1, minutes__lte=MOST_MINUTES), name="a_day_has_24_hours"
            ),
        ]
        indexes = [models.Index(fields=["worked_on"], name="time_by_day")]

    def __str__(self) -> str:
        return f"{self.minutes} minutes on #{self.ticket_id}"

    @property
    def seconds(self) -> int:
        """The time in seconds."""
        return self.minutes * 60

    def is_changed_by(self, actor: "Actor") -> bool:
        """Whether the actor may change or delete it: its author and admins."""
        is_author = actor.user is not None and self.author_id == actor.user.pk
        return actor.is_admin or is_author
