"""Every change of an agreement (docs/sla.md T9, T10)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, Refused
from accounts.models import Organisation, User
from accounts.permissions import require
from products.models import Product
from sla import rollout
from sla.actions._rows import locked
from sla.models import Agreement, Cover, Policy


class AgreementOverlaps(Refused):
    """Two agreements would promise the same products at the same time (docs/sla.md T9)."""

    code = "agreement_overlaps"
    sentence = _("Another agreement of this organisation covers this product at that time.")


@transaction.atomic
def save_agreement(
    agreement: Agreement | None,
    *,
    actor: Actor,
    at: datetime,
    organisation: Organisation,
    policy: Policy,
    valid_from: datetime,
    valid_until: datetime | None = None,
    products: Iterable[Product] = (),
    account_manager: User | None = None,
    contacts: Iterable[User] = (),
    most_contacts: int | None = None,
    hours_a_month: int | None = None,
    notes: str = "",
) -> Agreement:
    """Make or change what an organisation bought; no products means all of them.

    No contacts means everybody of the organisation. Live clocks follow now, when it begins and
    when it ends.

    :raises Invalid: a value cannot be used; `pointer` names it.
    :raises AgreementOverlaps: another agreement covers a product at an instant of it.
    """
    require(actor, "settings.change")
    if policy.current is None or not policy.is_active:
        raise Invalid(_("This policy promises nothing."), pointer="policy")
    _refuse_no_plan(policy, agreement)
    if agreement is not None and agreement.organisation_id != organisation.pk:
        raise Invalid(_("An agreement stays with its organisation."), pointer="organisation")
    _refuse_no_time(valid_from, valid_until)
    if account_manager is not None and not (
        account_manager.is_staff_member and account_manager.is_active
    ):
        raise Invalid(_("An account manager works at the desk."), pointer="account_manager")
    named = _contacts(contacts, organisation, most_contacts)
    Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    agreement = locked(Agreement, agreement)
    wanted: list[Product | None] = [*products]
    wanted = wanted or [None]
    _refuse_overlap(agreement.pk, organisation, wanted, valid_from, valid_until)
    agreement.organisation, agreement.policy = organisation, policy
    agreement.valid_from, agreement.valid_until = valid_from, valid_until
    agreement.account_manager, agreement.most_contacts = account_manager, most_contacts
    agreement.hours_a_month, agreement.notes = hours_a_month, notes
    agreement.save()
    agreement.contacts.set(named)
    agreement.covers.all().delete()
    Cover.objects.bulk_create(
        Cover(
            agreement=agreement, organisation=organisation, product=product,
            valid_from=valid_from, valid_until=valid_until,
        )
        for product in wanted
    )  # fmt: skip
    _let_clocks_follow(agreement, {at, valid_from, valid_until}, actor, at)
    audit.note(actor, "agreement.saved", str(organisation), at, policy=policy.name)
    return agreement


@transaction.atomic
def end_agreement(
    agreement: Agreement, *, actor: Actor, at: datetime, valid_until: datetime
) -> Agreement:
    """Let an agreement end at this instant, whatever became of its plan or its manager since.

    :raises Invalid: it would end before it begins.
    :raises AgreementOverlaps: another agreement covers a product until then.
    """
    require(actor, "settings.change")
    Organisation.objects.select_for_update(of=("self",)).get(pk=agreement.organisation_id)
    agreement = locked(Agreement, agreement)
    _refuse_no_time(agreement.valid_from, valid_until)
    covers = agreement.covers.select_related("product")
    _refuse_overlap(
        agreement.pk, agreement.organisation, [each.product for each in covers],
        agreement.valid_from, valid_until, pointer="valid_until",
    )  # fmt: skip
    agreement.valid_until = valid_until
    agreement.save(update_fields=["valid_until"])
    agreement.covers.update(valid_until=valid_until)
    _let_clocks_follow(agreement, {at, valid_until}, actor, at)
    audit.note(
        actor, "agreement.ended", str(agreement.organisation), at, policy=agreement.policy.name
    )
    return agreement


def _refuse_no_plan(policy: Policy, agreement: Agreement | None) -> None:
    """What an organisation has bought stays sold, also when it is offered to nobody else."""
    is_kept = agreement is not None and agreement.policy_id == policy.pk
    if not (policy.is_plan or is_kept):
        raise Invalid(_("This policy is not offered as a plan."), pointer="policy")


def _refuse_no_time(valid_from: datetime, valid_until: datetime | None) -> None:
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid(_("An agreement ends after it begins."), pointer="valid_until")


def _let_clocks_follow(
    agreement: Agreement, moments: set[datetime | None], actor: Actor, at: datetime
) -> None:
    """Ask the organisation's tickets again now, when it begins and when it ends (T10)."""
    what = f"{agreement.policy.name}: {agreement.organisation}"[:200]
    for moment in moments:
        if moment is not None and moment >= at:
            rollout.leave(
                organisation=agreement.organisation, effective_from=moment, created_at=at,
                created_by=actor.name, what=what,
            )  # fmt: skip


def _contacts(
    contacts: Iterable[User], organisation: Organisation, most: int | None
) -> list[User]:
    named = list(dict.fromkeys(contacts))
    if any(person.organisation_id != organisation.pk for person in named):
        raise Invalid(_("Named contacts belong to the organisation."), pointer="contacts")
    if most is not None and len(named) > most:
        raise Invalid(
            _("The agreement allows %(most)d named contacts.") % {"most": most},
            pointer="contacts",
        )
    return named


def _refuse_overlap(
    pk: int | None,
    organisation: Organisation,
    products: list[Product | None],
    valid_from: datetime,
    valid_until: datetime | None,
    *,
    pointer: str = "valid_from",
) -> None:
    others = Cover.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gt=valid_from), organisation=organisation
    ).exclude(agreement=pk)
    if valid_until is not None:
        others = others.filter(valid_from__lt=valid_until)
    if None not in products:
        others = others.filter(Q(product__isnull=True) | Q(product__in=products))
    if others.exists():
        raise AgreementOverlaps(pointer=pointer)
