"""Counts of tickets and of work by day and by month, which reports add up instead of them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Tally(models.Model):
    """How much of one day, or of one month, shares one key of one breakdown.

    `hidden_team` is the private team that its tickets are in, so that others can leave them out;
    0 is none.
    """

    class Measure(models.TextChoices):
        """What is counted: tickets by an instant of theirs, or entries of logged time.

        `seconds` adds up the time to resolution or to the first response, or what was worked.
        """

        CREATED = "created"
        ANSWERED = "answered"
        RESOLVED = "resolved"
        EFFORT = "effort"

    span = models.CharField(max_length=5, choices=[("day", "day"), ("month", "month")])
    first = models.DateField()
    measure = models.CharField(max_length=8, choices=Measure.choices)
    breakdown = models.CharField(max_length=20)
    key = models.CharField(max_length=60)
    hidden_team = models.BigIntegerField(default=0)
    count = models.PositiveIntegerField()
    seconds = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["span", "measure", "breakdown", "first", "key", "hidden_team"],
                include=["count", "seconds"],
                name="one_tally_a_key",
            ),
            models.CheckConstraint(condition=Q(count__gt=0), name="a_tally_counts"),
        ]
        indexes = [models.Index(fields=["first", "span"], name="tallies_by_day")]

    def __str__(self) -> str:
        return f"{self.measure} {self.first} {self.breakdown} {self.key}: {self.count}"


class TallyState(models.Model):
    """How far the tallies have followed: the last event read, or the next day of a recount.

    One row. Another time zone, another set of private teams, or another `version` of what is
    counted asks for a recount.
    """

    version = models.PositiveSmallIntegerField(default=0)
    position = models.BigIntegerField(default=0)
    recount_from = models.DateField(null=True)
    zone = models.CharField(max_length=64, blank=True)
    private_teams = ArrayField(models.BigIntegerField(), default=list)
    followed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"tallies up to {self.position}"
