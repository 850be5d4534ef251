"""Steps as macros keep them and the API sends them: plain JSON, checked and made ready to run.

`{"do": "assign", "to": 5}` is written; tickets.steps runs it with the person in place of 5.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.models import Team, User
from products.models import Product
from tickets.actions.opening import clean_body
from tickets.actions.triage import clean_tags
from tickets.errors import Invalid
from tickets.models import Category, Priority, Status, Ticket
from tickets.steps import Step

MOST_STEPS = 20
MESSAGES = frozenset({"reply", "note"})
Words = str | Promise


@dataclass(frozen=True)
class Form:
    """How one step is written, and how people read it.

    `keys` are those it must have besides `do`, `may_have` those it can have. `read` makes the
    step ready, `says` tells what it does, and `now` what stands there before it.
    """

    name: Words
    read: Callable[[Step, Actor], Step]
    says: Callable[[Step], Words]
    now: Callable[[Ticket], Words] = lambda ticket: ""
    keys: frozenset[str] = frozenset({"to"})
    may_have: frozenset[str] = field(default=frozenset())


@dataclass(frozen=True)
class Change:
    """What a step will do, in words; `before` is empty where nothing is replaced."""

    do: str
    name: Words
    before: Words
    after: Words


def ready(written: Sequence[Any], *, actor: Actor) -> list[Step]:
    """Check written steps and make them ready for tickets.steps.apply.

    :raises Invalid: a step cannot be taken; `pointer` is `steps[0].to` or the like.
    """
    if len(written) > MOST_STEPS:
        raise Invalid(_("At most 20 steps."), pointer="steps")
    found: dict[str, Step] = {}
    for place, step in enumerate(written):
        try:
            one = _ready(step, actor)
            if one["do"] in found:
                raise Invalid(_("This step stands twice."), pointer="do")
        except Invalid as refusal:
            refusal.pointer = f"steps[{place}].{refusal.pointer}".rstrip(".")
            raise
        found[one["do"]] = one
    return list(found.values())


def changes(steps: Sequence[Step], ticket: Ticket | None = None) -> list[Change]:
    """Say what ready steps do, on this ticket or on any; what stands already is left out."""
    said = []
    for step in steps:
        form = known_forms()[step["do"]]
        before, after = (form.now(ticket) if ticket else ""), form.says(step)
        if not before or before != after:
            said.append(Change(step["do"], form.name, before, after))
    return said


@cache
def known_forms() -> Mapping[str, Form]:
    """Gather the written steps that the apps named in settings define, once."""
    return {
        name: form
        for path in settings.TICKET_WRITTEN_STEPS
        for name, form in import_string(path).items()
    }


def key(value: Any) -> int:
    """Read the key of a row.

    :raises Invalid: it is no positive whole number that a key could have.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**63:
        raise Invalid(_("Give a number."), pointer="to")
    return value


def _ready(step: Any, actor: Actor) -> Step:
    does = step.get("do") if isinstance(step, Mapping) else None
    if not isinstance(does, str) or does not in known_forms():
        raise Invalid(_("There is no such step."), pointer="do")
    form = known_forms()[does]
    given = set(step) - {"do"}
    for name in sorted(form.keys - given):
        raise Invalid(_("This step needs it."), pointer=name)
    for name in sorted(given - form.keys - form.may_have):
        raise Invalid(_("This step has no such key."), pointer=str(name)[:60])
    return form.read(step, actor)


def _one_of(allowed: Sequence[str], *, may_be_none: bool = False) -> Callable[[Step, Actor], Step]:
    def read(step: Step, actor: Actor) -> Step:
        if step["to"] is None and may_be_none:
            return step
        if not isinstance(step["to"], str) or step["to"] not in allowed:
            raise Invalid(
                _("“%(word)s” is not one of: %(known)s.")
                % {"word": str(step["to"])[:60], "known": ", ".join(allowed)},
                pointer="to",
            )
        return step

    return read


def _status(step: Step, actor: Actor) -> Step:
    reason = step.get("reason", "")
    if not isinstance(reason, str) or len(reason) > 250:
        raise Invalid(_("Say in up to 250 characters what it waits for."), pointer="reason")
    if step["to"] == Status.ON_HOLD and not reason.strip():
        raise Invalid(_("Say in up to 250 characters what it waits for."), pointer="reason")
    return _one_of([status for status in Status.values if status != Status.NEW])(step, actor)


def _assignee(step: Step, actor: Actor) -> Step:
    if step["to"] is None or step["to"] == "me":
        return step
    person = User.objects.working().filter(pk=key(step["to"])).first()
    if person is None:
        raise Invalid(_("Only active agents can have tickets."), pointer="to")
    return {**step, "to": person}


def _team(step: Step, actor: Actor) -> Step:
    if step["to"] is None:
        return step
    team = Team.objects.taking_from(actor).filter(pk=key(step["to"])).first()
    if team is None:
        raise Invalid(_("There is no such team."), pointer="to")
    return {**step, "to": team}


def _product(step: Step, actor: Actor) -> Step:
    if step["to"] is None:
        return step
    product = Product.objects.filter(key=str(step["to"])[:60]).first()
    if product is None:
        raise Invalid(_("There is no product with this key."), pointer="to")
    return {**step, "to": product}


def _tags(step: Step, actor: Actor) -> Step:
    names = step["to"]
    if not isinstance(names, list) or not names:
        raise Invalid(_("Name a tag."), pointer="to")
    try:
        return {**step, "to": clean_tags(names)}
    except Invalid as refusal:
        raise Invalid(refusal.said, pointer="to") from refusal


def _truth(step: Step, actor: Actor) -> Step:
    if not isinstance(step["to"], bool):
        raise Invalid(_("Say true or false."), pointer="to")
    return step


def _message(step: Step, actor: Actor) -> Step:
    if not isinstance(step["body"], str):
        raise Invalid(_("Write something first."), pointer="body")
    return {**step, "body": clean_body(step["body"], ())}


def _as_it_is(step: Step, actor: Actor) -> Step:
    return step


def _label(of: Any, nothing: Words) -> Callable[[Step], Words]:
    return lambda step: of(step["to"]).label if step["to"] is not None else nothing


def _named(nothing: Words) -> Callable[[Step], Words]:
    def says(step: Step) -> Words:
        row = step["to"]
        return getattr(row, "display_name", "") or str(row) if row is not None else nothing

    return says


def _assignee_says(step: Step) -> Words:
    return _("Whoever does it") if step["to"] == "me" else _named(_NOBODY)(step)


def _status_says(step: Step) -> Words:
    word = str(Status(step["to"]).label)
    return f"{word}: {step['reason']}" if step["to"] == Status.ON_HOLD else word


_NOBODY, _NO_TEAM = gettext_lazy("Nobody"), gettext_lazy("No team")
_UNCLASSED, _NO_PRODUCT = gettext_lazy("Not classed"), gettext_lazy("None")
_YES, _NO = gettext_lazy("yes"), gettext_lazy("no")
_BODY = frozenset({"body"})
FORMS: Mapping[str, Form] = {
    "assign": Form(
        gettext_lazy("Assignee"), _assignee, _assignee_says,
        lambda ticket: ticket.assignee.display_name if ticket.assignee else _NOBODY,
    ),
    "team": Form(
        gettext_lazy("Team"), _team, _named(_NO_TEAM),
        lambda ticket: str(ticket.team) if ticket.team else _NO_TEAM,
    ),
    "status": Form(
        gettext_lazy("Status"), _status, _status_says,
        lambda ticket: Status(ticket.status).label, may_have=frozenset({"reason"}),
    ),
    "category": Form(
        gettext_lazy("Category"), _one_of(Category.values, may_be_none=True),
        _label(Category, _UNCLASSED),
        lambda ticket: Category(ticket.category).label if ticket.category else _UNCLASSED,
    ),
    "emergency": Form(
        gettext_lazy("Emergency"), _truth, lambda step: _YES if step["to"] else _NO,
        lambda ticket: _YES if ticket.emergency else _NO,
    ),
    "priority": Form(
        gettext_lazy("Priority"), _one_of(Priority.values), _label(Priority, ""),
        lambda ticket: Priority(ticket.priority).label,
    ),
    "raise_priority": Form(
        gettext_lazy("Priority"), _as_it_is, lambda step: _("one step higher"),
        keys=frozenset(),
    ),
    "product": Form(
        gettext_lazy("Product"), _product, _named(_NO_PRODUCT),
        lambda ticket: ticket.product.name if ticket.product else _NO_PRODUCT,
    ),
    "add_tags": Form(
        gettext_lazy("Add tags"), _tags, lambda step: ", ".join(step["to"]),
    ),
    "reply": Form(gettext_lazy("Reply"), _message, lambda step: step["body"], keys=_BODY),
    "note": Form(gettext_lazy("Note"), _message, lambda step: step["body"], keys=_BODY),
}  # fmt: skip
