"""Macros: canned words with the changes that go with them."""

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from accounts.models import Team
from tickets.models import Message

if TYPE_CHECKING:
    from accounts.actor import Actor


class MacroQuerySet(models.QuerySet["Macro"]):
    """Lists of macros; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "MacroQuerySet":
        """Keep everybody's macros and those of the actor's own teams; admins see all."""
        if actor.is_admin:
            return self
        if not actor.is_agent:
            return self.none()
        return self.filter(Q(team__isnull=True) | Q(team__in=Team.objects.of(actor)))

    def offered(self) -> "MacroQuerySet":
        """Keep those in use, in the order in which lists offer them."""
        return self.filter(is_active=True).order_by("position", "name", "pk")


class Macro(models.Model):
    """A text for a reply or a note, changes, or both, under a name.

    `body` has the placeholders of automation.placeholders, `steps` the words of
    tickets.written_steps. Without a team it is everybody's.
    """

    name = models.CharField(max_length=100)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, related_name="macros"
    )
    kind = models.CharField(max_length=5, choices=Message.Kind.choices, blank=True)
    body = models.TextField(blank=True)
    steps = models.JSONField(default=list, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Macro"]] = MacroQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"), "team", nulls_distinct=False, name="macro_name_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(kind="", body="") | (~Q(kind="") & ~Q(body="")),
                name="macro_text_has_its_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.name
