"""The ticket: one issue, with what it is about, who has it, and how far along it is."""

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import BooleanField, Case, F, Func, Q, Subquery, Value, When
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, Team, User
from products.models import Component, Product, Release

if TYPE_CHECKING:
    from accounts.actor import Actor


class Category(models.TextChoices):
    """The type of maintenance (ISO/IEC 14764), or plain support."""

    CORRECTIVE = "corrective", _("Corrective")
    ADAPTIVE = "adaptive", _("Adaptive")
    PERFECTIVE = "perfective", _("Perfective")
    PREVENTIVE = "preventive", _("Preventive")
    SUPPORT = "support", _("Support")

    @property
    def plain_words(self) -> Promise:
        """How a customer would say it."""
        return _PLAIN_CATEGORY[self]


_PLAIN_CATEGORY = {
    Category.CORRECTIVE: _("Something is broken"),
    Category.ADAPTIVE: _("Something around it changed"),
    Category.PERFECTIVE: _("I would like it improved"),
    Category.PREVENTIVE: _("Prevent a problem"),
    Category.SUPPORT: _("I have a question"),
}


class Priority(models.TextChoices):
    """How urgent it is; agents decide."""

    LOW = "low", _("Low")
    NORMAL = "normal", _("Normal")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")

    @property
    def rank(self) -> int:
        """Where it stands among them, from 1 for low."""
        return 1 + Priority.values.index(self.value)


class Status(models.TextChoices):
    """How far along it is."""

    NEW = "new", _("New")
    OPEN = "open", _("Open")
    PENDING = "pending", _("Pending")
    ON_HOLD = "on_hold", _("On hold")
    RESOLVED = "resolved", _("Resolved")
    CLOSED = "closed", _("Closed")

    @property
    def plain_words(self) -> Promise:
        """What a customer reads instead of the internal word."""
        return _PLAIN_STATUS[self]


_PLAIN_STATUS = {
    Status.NEW: _("Received"),
    Status.OPEN: _("We are working on it"),
    Status.PENDING: _("Waiting for your answer"),
    Status.ON_HOLD: _("On hold"),
    Status.RESOLVED: _("Solved"),
    Status.CLOSED: _("Closed"),
}
LIVE = (Status.NEW, Status.OPEN, Status.PENDING, Status.ON_HOLD)
_MERGED = """
WITH RECURSIVE merged(number) AS (
  SELECT number FROM tickets_ticket WHERE merged_into_id = %s
  UNION SELECT t.number FROM tickets_ticket t JOIN merged m ON t.merged_into_id = m.number
) SELECT number FROM merged
"""
_HOME = """
WITH RECURSIVE way(number, step) AS (
  SELECT merged_into_id, 1 FROM tickets_ticket WHERE number = %s
  UNION SELECT t.merged_into_id, step + 1 FROM tickets_ticket t JOIN way w ON t.number = w.number
) SELECT number FROM way WHERE number IS NOT NULL ORDER BY step
"""
UNTRIAGED = Q(status__in=LIVE, category_confirmed_at__isnull=True)
MAY_GO_TO: dict[str, frozenset[str]] = {
    Status.NEW: frozenset({"open", "pending", "on_hold", "resolved", "closed"}),
    Status.OPEN: frozenset({"pending", "on_hold", "resolved"}),
    Status.PENDING: frozenset({"open", "on_hold", "resolved"}),
    Status.ON_HOLD: frozenset({"open", "pending", "resolved"}),
    Status.RESOLVED: frozenset({"open", "closed"}),
    Status.CLOSED: frozenset(),
}


class TagQuerySet(models.QuerySet["Tag"]):
    """Lists of tags; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "TagQuerySet":
        """Keep tags that stand on a ticket the actor sees; customers see none."""
        if not actor.is_agent and not actor.is_admin:
            return self.none()
        seen = Ticket.objects.visible_to(actor).filter(tags=models.OuterRef("pk"))
        return self.filter(models.Exists(seen))


class Tag(models.Model):
    """A word that agents put on tickets."""

    name = models.CharField(max_length=60, unique=True)

    objects: ClassVar[models.Manager["Tag"]] = TagQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Lists of tickets; every list starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "TicketQuerySet":
        """Keep what the actor may see: the one visibility rule (docs/architecture.md, Rules)."""
        if actor.only_ticket is not None:
            return self.filter(pk=actor.only_ticket)
        if actor.sees_all:
            return self
        if actor.is_agent:
            return self.exclude(team__in=actor.hidden_teams)
        if actor.user is None:
            return self.none()
        return self.filter(_of_customer(actor.user))

    def of_no_private_team(self) -> "TicketQuerySet":
        """Keep what every agent may see."""
        return self.exclude(team__in=Team.objects.filter(is_private=True))

    def live(self) -> "TicketQuerySet":
        """Keep tickets on which somebody still has work: not resolved, not closed."""
        return self.filter(status__in=LIVE)

    def awake(self) -> "TicketQuerySet":
        """Leave out what is snoozed."""
        return self.filter(snoozed_at__isnull=True)

    def with_people(self) -> "TicketQuerySet":
        """Join what a row of a list shows."""
        return self.select_related(
            "requester", "organisation", "assignee", "team", "product", "component",
            "affected_release", "fixed_in",
        )  # fmt: skip


def _of_customer(user: User) -> Q:
    own = Q(requester=user, requester_confirmed_at__isnull=False) | Q(_is_copied(user))
    if user.sees_organisation and user.organisation_id is not None:
        return own | Q(organisation=user.organisation_id)
    return own


def _is_copied(user: User) -> Func:
    """Compare with an array that is read once, so that each side of an “or” has its index."""
    array = Subquery(user.copies.values("ticket"), template="ANY(ARRAY(%(subquery)s))")
    return Func(
        F("pk"), array, template="%(expressions)s", arg_joiner=" = ", output_field=BooleanField()
    )


class Ticket(models.Model):
    """One issue. `number` is its name everywhere, shown as #1042."""

    class Source(models.TextChoices):
        """Through which channel it came."""

        WEB = "web", _("Web form")
        API = "api", _("API")
        EMAIL = "email", _("E-mail")
        AGENT = "agent", _("Agent")
        PLAN = "plan", _("Maintenance plan")
        ALERT = "alert", _("Alert")

    number = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=250)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tickets"
    )
    requester_confirmed_at = models.DateTimeField(null=True, blank=True)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    category = models.CharField(max_length=10, choices=Category.choices, null=True, blank=True)
    category_confirmed_at = models.DateTimeField(null=True, blank=True)
    priority = models.CharField(max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    priority_rank = models.GeneratedField(
        expression=Case(
            When(priority="urgent", then=Value(Priority.URGENT.rank)),
            When(priority="high", then=Value(Priority.HIGH.rank)),
            When(priority="normal", then=Value(Priority.NORMAL.rank)),
            default=Value(Priority.LOW.rank),
        ),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    hold_reason = models.CharField(max_length=250, blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets"
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="assigned_tickets",
    )
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    component = models.ForeignKey(
        Component, null=True, blank=True, on_delete=models.PROTECT, related_name="tickets"
    )
    affected_release = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.PROTECT, related_name="affected_tickets"
    )
    fixed_in = models.ForeignKey(
        Release, null=True, blank=True, on_delete=models.PROTECT, related_name="fixed_tickets"
    )
    tags = models.ManyToManyField(Tag, related_name="tickets", blank=True)
    fields = models.JSONField(default=dict, blank=True)
    emergency = models.BooleanField(default=False)
    source = models.CharField(max_length=5, choices=Source.choices)
    external_source = models.CharField(max_length=60, blank=True)
    external_id = models.CharField(max_length=200, blank=True)
    follows_up = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="follow_ups"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )
    is_spam = models.BooleanField(default=False)
    snoozed_at = models.DateTimeField(null=True, blank=True)
    snoozed_until = models.DateTimeField(null=True, blank=True)
    snippet = models.CharField(max_length=160, blank=True)
    waiting_since = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=0)
    public_version = models.PositiveIntegerField(default=0)
    public_updated_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Ticket"]] = TicketQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                condition=~Q(external_id=""),
                name="external_id_is_unique",
            ),
            models.CheckConstraint(
                condition=Q(emergency=False) | Q(category="corrective"),
                name="only_corrective_is_an_emergency",
            ),
            models.CheckConstraint(condition=Q(status__in=Status.values), name="status_is_known"),
            models.CheckConstraint(
                condition=Q(category__isnull=False) | Q(category_confirmed_at__isnull=True),
                name="confirmed_category_exists",
            ),
            models.CheckConstraint(
                condition=Q(snoozed_at__isnull=True, snoozed_until__isnull=True)
                | Q(snoozed_at__isnull=False, status__in=LIVE),
                name="only_live_tickets_are_snoozed",
            ),
        ]
        indexes = [
            models.Index(fields=["-updated_at", "-number"], name="tickets_by_update"),
            models.Index(fields=["-created_at", "-number"], name="tickets_by_age"),
            models.Index(
                fields=["due_at", "number"],
                condition=Q(due_at__isnull=False), name="tickets_by_due",
            ),
            models.Index(
                fields=["number"], condition=Q(status__in=LIVE), name="live_by_number"
            ),
            models.Index(fields=["status", "-updated_at", "-number"], name="tickets_by_status"),
            models.Index(
                fields=["assignee", "-updated_at", "-number"], name="tickets_by_assignee"
            ),
            models.Index(
                fields=["assignee", "due_at", "number"],
                condition=Q(status__in=LIVE), name="live_by_assignee",
            ),
            models.Index(
                fields=["-updated_at", "-number"],
                condition=Q(status__in=LIVE, assignee__isnull=True), name="unassigned_by_update",
            ),
            models.Index(
                fields=["due_at", "number"],
                condition=Q(status__in=LIVE, assignee__isnull=True), name="unassigned_by_due",
            ),
            models.Index(
                fields=["-updated_at", "-number"],
                condition=UNTRIAGED, name="untriaged_by_update",
            ),
            models.Index(
                fields=["waiting_since", "number"],
                condition=Q(waiting_since__isnull=False), name="waiting_by_age",
            ),
            models.Index(fields=["team", "-updated_at", "-number"], name="tickets_by_team"),
            models.Index(
                fields=["organisation", "-updated_at", "-number"], name="tickets_by_organisation"
            ),
            models.Index(
                fields=["requester", "-updated_at", "-number"], name="tickets_by_requester"
            ),
            models.Index(fields=["product", "-updated_at", "-number"], name="tickets_by_product"),
            models.Index(
                fields=["category", "-updated_at", "-number"], name="tickets_by_category"
            ),
            models.Index(
                fields=["priority_rank", "number"], name="tickets_by_priority"
            ),
            models.Index(
                fields=["updated_at", "number"],
                condition=Q(status__in=LIVE), name="live_by_update",
            ),
            models.Index(
                fields=["priority_rank", "number"],
                condition=Q(status__in=LIVE), name="live_by_priority",
            ),
            models.Index(fields=["organisation", "number"], name="tickets_of_organisation"),
            models.Index(fields=["product", "number"], name="tickets_of_product"),
            models.Index(
                fields=["organisation", "number"],
                condition=Q(status__in=LIVE), name="live_by_organisation",
            ),
            models.Index(
                fields=["product", "number"],
                condition=Q(status__in=LIVE), name="live_by_product",
            ),
            models.Index(
                fields=["resolved_at", "number"],
                condition=Q(status="resolved"), name="resolved_by_age",
            ),
            models.Index(
                fields=["resolved_at", "number"],
                condition=Q(resolved_at__isnull=False), name="tickets_by_resolution",
            ),
            models.Index(
                fields=["created_at", "number"], include=["is_spam", "team"],
                condition=Q(status__in=LIVE), name="live_by_age",
            ),
            models.Index(
                fields=["snoozed_until", "number"],
                condition=Q(snoozed_at__isnull=False), name="snoozed_by_end",
            ),
            models.Index(
                fields=["snoozed_until", "number"],
                condition=Q(snoozed_until__isnull=False), name="snoozed_until_when",
            ),
            models.Index(
                fields=["closed_at", "number"],
                condition=Q(closed_at__isnull=False), name="tickets_by_closing",
            ),
            models.Index(fields=["source", "-updated_at", "-number"], name="tickets_by_source"),
            models.Index(
                fields=["-updated_at", "-number"],
                condition=Q(emergency=True), name="emergencies_by_update",
            ),
            models.Index(
                fields=["-updated_at", "-number"],
                condition=Q(is_spam=True), name="spam_by_update",
            ),
            GinIndex(fields=["fields"], opclasses=["jsonb_path_ops"], name="tickets_by_field"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"#{self.number}"

    def merged_numbers(self) -> list[int]:
        """Give the numbers of all tickets that were merged into this one, at once or by way."""
        with connection.cursor() as cursor:
            cursor.execute(_MERGED, [self.pk])
            return [number for (number,) in cursor.fetchall()]

    def home_numbers(self) -> list[int]:
        """Give the way from here to the ticket that this one was merged into in the end."""
        with connection.cursor() as cursor:
            cursor.execute(_HOME, [self.pk])
            return [number for (number,) in cursor.fetchall()]

    def is_read_by(self, person: User) -> bool:
        """Whether a private link may open it to this person: its requester, or who is copied."""
        return self.requester_id == person.pk or self.copies.of(person).exists()

    def belongs_to(self, person: User) -> bool:
        """Whether it is the person's own, or of the organisation whose tickets they see."""
        sees = person.organisation_id if person.sees_organisation else None
        is_of_organisation = sees is not None and sees == self.organisation_id
        return self.requester_id == person.pk or is_of_organisation

    def shares_its_customer_with(self, other: "Ticket") -> bool:
        """Whether both belong to one person, whose address was proven for both."""
        if self.pk == other.pk:
            return True
        are_proven = self.requester_confirmed_at and other.requester_confirmed_at
        return self.requester_id == other.requester_id and bool(are_proven)

    @property
    def is_live(self) -> bool:
        """Whether somebody still has work with it."""
        return self.status in LIVE

    @property
    def is_untriaged(self) -> bool:
        """Whether an agent has yet to say what kind of maintenance it is."""
        return self.is_live and self.category_confirmed_at is None

    @property
    def plain_status(self) -> Promise | str:
        """The status in the customer's words, with the reason of a hold."""
        words = Status(self.status).plain_words
        if self.status == Status.ON_HOLD and self.hold_reason:
            return f"{words}: {self.hold_reason}"
        return words
