"""What steps may do with macros (TICKET_STEPS, TICKET_WRITTEN_STEPS)."""

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actor import Actor
from accounts.errors import Invalid
from automation.actions import apply_macro
from automation.models import Macro
from tickets.models import Event
from tickets.steps import Run, Step
from tickets.written_steps import Form, key


def _apply(number: int, step: Step, actor: Actor, at: datetime) -> Event | None:
    """Run `{"do": "macro", "to": macro}`."""
    events = apply_macro(number, step["to"], actor=actor, at=at)
    return events[-1] if events else None


def _read(step: Step, actor: Actor) -> Step:
    macro = Macro.objects.visible_to(actor).offered().filter(pk=key(step["to"])).first()
    if macro is None:
        raise Invalid(_("There is no such macro."), pointer="to")
    return {**step, "to": macro}


STEPS: Mapping[str, Run] = {"macro": _apply}
FORMS: Mapping[str, Form] = {
    "macro": Form(gettext_lazy("Macro"), _read, lambda step: step["to"].name)
}
