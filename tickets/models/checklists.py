"""What is to be done for a ticket, item by item."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from tickets.models.tickets import Ticket


class ChecklistItem(models.Model):
    """One thing to do; those of a ticket stand at the places 1, 2, 3 and so on."""

    ticket = models.ForeignKey(
        Ticket, on_delete=models.CASCADE, related_name="checklist", db_index=False
    )
    text = models.CharField(max_length=250)
    place = models.PositiveSmallIntegerField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ticket", "place"],
                deferrable=models.Deferrable.DEFERRED,
                name="place_on_the_list_has_no_twin",
            ),
            models.CheckConstraint(condition=~Q(text=""), name="an_item_says_something"),
        ]

    def __str__(self) -> str:
        return self.text
