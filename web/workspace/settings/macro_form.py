"""The form of a macro: its words, and what it changes."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Team
from tickets.models import Category, Message, Priority, Status
from web.workspace.views import Rail

Choices = list[tuple[str, str | Promise]]
_KEEP: Choices = [("", _("Leave as it is"))]


class MacroForm(forms.Form):
    """A macro; the first half is what it says, the second what it changes."""

    CHANGES = ("assignee", "hand_over", "status", "reason", "category", "priority", "tags")

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
    assignee = forms.ChoiceField(label=_("Assign to"), required=False)
    hand_over = forms.ChoiceField(label=_("Hand over to"), required=False)
    status = forms.ChoiceField(
        label=_("Status"), required=False,
        choices=[*_KEEP, *(choice for choice in Status.choices if choice[0] != Status.NEW)],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What does it wait for?"), required=False, max_length=250,
        help_text=_("For “On hold”; the customer reads it."),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[*_KEEP, *Category.choices]
    )
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, choices=[*_KEEP, *Priority.choices]
    )
    tags = forms.CharField(
        label=_("Add tags"), required=False, max_length=500, help_text=_("Separated by commas.")
    )
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
        super().__init__(*args, **kwargs)
        everybody: Choices = [("", _("Everybody"))] if is_admin else []
        choices = {
            "for_team": [*everybody, *((str(team.pk), team.name) for team in teams)],
            "assignee": [
                *_KEEP, ("me", _("Whoever does it")), ("none", _("Nobody")),
                *((str(agent.pk), agent.display_name) for agent in rail.agents),
            ],
            "hand_over": [
                *_KEEP, ("none", _("No team")),
                *((str(team.pk), team.name) for team in rail.takers),
            ],
        }  # fmt: skip
        for name, offered in choices.items():
            self.fields[name].choices = offered  # type: ignore[attr-defined]

    @property
    def words(self) -> list[forms.BoundField]:
        """The fields of what it says."""
        return [self[name] for name in ("name", "for_team", "kind", "body")]

    @property
    def changes(self) -> list[forms.BoundField]:
        """The fields of what it changes."""
        return [self[name] for name in self.CHANGES]

    @property
    def rest(self) -> list[forms.BoundField]:
        """Where, and whether, lists offer it."""
        return [self[name] for name in ("position", "is_active")]
