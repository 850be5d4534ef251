"""The form of a macro: its words, and what it changes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from tickets.models import Message
from web.workspace.changes_form import ChangesForm, Choices
from web.workspace.views import Rail


class MacroForm(ChangesForm):
    """A macro; the first half is what it says, the second what it changes."""

    name = forms.CharField(label=_("Name"), max_length=100)
    for_team = forms.ChoiceField(label=_("For"), required=False)
    kind = forms.ChoiceField(
        label=_("Text"), required=False,
        choices=[*Message.Kind.choices, ("", _("No text, only changes"))],
    )  # fmt: skip
    body = forms.CharField(
        label=_("Words"), required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Markdown. Names in double braces are filled in; they are listed below."),
    )  # fmt: skip
    position = forms.IntegerField(
        label=_("Position"), required=False, min_value=0, max_value=999, initial=0,
        help_text=_("Lists offer small numbers first."),
    )  # fmt: skip
    is_active = forms.BooleanField(
        label=_("In use"), required=False, initial=True,
        help_text=_("Without this it is kept, but offered nowhere."),
    )  # fmt: skip

    def __init__(
        self, *args: Any, teams: Sequence[Team], is_admin: bool, rail: Rail, **kwargs: Any
    ) -> None:
        super().__init__(*args, rail=rail, **kwargs)
        everybody: Choices = [("", _("Everybody"))] if is_admin else []
        self._offer("for_team", [*everybody, *((str(team.pk), team.name) for team in teams)])

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields of what it says."""
        return [self[name] for name in ("name", "for_team", "kind", "body")]

    @property
    def rest(self) -> list[forms.BoundField]:
        """Where, and whether, lists offer it."""
        return [self[name] for name in ("position", "is_active")]
