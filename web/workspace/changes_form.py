"""Fields that say what to change, for macros and for many tickets, and the steps they become."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tickets.models import Category, Priority, Status
from web.workspace.tags import TagsInput
from web.workspace.views import Rail

Choices = list[tuple[str, str | Promise]]
Written = dict[str, Any]
KEEP: Choices = [("", _("Leave as it is"))]
_UNLISTED = {"invalid_choice": _("Choose one of the listed values.")}
_PLACES = {"assign": "assignee", "team": "team", "status": "status", "category": "category",
           "priority": "priority", "add_tags": "tags"}  # fmt: skip


class ChangesForm(forms.Form):
    """What becomes of a ticket; what is left empty stays as it is."""

    CHANGES = ("assignee", "team", "status", "reason", "category", "priority", "tags")

    assignee = forms.ChoiceField(label=_("Assign to"), required=False, error_messages=_UNLISTED)
    team = forms.ChoiceField(label=_("Hand over to"), required=False, error_messages=_UNLISTED)
    status = forms.ChoiceField(
        label=_("Status"), required=False, error_messages=_UNLISTED,
        choices=[*KEEP, *(choice for choice in Status.choices if choice[0] != Status.NEW)],
    )  # fmt: skip
    reason = forms.CharField(
        label=_("What does it wait for?"), required=False, max_length=250,
        help_text=_("For “On hold”; the customer reads it."),
    )  # fmt: skip
    category = forms.ChoiceField(
        label=_("Category"), required=False, choices=[*KEEP, *Category.choices],
        error_messages=_UNLISTED,
    )  # fmt: skip
    priority = forms.ChoiceField(
        label=_("Priority"), required=False, choices=[*KEEP, *Priority.choices],
        error_messages=_UNLISTED,
    )  # fmt: skip
    tags = forms.CharField(
        label=_("Add tags"), required=False, max_length=500, help_text=_("Separated by commas."),
        widget=TagsInput(),
    )  # fmt: skip

    def __init__(self, *args: Any, rail: Rail, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agents = [(str(agent.pk), agent.display_name) for agent in rail.agents]
        teams = [(str(team.pk), team.name) for team in rail.takers]
        own: Choices = [("me", _("Whoever does it")), ("none", _("Nobody"))]
        self._offer("assignee", [*KEEP, *own, *agents])
        self._offer("team", [*KEEP, ("none", _("No team")), *teams])

    def _offer(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def changes(self) -> list[forms.BoundField]:
        """The fields of what it changes."""
        return [self[name] for name in self.CHANGES]


def written(clean: Mapping[str, Any]) -> list[Written]:
    """Turn what a valid form holds into steps as tickets.written_steps has them."""
    steps: list[Written] = []
    for do, place in _PLACES.items():
        value = clean[place]
        if not value:
            continue
        step: Written = {"do": do, "to": value}
        if do == "add_tags":
            step["to"] = [tag for tag in value.split(",") if tag.strip()]
        elif do == "status" and value == Status.ON_HOLD:
            step["reason"] = clean["reason"]
        elif do in {"assign", "team"}:
            step["to"] = None if value == "none" else int(value) if value.isdecimal() else value
        steps.append(step)
    return steps


def begun(steps: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Give what the fields show for written steps."""
    shown: dict[str, str] = {}
    for step in steps:
        to = step.get("to")
        if step["do"] == "add_tags":
            shown["tags"] = ", ".join(to or ())
        elif step["do"] in _PLACES:
            shown[_PLACES[step["do"]]] = "none" if to is None else str(to)
        if "reason" in step:
            shown["reason"] = step["reason"]
    return shown


def without_place(steps: Sequence[Mapping[str, Any]]) -> list[Written]:
    """Give the written steps that no field shows, such as those made over REST."""
    return [dict(step) for step in steps if step["do"] not in _PLACES]


def place_of(pointer: str, steps: Sequence[Mapping[str, Any]]) -> str:
    """Name the field for what a refusal points at: `steps[2].to` is that of the third step."""
    if not pointer.startswith("steps["):
        return pointer
    place, _dot, name = pointer.removeprefix("steps[").partition("].")
    return "reason" if name == "reason" else _PLACES.get(steps[int(place)]["do"], "")
