"""People: customers, agents and admins in one table, and the teams that agents form."""

from typing import TYPE_CHECKING, Any, ClassVar
from zoneinfo import ZoneInfo

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models.organisations import Organisation
from accounts.zones import validate_zone

if TYPE_CHECKING:
    from accounts.actor import Actor


class PeopleManager(BaseUserManager["User"]):
    """Find people by address, whatever its capitals."""

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find one person by e-mail address.

        :raises User.DoesNotExist: nobody has it.
        """
        return self.get(email=(username or "").strip().lower())

    def working(self) -> models.QuerySet["User"]:
        """List active agents and admins by name."""
        return self.filter(is_active=True, role__in=User.STAFF).order_by("name", "id")


class User(AbstractBaseUser):
    """A person: a customer who files, an agent who answers, or an admin."""

    class Role(models.TextChoices):
        """What a person may do at all (docs/architecture.md, roles)."""

        CUSTOMER = "customer", _("Customer")
        AGENT = "agent", _("Agent")
        ADMIN = "admin", _("Admin")

    STAFF = (Role.AGENT, Role.ADMIN)

    email = models.EmailField(max_length=254)
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.CUSTOMER)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="people"
    )
    sees_organisation = models.BooleanField(default=False)
    email_verified_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=64, blank=True, validators=[validate_zone])
    language = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=40, blank=True)
    single_keys = models.BooleanField(default=True)
    is_away = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    is_blocked = models.BooleanField(default=False)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()

    objects: ClassVar[PeopleManager] = PeopleManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["email"], name="email_is_unique"),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="email_is_lower_case"
            ),
        ]
        indexes = [
            models.Index(fields=["role", "name", "id"], name="people_by_role"),
            models.Index(fields=["organisation", "name", "id"], name="people_by_organisation"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        """Fold the address to lower case, as it is stored."""
        super().clean()
        self.email = self.email.strip().lower()

    @property
    def display_name(self) -> str:
        """The name, or the address of somebody who gave none, as far as histories keep it."""
        return (self.name or self.email)[:200]

    @property
    def is_staff_member(self) -> bool:
        """Whether the person works at the desk."""
        return self.role in self.STAFF

    @property
    def is_desk_admin(self) -> bool:
        """Whether the person may change the settings."""
        return self.role == self.Role.ADMIN

    def shows_address_to(self, reader: "User | None") -> bool:
        """Whether a customer reads this person's address: one's own, or of one's organisation."""
        if reader is None:
            return False
        is_colleague = self.organisation_id is not None and not self.is_staff_member
        return self.pk == reader.pk or (
            is_colleague and self.organisation_id == reader.organisation_id
        )

    def zone(self, fallback: str = "UTC") -> ZoneInfo:
        """Give the zone in which this person reads times: own, organisation's, the desk's."""
        of_organisation = self.organisation.time_zone if self.organisation else ""
        return ZoneInfo(self.time_zone or of_organisation or fallback)

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the person with the address in lower case."""
        self.email = self.email.strip().lower()
        super().save(*args, **kwargs)


class TeamQuerySet(models.QuerySet["Team"]):
    """Lists of teams; every list that a person reads starts at `visible_to`."""

    def visible_to(self, actor: "Actor") -> "TeamQuerySet":
        """Keep open teams and the actor's own; admins see all (docs/architecture.md, roles)."""
        if actor.is_admin:
            return self
        return self.filter(models.Q(is_private=False) | models.Q(pk__in=Team.objects.of(actor)))

    def hidden_from(self, actor: "Actor") -> "TeamQuerySet":
        """Keep the others: private teams that are not the actor's own."""
        return self.exclude(pk__in=Team.objects.visible_to(actor))

    def of(self, actor: "Actor") -> "TeamQuerySet":
        """Keep the teams in which the actor is; an integration is in none."""
        return self.filter(members=actor.user) if actor.user else self.none()

    def taking_from(self, actor: "Actor") -> "TeamQuerySet":
        """Keep the teams that the actor may hand a ticket to: whoever works at the desk may hand
        to any, by name also to a private one (docs/architecture.md, roles)."""
        return self if actor.is_agent or actor.is_admin else self.none()


class Team(models.Model):
    """Agents who share a queue; a private team's tickets are seen by its members and admins.

    `sharing` says whether a ticket that comes without an assignee is given to a member, and
    `given_last` to whom the last one was.
    """

    class Sharing(models.TextChoices):
        """How tickets are shared out among the members (docs/architecture.md, Sharing out)."""

        OFF = "off", _("Not at all")
        ROUND_ROBIN = "round_robin", _("Round-robin")
        LOAD = "load", _("By load")

    name = models.CharField(max_length=100)
    is_private = models.BooleanField(default=False)
    signature = models.TextField(blank=True)
    members = models.ManyToManyField(User, related_name="teams", blank=True)
    sharing = models.CharField(max_length=11, choices=Sharing.choices, default=Sharing.OFF)
    given_last = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager["Team"]] = TeamQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="team_name_is_unique")]

    def __str__(self) -> str:
        return self.name
