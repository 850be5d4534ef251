"""Agreements: what an organisation bought, for which products and from when to when."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from products.models import Product
from sla.models.policies import Policy


class _Key(Func):
    """A key as a range of itself, so that GiST compares it without an extension; NULL is all."""

    function = "int8range"
    template = "%(function)s(%(expressions)s, '[]')"


class _Period(Func):
    function = "tstzrange"

    def __init__(self, start: str, end: str) -> None:
        super().__init__(F(start), F(end), RangeBoundary())


class Validity(models.TextChoices):
    """Where an agreement stands at an instant."""

    AHEAD = "ahead", _("Not begun")
    VALID = "valid", _("Valid")
    ENDED = "ended", _("Ended")


class AgreementQuerySet(models.QuerySet["Agreement"]):
    """Lists of agreements; each says what holds at an instant."""

    def standing(self, validity: str, at: datetime) -> "AgreementQuerySet":
        """Keep those that are not begun, valid or ended at that instant."""
        if validity == Validity.AHEAD:
            return self.filter(valid_from__gt=at)
        if validity == Validity.ENDED:
            return self.filter(valid_until__lte=at)
        return self.filter(valid_from__lte=at).exclude(valid_until__lte=at)

    def valid_between(self, start: datetime, end: datetime) -> "AgreementQuerySet":
        """Keep those that are valid at any instant from `start` until before `end`."""
        return self.filter(valid_from__lt=end).exclude(valid_until__lte=start)

    def ending_within(self, days: int, at: datetime) -> "AgreementQuerySet":
        """Keep the valid ones that end in so many days, though none follows them."""
        soon = Q(valid_until__lte=at + timedelta(days=days))
        return self.standing(Validity.VALID, at).filter(soon).unfollowed()

    def unfollowed(self) -> "AgreementQuerySet":
        """Keep those after whose end something is covered no more: no other goes on with it."""
        same = Q(product__isnull=True) | Q(product=OuterRef("product"))
        goes_on = Q(valid_until__isnull=True) | Q(valid_until__gt=OuterRef("valid_until"))
        following = (
            Cover.objects.filter(same, goes_on, organisation=OuterRef("organisation"))
            .filter(valid_from__lte=OuterRef("valid_until"))
            .exclude(agreement=OuterRef("agreement"))
        )
        lost = Cover.objects.filter(~Exists(following), agreement=OuterRef("pk"))
        return self.filter(Exists(lost))


class Agreement(models.Model):
    """A support plan of one organisation; `valid_until` is the first instant without it.

    With `contacts`, only tickets of these people are covered, at most `most_contacts` of them.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="agreements"
    )
    policy = models.ForeignKey(Policy, on_delete=models.PROTECT, related_name="agreements")
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    account_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    contacts = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    most_contacts = models.PositiveIntegerField(null=True, blank=True)
    hours_a_month = models.PositiveIntegerField(null=True, blank=True)
    notes = models.TextField(blank=True)

    objects = AgreementQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gt=F("valid_from")),
                name="agreement_ends_after_it_begins",
            ),
        ]
        indexes = [
            models.Index(fields=["organisation", "valid_from"], name="agreements_in_order"),
            models.Index(fields=["valid_until"], name="agreements_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.policy} for {self.organisation}"

    def validity(self, at: datetime) -> Validity:
        """Say where it stands at that instant."""
        if self.valid_until is not None and self.valid_until <= at:
            return Validity.ENDED
        return Validity.AHEAD if self.valid_from > at else Validity.VALID


class ExpiryNotice(models.Model):
    """That the account manager is told, so many days before, that an agreement ends.

    One that is prolonged ends at another instant and is told of again.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="notices")
    valid_until = models.DateTimeField()
    days = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "valid_until", "days"], name="expiry_is_told_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement_id} ends at {self.valid_until}"


class Cover(models.Model):
    """One product that an agreement covers, or all of them when `product` is empty.

    It repeats organisation and dates so that the database itself refuses two agreements that
    are valid for one organisation and product at an instant (docs/sla.md T9).
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.CASCADE, related_name="covers")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_valid_agreement",
                expressions=[
                    (_Key("organisation", "organisation"), RangeOperators.OVERLAPS),
                    (_Key("product", "product"), RangeOperators.OVERLAPS),
                    (_Period("valid_from", "valid_until"), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product or '*'} of {self.agreement_id}"
