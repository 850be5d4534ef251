"""Running an action with what a form holds, so that a refusal keeps everything typed."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.forms import Form

from accounts.errors import Refused

Result = TypeVar("Result")


def attempt(
    form: Form,
    act: Callable[[dict[str, Any]], Result],
    *,
    place_of: Callable[[str], str | None] | None = None,
) -> Result | None:
    """Run an action with what a valid form holds; its refusal becomes an error of the form.

    `place_of` names the field for what the refusal points at, where the two differ.
    """
    if not form.is_valid():
        return None
    try:
        return act(form.cleaned_data)
    except Refused as refusal:
        name = place_of(refusal.pointer) if place_of else refusal.pointer.replace("/", ".")
        form.add_error(name if name in form.fields else None, str(refusal))
        return None
