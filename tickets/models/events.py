"""The history of a ticket: one immutable row for each change."""

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models.messages import UNDO_WINDOW, Message
from tickets.models.tickets import Ticket

if TYPE_CHECKING:
    from accounts.actor import Actor


class EventQuerySet(models.QuerySet["Event"]):
    """Lists of events; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor", at: datetime) -> "EventQuerySet":
        """Keep the events of tickets the actor sees; customers get the public kinds only, and
        a reply when its undo window is over."""
        tickets = Ticket.objects.visible_to(actor).values("pk")
        if actor.is_admin and actor.only_ticket is None:
            return self
        if actor.is_agent:
            return self.filter(ticket__in=tickets).hiding_others_from(actor)
        settled = (
            Q(message__isnull=True)
            | Q(message__author_is_agent=False)
            | Q(message__created_at__lte=at - UNDO_WINDOW)
        )
        return self.filter(
            settled,
            ticket__in=tickets,
            public_sequence__isnull=False,
            message__withdrawn_at__isnull=True,
        )

    def hiding_others_from(self, actor: "Actor") -> "EventQuerySet":
        """Leave out what tells an agent of another ticket that this agent does not see."""
        if actor.sees_all:
            return self
        return self.filter(
            Q(other__isnull=True) | Q(other__in=Ticket.objects.visible_to(actor).values("pk"))
        )

    def in_feed_for(self, actor: "Actor", at: datetime) -> "EventQuerySet":
        """Keep what the actor may see, up to the first reply that can still be taken back.

        A reader's cursor must not pass an event that shows only seconds later.
        """
        seen = self.visible_to(actor, at)
        if actor.is_agent:
            return seen
        unsettled = self.filter(
            ticket__in=Ticket.objects.visible_to(actor).values("pk"),
            message__author_is_agent=True,
            message__kind=Message.Kind.REPLY,
            message__created_at__gt=at - UNDO_WINDOW,
        ).aggregate(first=models.Min("position"))["first"]
        return seen if unsettled is None else seen.filter(position__lt=unsettled)


class Event(models.Model):
    """What changed, from what to what, who did it, through which door, when."""

    class Kind(models.TextChoices):
        """Every kind of change there is."""

        OPENED = "ticket.opened", _("opened the ticket")
        FOLLOWED_UP = "ticket.followed_up", _("continued in a follow-up")
        MESSAGE_ADDED = "message.added", _("wrote a message")
        MESSAGE_WITHDRAWN = "message.withdrawn", _("took a message back")
        MESSAGE_REDACTED = "message.redacted", _("redacted a message")
        ATTACHMENT_REDACTED = "attachment.redacted", _("redacted a file")
        STATUS_CHANGED = "ticket.status_changed", _("changed the status")
        RESOLVED = "ticket.resolved", _("resolved the ticket")
        REOPENED = "ticket.reopened", _("reopened the ticket")
        CLOSED = "ticket.closed", _("closed the ticket")
        CATEGORY_SET = "ticket.category_set", _("set the category")
        CATEGORY_CONFIRMED = "ticket.category_confirmed", _("confirmed the category")
        PRIORITY_SET = "ticket.priority_set", _("set the priority")
        EMERGENCY_SET = "ticket.emergency_set", _("changed the emergency flag")
        TEAM_SET = "ticket.team_set", _("handed over to a team")
        ASSIGNED = "ticket.assigned", _("assigned the ticket")
        UNASSIGNED = "ticket.unassigned", _("unassigned the ticket")
        PRODUCT_SET = "ticket.product_set", _("set the product")
        COMPONENT_SET = "ticket.component_set", _("set the component")
        AFFECTED_RELEASE_SET = "ticket.affected_release_set", _("set the affected release")
        FIXED_IN_SET = "ticket.fixed_in_set", _("set the release with the fix")
        SUBJECT_SET = "ticket.subject_set", _("changed the subject")
        TAGGED = "ticket.tagged", _("changed the tags")
        FIELDS_SET = "ticket.fields_set", _("changed fields")
        REQUESTER_SET = "ticket.requester_set", _("changed the requester")
        REQUESTER_CONFIRMED = "ticket.requester_confirmed", _("proved the address")
        CC_SET = "ticket.cc_set", _("changed who is copied")
        ORGANISATION_SET = "ticket.organisation_set", _("changed the organisation")
        SPAM_MARKED = "ticket.spam_marked", _("marked the ticket as spam")
        SPAM_UNMARKED = "ticket.spam_unmarked", _("took the spam mark away")
        SIDE_STARTED = "side.started", _("wrote to a third party")
        SIDE_WRITTEN = "side.written", _("wrote to a third party again")
        SIDE_ANSWERED = "side.answered", _("recorded a third party’s answer")
        SIDE_CLOSED = "side.closed", _("closed the conversation with a third party")
        CHECKLIST_CHANGED = "ticket.checklist_changed", _("changed the checklist")
        TIME_LOGGED = "time.logged", _("logged time")
        TIME_CHANGED = "time.changed", _("corrected logged time")
        TIME_DELETED = "time.deleted", _("took logged time away")
        LINKED = "ticket.linked", _("linked the ticket")
        UNLINKED = "ticket.unlinked", _("removed a link")
        MERGED = "ticket.merged", _("merged the ticket into another")
        UNMERGED = "ticket.unmerged", _("took the merge back")
        MERGED_IN = "ticket.merged_in", _("merged a ticket into this one")
        MERGED_OUT = "ticket.merged_out", _("took a merged ticket out again")
        SPLIT = "ticket.split", _("made a ticket of its own from a message")
        SNOOZED = "ticket.snoozed", _("snoozed the ticket")
        WOKEN = "ticket.woken", _("woke the ticket")
        WATCHED = "ticket.watched", _("began to watch")
        UNWATCHED = "ticket.unwatched", _("stopped watching")
        SLA_WARNED = "sla.warned", _("time is running out")
        SLA_BREACHED = "sla.breached", _("breached its SLA")
        SLA_ESCALATED = "sla.escalated", _("still not done")
        SLA_REVOKED = "sla.revoked", _("an outcome was revoked")
        SLA_DUE_SET = "sla.due_set", _("set the due time by hand")
        NOTICE_ASKED = "notice.asked", _("asked to tell somebody")

        @property
        def is_of_sla(self) -> bool:
            """Whether the SLA engine wrote it: such events change nothing a person edited."""
            return self.value in {"sla.warned", "sla.breached", "sla.escalated", "sla.revoked"}

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="events")
    sequence = models.PositiveIntegerField()
    public_sequence = models.PositiveIntegerField(null=True)
    position = models.BigIntegerField(null=True, unique=True)
    kind = models.CharField(max_length=40, choices=Kind.choices)
    at = models.DateTimeField()
    actor_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=200, blank=True)
    spoken_by = models.CharField(max_length=200, blank=True)
    door = models.CharField(max_length=6)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    message = models.ForeignKey(
        Message, null=True, on_delete=models.CASCADE, related_name="events"
    )
    other = models.ForeignKey(
        Ticket, null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    request_id = models.CharField(max_length=100, blank=True)
    caused_by = models.ForeignKey(
        "self", null=True, on_delete=models.SET_NULL, related_name="consequences"
    )
    published_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    delivery_attempts = models.PositiveSmallIntegerField(default=0)

    objects: ClassVar[models.Manager["Event"]] = EventQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "sequence"], name="sequence_has_no_twin"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(published_at__isnull=True), name="unpublished_events"
            ),
            models.Index(
                fields=["position"],
                condition=Q(published_at__isnull=False, delivered_at__isnull=True),
                name="undelivered_events",
            ),
            models.Index(
                fields=["at"],
                condition=Q(kind="ticket.organisation_set"),
                name="moves_of_organisation",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of #{self.ticket_id} ({self.sequence})"


PUBLIC_KINDS = frozenset({
    Event.Kind.OPENED, Event.Kind.FOLLOWED_UP, Event.Kind.STATUS_CHANGED, Event.Kind.RESOLVED,
    Event.Kind.REOPENED, Event.Kind.CLOSED, Event.Kind.SUBJECT_SET, Event.Kind.MERGED,
    Event.Kind.UNMERGED,
})  # fmt: skip
