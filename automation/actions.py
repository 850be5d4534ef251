"""Making, changing and using macros."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from accounts.actions import audit
from accounts.actor import Actor
from accounts.errors import Invalid, NameTaken, NotAllowed, NotFound
from accounts.models import Team
from accounts.names import one_line
from accounts.permissions import require
from automation import placeholders
from automation.errors import MissingValues
from automation.models import Macro
from tickets import steps, written_steps
from tickets.actions._door import lock
from tickets.models import Event, Ticket
from tickets.steps import Step
from tickets.written_steps import MESSAGES

LONGEST_BODY = 20_000


@transaction.atomic
def save_macro(macro: Macro | None, *, actor: Actor, at: datetime, **values: Any) -> Macro:
    """Make or change a macro (`name`, `team`, `kind`, `body`, `steps`, `position`, `is_active`).

    Admins keep all of them, agents those of their own teams.

    :raises NotAllowed: it is, or would be, everybody's or a foreign team's.
    :raises NameTaken: the team, or everybody, has one of that name.
    :raises Invalid: a step or a placeholder is unknown, or it would do nothing.
    """
    require(actor, "macros.change")
    if macro is None:
        macro = Macro(created_at=at)
    else:
        macro = Macro.objects.select_for_update(no_key=True).filter(pk=macro.pk).first()
        if macro is None:
            raise NotFound
        _refuse_foreign(macro.team, actor)
    for name, value in values.items():
        setattr(macro, name, one_line(value) if name == "name" else value)
    _refuse_foreign(macro.team, actor)
    _check(macro, actor)
    try:
        macro.clean_fields()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise Invalid(messages[0], pointer=field) from error
    try:
        macro.validate_constraints()
    except ValidationError as error:
        raise NameTaken(pointer="name") from error
    macro.save()
    audit.note(actor, "macro.saved", macro.name, at)
    return macro


def find(pk: int, *, actor: Actor) -> Macro:
    """Give a macro that the actor may use.

    :raises NotFound: it is not there, is retired, or is another team's.
    """
    macro = Macro.objects.visible_to(actor).filter(pk=pk, is_active=True).first()
    if macro is None:
        raise NotFound
    return macro


@transaction.atomic
def apply_macro(
    number: int,
    macro: Macro,
    *,
    actor: Actor,
    at: datetime,
    instead: Sequence[Step] = (),
    expected_version: int | None = None,
) -> list[Event]:
    """Do what the macro says to the ticket, all or nothing, and count the use.

    `instead` are steps that stand in for the macro's own: the words as the agent changed them,
    another status.

    :raises MissingValues: its text needs what the ticket does not have.
    :raises Refused: whatever a step refuses; then nothing has changed.
    """
    ticket = lock(number, actor, "see")
    replaced = {step["do"] for step in instead}
    if replaced & MESSAGES:
        replaced |= MESSAGES
    own = steps_of(macro, ticket, actor=actor, at=at, text=not replaced & MESSAGES)
    wanted = [*(step for step in own if step["do"] not in replaced), *instead]
    events = steps.apply(number, wanted, actor=actor, at=at, expected_version=expected_version)
    Macro.objects.filter(pk=macro.pk).update(used=F("used") + 1, used_at=at)
    return events


def steps_of(
    macro: Macro, ticket: Ticket, *, actor: Actor, at: datetime, text: bool = True
) -> list[Step]:
    """Give what the macro does to this ticket, ready to run; its words only with `text`.

    :raises MissingValues: its text needs what the ticket does not have.
    :raises Invalid: a step names somebody or something that is no longer there.
    """
    ready = written_steps.ready(macro.steps, actor=actor)
    if not text or not macro.kind:
        return ready
    filled = placeholders.fill(macro.body, placeholders.Scene(ticket, actor, at))
    if filled.missing:
        raise MissingValues(filled.missing)
    return [*ready, {"do": macro.kind, "body": filled.text}]


def _check(macro: Macro, actor: Actor) -> None:
    macro.body = macro.body.strip()
    if macro.kind and not macro.body:
        raise Invalid(_("Write the text."), pointer="body")
    if macro.body and not macro.kind:
        raise Invalid(_("Say whether it is a reply or a note."), pointer="kind")
    if len(macro.body) > LONGEST_BODY:
        raise Invalid(_("Keep the text within 20,000 characters."), pointer="body")
    placeholders.check(macro.body)
    for step in written_steps.ready(macro.steps, actor=actor):
        if step["do"] in MESSAGES or step["do"] == "macro":
            raise Invalid(_("A macro has one text and no macro in it."), pointer="steps")
    if not macro.steps and not macro.body:
        raise Invalid(_("Give it a text, or something to change."), pointer="body")


def _refuse_foreign(team: Team | None, actor: Actor) -> None:
    if actor.is_admin:
        return
    if team is None or not Team.objects.of(actor).filter(pk=team.pk).exists():
        raise NotAllowed(_("Only admins change macros that are not your team’s."), pointer="team")
