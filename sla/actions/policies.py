"""Every change of a policy, and of the order in which they are asked (docs/sla.md T7, T8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid
from accounts.permissions import require
from sla import drafts, policy_documents, rollout
from sla.actions._rows import free_name, locked
from sla.models import Calendar, Policy, PolicyVersion, Target


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
    policy = locked(Policy, policy)
    was = _reach_of(policy)
    if is_new:
        policy.position = _last_position() + 1
    policy.name = free_name(Policy, policy.pk, name)
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
    rollout.leave(
        effective_from=at, created_at=at, created_by=actor.name, what=f"{moved.name}: {to}"[:200]
    )
    audit.note(actor, "policy.moved", moved.name, at, to=to)


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
