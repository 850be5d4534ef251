"""The outbox, the bell, and who wants to hear of what through which of them."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from sla.models import ExpiryNotice, ReportNotice
from tickets.models import Event, Ticket

NOT_DONE = Q(sent_at__isnull=True, dropped_at__isnull=True, dead_at__isnull=True)


class OutgoingQuerySet(models.QuerySet["Outgoing"]):
    """Lists of mails; every list says which end of the outbox it wants."""

    def waiting(self) -> "OutgoingQuerySet":
        """Keep mails that are still to be sent, the next one first."""
        return self.filter(NOT_DONE).order_by("next_at", "id")

    def claimable(self, at: datetime) -> "OutgoingQuerySet":
        """Keep mails that are due and that no worker holds a lease on."""
        free = Q(leased_until__isnull=True) | Q(leased_until__lte=at)
        return self.waiting().filter(free, next_at__lte=at)


class Outgoing(models.Model):
    """One mail to a person or an address, from when it is owed until it is accepted or given up.

    The words are written when it is sent, from what is true then; `message_id` never changes,
    so that every copy of it is known as the same mail (docs/architecture.md I3).
    """

    class Kind(models.TextChoices):
        """What the mail says."""

        CONFIRMATION = "confirmation", _("Confirmation")
        REPLY = "reply", _("Reply to the customer")
        ANSWER = "answer", _("Customer's answer")
        NEW_TICKET = "new_ticket", _("New ticket")
        ASSIGNED = "assigned", _("Assignment")
        SOLVED = "solved", _("Solved")
        REOPENED = "reopened", _("Opened again")
        FOLLOW_UP = "follow_up", _("Follow-up")
        WARNING = "warning", _("Time is running out")
        BREACH = "breach", _("SLA breached")
        ESCALATION = "escalation", _("Still overdue")
        CORRECTION = "correction", _("SLA breach taken back")
        NOTICE = "notice", _("Notice")
        MENTION = "mention", _("Mention")
        WOKEN = "woken", _("Snooze over")
        SIDE = "side", _("To a third party")
        SIGN_IN = "sign_in", _("Sign-in link")
        INVITATION = "invitation", _("Invitation")
        EXPIRY = "expiry", _("Agreement about to end")
        REPORT = "report", _("Monthly service report")

    kind = models.CharField(max_length=12, choices=Kind.choices)
    event = models.ForeignKey(Event, null=True, on_delete=models.CASCADE, related_name="mails")
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="mails"
    )
    address = models.EmailField(max_length=254, blank=True)
    expiry = models.OneToOneField(
        ExpiryNotice, null=True, on_delete=models.CASCADE, related_name="mail"
    )
    report = models.ForeignKey(
        ReportNotice, null=True, on_delete=models.CASCADE, related_name="mails"
    )
    next_path = models.CharField(max_length=500, blank=True)
    message_id = models.CharField(max_length=300, unique=True)
    created_at = models.DateTimeField()
    next_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    dropped_at = models.DateTimeField(null=True)
    dead_at = models.DateTimeField(null=True)
    trouble = models.TextField(blank=True)

    objects = OutgoingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["event", "recipient"], name="one_mail_per_event"),
            models.UniqueConstraint(
                fields=["event", "address"],
                condition=~Q(address=""),
                name="one_mail_per_event_and_address",
            ),
            models.CheckConstraint(
                condition=Q(recipient__isnull=True) ^ Q(address=""),
                name="a_mail_goes_to_a_person_or_an_address",
            ),
        ]
        indexes = [
            models.Index(fields=["next_at", "id"], condition=NOT_DONE, name="mails_to_send"),
            models.Index(fields=["-created_at", "-id"], name="mails_by_age"),
            models.Index(
                fields=["-dead_at", "-id"], condition=Q(dead_at__isnull=False), name="dead_mails"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id or self.address}"

    @property
    def reader(self) -> User:
        """The person to whom it goes; a mail to an address has none."""
        assert self.recipient is not None  # noqa: S101 - the constraint
        return self.recipient

    @property
    def goes_to(self) -> str:
        """The address to which it goes."""
        return self.address or self.reader.email

    @property
    def state(self) -> str:
        """Where it stands: `sent`, `dropped`, `dead`, or `waiting`."""
        if self.sent_at:
            return "sent"
        if self.dropped_at:
            return "dropped"
        return "dead" if self.dead_at else "waiting"


# What a colleague may choose about, in the order of the profile page.
CHOSEN = (
    Outgoing.Kind.NEW_TICKET, Outgoing.Kind.ASSIGNED, Outgoing.Kind.ANSWER,
    Outgoing.Kind.MENTION, Outgoing.Kind.WOKEN, Outgoing.Kind.REOPENED, Outgoing.Kind.WARNING,
    Outgoing.Kind.BREACH, Outgoing.Kind.ESCALATION, Outgoing.Kind.CORRECTION,
    Outgoing.Kind.NOTICE,
)  # fmt: skip


class Preference(models.Model):
    """That a colleague wants to hear of one kind otherwise than by mail and bell."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="preferences"
    )
    kind = models.CharField(max_length=12, choices=Outgoing.Kind.choices)
    mail = models.BooleanField(default=True)
    bell = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="preference_has_no_twin"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: mail {self.mail}, bell {self.bell}"


class Notification(models.Model):
    """One line behind a colleague's bell, unread until it or its ticket is opened."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications"
    )
    event = models.ForeignKey(Event, on_delete=models.CASCADE, related_name="notifications")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12, choices=Outgoing.Kind.choices)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["event", "recipient"], name="one_notification_per_event"
            ),
        ]
        indexes = [
            models.Index(fields=["recipient", "-id"], name="notifications_by_age"),
            models.Index(
                fields=["recipient", "ticket"],
                condition=Q(read_at__isnull=True),
                name="unread_notifications",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.recipient_id}"


def new_message_id(host: str) -> str:
    """Give a Message-ID that no other mail has (RFC 5322, 3.6.4)."""
    return f"<{uuid.uuid4()}@{host}>"
