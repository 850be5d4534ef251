"""Refusals: a sentence with a code, declared beside its rule and caught once at each door."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refused(Exception):
    """Something a rule of the desk does not allow; `pointer` names the field at fault."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str | Promise] = _("This is not possible.")

    def __init__(self, sentence: str | Promise | None = None, *, pointer: str = "") -> None:
        self.said = sentence if sentence is not None else self.sentence
        self.pointer = pointer
        super().__init__(str(self.said))

    def __str__(self) -> str:
        return str(self.said)


class NotFound(Refused):
    """It does not exist, or the actor may not see it: the two are never told apart."""

    code = "not_found"
    sentence = _("There is no such thing here.")


class NotAllowed(Refused):
    """The actor may see it but not do this."""

    code = "not_allowed"
    sentence = _("You may not do this.")


class Invalid(Refused):
    """A value cannot be taken as it is; `pointer` says which."""

    code = "invalid"
    sentence = _("This value cannot be used.")


class EmailTaken(Refused):
    """Another person has this address."""

    code = "email_taken"
    sentence = _("Another person already has this e-mail address.")


class NameTaken(Refused):
    """Another of the same kind has this name."""

    code = "name_taken"
    sentence = _("This name is already used.")


class LinkSpent(Refused):
    """A one-time link that was used, is too old, or never was."""

    code = "link_spent"
    sentence = _("This link was already used or is too old. Ask for a new one.")


class TooMany(Refused):
    """Tried too often in too short a time."""

    code = "too_many"
    sentence = _("Too many attempts. Please wait a few minutes and try again.")


class LastAdmin(Refused):
    """The desk would be left without an admin."""

    code = "last_admin"
    sentence = _("At least one active admin must remain.")
