"""What is to be done to many tickets: changes, a macro, a message."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from automation.models import Macro
from tickets.models import Message
from web.workspace.changes_form import ChangesForm, Written, written
from web.workspace.views import Rail


class BulkForm(ChangesForm):
    """Changes of many tickets; a message goes to each of them."""

    macro = forms.ChoiceField(
        label=_("Macro"), required=False, help_text=_("Its text and its changes, for each ticket.")
    )
    kind = forms.ChoiceField(
        label=_("Message"), required=False, choices=[("", _("None")), *Message.Kind.choices]
    )
    body = forms.CharField(
        label=_("Words"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("What was sent cannot be undone."),
    )  # fmt: skip

    def __init__(self, *args: Any, actor: Actor, rail: Rail, **kwargs: Any) -> None:
        super().__init__(*args, rail=rail, **kwargs)
        macros = Macro.objects.visible_to(actor).offered().values_list("pk", "name")
        self._offer("macro", [("", _("None")), *((str(pk), name) for pk, name in macros)])

    def clean(self) -> dict[str, Any]:
        """Ask for the kind of a message, and for its words."""
        clean = super().clean() or {}
        if clean.get("body", "").strip() and not clean.get("kind"):
            self.add_error("kind", _("Say whether it is a reply or a note."))
        if clean.get("kind") and not clean.get("body", "").strip():
            self.add_error("body", _("Write something first."))
        return clean

    @property
    def rest(self) -> list[forms.BoundField]:
        """The fields besides the changes."""
        return [self[name] for name in ("macro", "kind", "body")]

    @property
    def steps(self) -> list[Written]:
        """What a valid form asks for, as tickets.written_steps has it."""
        clean = self.cleaned_data
        steps = written(clean)
        if clean["macro"]:
            steps.append({"do": "macro", "to": int(clean["macro"])})
        if clean["kind"]:
            steps.append({"do": clean["kind"], "body": clean["body"]})
        return steps
