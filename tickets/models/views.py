"""Views: filters that somebody saved, for oneself, for a team, or for everybody at the desk."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from tickets import language

if TYPE_CHECKING:
    from accounts.actor import Actor


class Column(models.TextChoices):
    """What a list of tickets can show beside the subject."""

    STATUS = "status", _("Status")
    NUMBER = "number", _("Number")
    WHO = "who", _("Customer")
    CATEGORY = "category", _("Category")
    PRIORITY = "priority", _("Priority")
    ASSIGNEE = "assignee", _("Assignee")
    TEAM = "team", _("Team")
    PRODUCT = "product", _("Product")
    CREATED = "created", _("Created")
    DUE = "due", _("Due")
    ACTIVITY = "activity", _("Active")


class Grouping(models.TextChoices):
    """By what a list of tickets can be divided, each in its own order."""

    ORGANISATION = "organisation", _("Organisation")
    PRODUCT = "product", _("Product")
    PRIORITY = "priority", _("Priority")
    DUE = "due", _("Due")

    @property
    def sort(self) -> str:
        """The order in which the tickets of a group stand together."""
        return {"priority": "-priority", "due": "due_at"}.get(self.value, self.value)


USUAL_COLUMNS = tuple(
    column.value
    for column in Column
    if column not in {Column.TEAM, Column.PRODUCT, Column.CREATED}
)


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Lists of views; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "SavedViewQuerySet":
        """Keep one's own, those of one's teams, and the shared; admins see every team's."""
        if not actor.is_agent:
            return self.none()
        shared = Q(owner__isnull=True, team__isnull=True)
        if actor.is_admin:
            shared |= Q(team__isnull=False)
        if actor.user is None:
            return self.filter(shared)
        return self.filter(shared | Q(owner=actor.user) | Q(team__in=Team.objects.of(actor)))

    def in_order(self) -> "SavedViewQuerySet":
        """Sort as the rail shows them: by place, then by age."""
        return self.order_by("position", "pk")


class SavedView(models.Model):
    """One view: its name, whose it is, what it holds and in which order.

    Without owner and team it is shared by the desk. `conditions` is the tree of
    `tickets.language`, in which rows stand by their keys, so that a new name breaks nothing.
    No `columns` are the usual ones.
    """

    name = models.CharField(max_length=60)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE,
        related_name="saved_views",
    )  # fmt: skip
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views"
    )
    conditions = models.JSONField()
    sort = models.CharField(max_length=20, default="-updated_at")
    columns = ArrayField(
        models.CharField(max_length=10, choices=Column.choices), default=list, blank=True
    )
    grouping = models.CharField(max_length=12, choices=Grouping.choices, blank=True)
    position = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["SavedView"]] = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(owner__isnull=True) | Q(team__isnull=True),
                name="view_has_one_home",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def tree(self) -> language.Tree:
        """What it holds."""
        return language.from_plain(self.conditions)
