"""What people wrote on a ticket: public replies and internal notes."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.sides import SideConversation
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from accounts.actor import Actor

UNDO_WINDOW = timedelta(seconds=10)


class MessageQuerySet(models.QuerySet["Message"]):
    """Lists of messages; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor", at: datetime) -> "MessageQuerySet":
        """Keep what the actor may read: notes stay in the team, and an agent's reply shows to
        customers when its undo window is over (docs/architecture.md, Composer). What was sent
        to a merged ticket shows to customers who see that one, to agents who see where it stands.
        """
        if actor.sees_all:
            return self
        if actor.is_agent:
            return self.filter(Q(sent_to__isnull=True) | Q(ticket__in=_seen_by(actor)))
        settled = Q(author_is_agent=False) | Q(created_at__lte=at - UNDO_WINDOW)
        own = Q(sent_to__isnull=True) | Q(sent_to__in=_seen_by(actor))
        return self.filter(settled, own, kind=Message.Kind.REPLY, withdrawn_at__isnull=True)

    def of_story(
        self, ticket: Ticket, actor: "Actor", *, has_merged: bool = True
    ) -> "MessageQuerySet":
        """Keep what makes up a ticket's story: its own words, those sent to it since it was
        merged, and those of the tickets merged into it that the actor sees; who knows that there
        are none says so with `has_merged`."""
        own = Q(ticket=ticket) | Q(sent_to=ticket)
        if has_merged and (merged := ticket.merged_numbers()):
            own |= Q(ticket__in=_seen_by(actor).filter(pk__in=merged))
        return self.filter(own)


def _seen_by(actor: "Actor") -> "models.QuerySet[Ticket]":
    return Ticket.objects.visible_to(actor).only("pk")


class Message(models.Model):
    """A public reply or an internal note, in Markdown.

    `sent_to` is the merged ticket that its writer answered, when another person than the
    requester of the ticket it stands on did: then only who sees that ticket reads it. `side` is
    the conversation with a third party that it belongs to; such a message is a note.
    """

    class Kind(models.TextChoices):
        """Who may read it."""

        REPLY = "reply", _("Reply")
        NOTE = "note", _("Internal note")

    class Channel(models.TextChoices):
        """How it came."""

        WEB = "web", _("Web")
        AGENT = "agent", _("Workspace")
        API = "api", _("API")
        EMAIL = "email", _("E-mail")
        SYSTEM = "system", _("System")

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages")
    sent_to = models.ForeignKey(
        Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="messages_sent_on"
    )
    side = models.ForeignKey(
        SideConversation,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="messages",
    )
    kind = models.CharField(max_length=5, choices=Kind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="messages",
    )
    author_name = models.CharField(max_length=200)
    author_is_agent = models.BooleanField(default=False)
    is_automatic = models.BooleanField(default=False)
    channel = models.CharField(max_length=6, choices=Channel.choices)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    redacted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager["Message"]] = MessageQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["reply", "note"]), name="kind_is_known"),
            models.CheckConstraint(
                condition=Q(side__isnull=True) | Q(kind="note"), name="no_customer_reads_a_side"
            ),
        ]
        indexes = [models.Index(fields=["ticket", "created_at", "id"], name="messages_in_order")]

    def __str__(self) -> str:
        return f"{self.kind} on #{self.ticket_id}"

    @property
    def is_note(self) -> bool:
        """Whether only the team may read it."""
        return self.kind == self.Kind.NOTE

    @property
    def is_of_third_party(self) -> bool:
        """Whether a third party wrote it, as somebody of the team recorded."""
        return self.side_id is not None and self.channel == self.Channel.EMAIL

    def name_for(self, actor: "Actor") -> str:
        """Give the writer's name; where it is an address, to those alone who may read that."""
        is_address = "@" in self.author_name and self.author is not None
        if not is_address or actor.is_agent or actor.is_admin:
            return self.author_name
        if self.author is not None and self.author.shows_address_to(actor.user):
            return self.author_name
        return str(_("Another customer"))

    def is_in_undo_window(self, at: datetime) -> bool:
        """Whether its author may still take it back."""
        return self.withdrawn_at is None and at < self.created_at + UNDO_WINDOW
