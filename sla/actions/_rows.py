"""What the actions on calendars, policies and agreements share: the row itself, and its name."""

from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid, NameTaken
from sla.models import Agreement, Calendar, Policy

Row = TypeVar("Row", Calendar, Policy, Agreement)


def locked(model: type[Row], row: Row | None) -> Row:
    """Give the row as it stands now, locked, or a new one; what the caller read may be old."""
    if row is None:
        return model()
    return model._default_manager.select_for_update(of=("self",)).get(pk=row.pk)  # noqa: SLF001 - a public name


def free_name(model: type[Calendar] | type[Policy], pk: int | None, name: str) -> str:
    """Give the name without spaces around it.

    :raises Invalid: it is empty or longer than 100 characters.
    :raises NameTaken: another row has it.
    """
    text = name.strip()
    if not text or len(text) > 100:
        raise Invalid(_("Give it a name of up to 100 characters."), pointer="name")
    same = model._default_manager.filter(name__iexact=text)  # noqa: SLF001 - a public name
    if same.exclude(pk=pk or 0).exists():
        raise NameTaken(pointer="name")
    return text
