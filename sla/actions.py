"""Every change of calendars, policies, agreements and due times set by hand."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, NameTaken, NotAllowed, Refused
from accounts.models import Organisation, User
from accounts.permissions import require
from products.models import Product
from sla import business_time, drafts, policy_documents, rollout
from sla.calendar_documents import CalendarError
from sla.models import (
    Agreement,
    Calendar,
    CalendarVersion,
    Clock,
    Cover,
    Policy,
    PolicyVersion,
    Rollout,
    Target,
)
from tickets.actions._door import lock
from tickets.events import plain, record
from tickets.models import Event

_Row = TypeVar("_Row", Calendar, Policy, Agreement)
FURTHEST_DUE = timedelta(days=3660)
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)


class AgreementOverlaps(Refused):
    """Two agreements would promise the same products at the same time (docs/sla.md T9)."""

    code = "agreement_overlaps"
    sentence = _("Another agreement of this organisation covers this product at that time.")


class CalendarInUse(Refused):
    """A calendar that clocks were counted on is needed to explain them."""

    code = "calendar_in_use"
    sentence = _("Policies count on this calendar: %(policies)s.")


@transaction.atomic
def save_calendar(
    calendar: Calendar | None,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    document: Mapping[str, Any],
    counted_from: datetime | None = None,
) -> CalendarVersion:
    """Make a calendar or its next version; live clocks follow (docs/sla.md T6).

    With `counted_from`, in the past, a forgotten holiday is taken out of live clocks too.

    :raises Invalid: the document cannot be kept; `pointer` names the field.
    :raises NameTaken: another calendar has the name.
    """
    require(actor, "settings.change")
    refuse_strange_past(counted_from, at)
    read_calendar(document)
    calendar = _locked(Calendar, calendar)
    calendar.name = _free_name(Calendar, calendar.pk, name)
    calendar.save()
    audit.note(actor, "calendar.saved", calendar.name, at)
    return rollout.renew(
        calendar.pk, at=at, document=dict(document), by=actor.name, counted_from=counted_from
    )


def refuse_strange_past(counted_from: datetime | None, at: datetime) -> None:
    """Refuse a beginning of “also for the past” that lies ahead, or before 1970.

    :raises Invalid: it does.
    """
    if counted_from is not None and not _FIRST <= counted_from <= at:
        raise Invalid(_("“Also for the past” begins in the past."), pointer="counted_from")


def read_calendar(document: Mapping[str, Any]) -> business_time.Calendar:
    """Read opening hours that somebody wrote.

    :raises Invalid: they cannot be kept; `pointer` names the part of `document`.
    """
    try:
        return business_time.Calendar.parse(document)
    except CalendarError as error:
        raise Invalid(
            _(error.sentence) % error.values, pointer=f"document.{error.field}"
        ) from error


@transaction.atomic
def save_policy(
    policy: Policy | None,
    *,
    actor: Actor,
    at: datetime,
    name: str,
    calendar: Calendar,
    targets: policy_documents.Targets,
    document: Mapping[str, Any] | None = None,
    **values: Any,
) -> PolicyVersion:
    """Make a policy or its next version; live clocks follow (docs/sla.md T6).

    :param targets: metric → category ("" is any) → priority → seconds, or "30m", "4h", "2d" of
        business time (docs/sla.md C4); any category has every priority (docs/sla.md T8).
    :param document: match, pause, on_reopen, minimums, steps, calendars; see PolicyVersion.
    :param values: description, position, is_plan, is_active.
    :raises Invalid: something cannot be promised; `pointer` names it.
    :raises NameTaken: another policy has the name.
    """
    require(actor, "settings.change")
    draft = drafts.read(calendar, targets, document or {}, at)
    is_new = policy is None
    policy = _locked(Policy, policy)
    was = _reach_of(policy)
    if is_new:
        policy.position = _last_position() + 1
    policy.name = _free_name(Policy, policy.pk, name)
    for field, value in values.items():
        setattr(policy, field, value)
    _refuse_useless(policy, draft.document["match"])
    policy.save()
    last = policy.versions.order_by("-number").first()
    version = policy.versions.create(
        number=last.number + 1 if last else 1, calendar=calendar, document=draft.document,
        created_at=at, created_by=actor.name,
    )  # fmt: skip
    Target.objects.bulk_create(Target(version=version, **row) for row in draft.rows)
    policy.current = version
    policy.save(update_fields=["current"])
    rollout.leave(
        # Only its own tickets, unless it may now be for others.
        policy=policy if was == _reach_of(policy) else None,
        effective_from=at, created_at=at, created_by=actor.name, what=str(version)[:200],
    )  # fmt: skip
    audit.note(actor, "policy.saved", policy.name, at, version=version.number)
    return version


@transaction.atomic
def move_policy(policy: Policy, *, actor: Actor, at: datetime, to: int) -> None:
    """Give a policy the place `to` in the order, 1 being the first; the default stays the last.

    The first that matches is followed, so all live clocks are asked again (docs/sla.md T7).

    :raises Invalid: it is the default policy, or there is no such place.
    """
    require(actor, "settings.change")
    ordered = list(
        Policy.objects.select_for_update(of=("self",))
        .filter(is_default=False)
        .order_by("position", "pk")
    )
    before = [other.pk for other in ordered]
    if policy.pk not in before:
        raise Invalid(_("The default policy is always the last."), pointer="to")
    if not 1 <= to <= len(ordered):
        raise Invalid(_("There is no such place in the order."), pointer="to")
    moved = ordered.pop(before.index(policy.pk))
    ordered.insert(to - 1, moved)
    for position, other in enumerate(ordered, 1):
        other.position = position
    Policy.objects.bulk_update(ordered, ["position"])
    if before == [other.pk for other in ordered]:
        return
    Rollout.objects.create(
        effective_from=at, created_at=at, created_by=actor.name, what=f"{moved.name}: {to}"[:200]
    )
    audit.note(actor, "policy.moved", moved.name, at, to=to)


@transaction.atomic
def delete_calendar(calendar: Calendar, *, actor: Actor, at: datetime) -> None:
    """Delete a calendar on which no policy ever counted.

    :raises CalendarInUse: some version of a policy names it.
    """
    require(actor, "settings.change")
    calendar = _locked(Calendar, calendar)
    users = rollout.policies_on(calendar.pk)
    if users:
        raise CalendarInUse(
            CalendarInUse.sentence % {"policies": ", ".join(policy.name for policy in users)}
        )
    audit.note(actor, "calendar.deleted", calendar.name, at)
    calendar.current = None
    calendar.save(update_fields=["current"])
    Rollout.objects.filter(calendar_version__calendar=calendar).delete()
    calendar.versions.all().delete()
    calendar.delete()


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
    agreement = _locked(Agreement, agreement)
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
    agreement = _locked(Agreement, agreement)
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


@transaction.atomic
def set_due(
    number: int, metric: str, due_at: datetime | None, *, actor: Actor, at: datetime
) -> Event | None:
    """Set the due time of a live clock by hand, or give it back to its policy (docs/sla.md T7).

    An equal value makes no event. What is broken already only admins set: else whoever was late
    could make it as if it had not been.

    :raises NotFound: the actor does not see the ticket.
    :raises NotAllowed: the actor is no agent, or no admin where the promise is broken.
    :raises Invalid: there is no such live clock, or the time is past or over ten years ahead.
    """
    ticket = lock(number, actor, "triage")
    at = max(at, ticket.updated_at)
    clock = Clock.objects.filter(ticket=ticket, metric=metric, ended_at__isnull=True).first()
    if clock is None:
        raise Invalid(_("Nothing of this kind is promised at present."), pointer="metric")
    if due_at is not None and not at < due_at <= at + FURTHEST_DUE:
        raise Invalid(_("Choose a time in the next ten years."), pointer="due_at")
    if clock.breached_at is not None and not actor.is_admin:
        raise NotAllowed(_("This promise is broken already: only admins give it more time."))
    by_hand = clock.due_at if clock.is_manual else None
    if due_at == by_hand and clock.is_manual == (due_at is not None):
        return None
    return record(
        ticket, Event.Kind.SLA_DUE_SET, actor=actor, at=at,
        before={"metric": metric, "due_at": plain(clock.due_at)},
        after={"metric": metric, "due_at": plain(due_at)},
    )  # fmt: skip


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


def _reach_of(policy: Policy) -> tuple[object, ...]:
    """What decides which tickets it is for."""
    match = policy.current.document.get("match") if policy.current else None
    return match, policy.position, policy.is_active, policy.is_default


def _last_position() -> int:
    last = Policy.objects.filter(is_default=False).aggregate(last=Max("position"))["last"]
    return last or 0


def _refuse_useless(policy: Policy, match: Mapping[str, str]) -> None:
    if policy.is_default:
        if match:
            raise Invalid(_("The default policy is for every ticket."), pointer="match")
        if not policy.is_active:
            raise Invalid(_("The default policy is always active."), pointer="is_active")
    elif not (match or policy.is_plan):
        raise Invalid(
            _("It matches nothing: say which tickets it is for, or offer it as a plan."),
            pointer="match",
        )


def _locked(model: type[_Row], row: _Row | None) -> _Row:
    """The row as it stands now, locked, or a new one; what the caller read may be old."""
    if row is None:
        return model()
    return model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)  # noqa: SLF001 - a public name


def _free_name(model: type[Calendar] | type[Policy], pk: int | None, name: str) -> str:
    text = name.strip()
    if not text or len(text) > 100:
        raise Invalid(_("Give it a name of up to 100 characters."), pointer="name")
    same = model._default_manager.filter(name__iexact=text)  # noqa: SLF001 - a public name
    if same.exclude(pk=pk or 0).exists():
        raise NameTaken(pointer="name")
    return text


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
