"""What a ticket can refuse, each with its code and sentence."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.errors import Invalid, NotAllowed, NotFound, Refused

__all__ = [
    "BadFilter",
    "BlockedSender",
    "CategoryMissing",
    "ChangedSince",
    "Conflict",
    "ExternalIdTaken",
    "ImpossibleStatus",
    "Invalid",
    "Merged",
    "NotAllowed",
    "NotFound",
    "Refused",
    "StaleVersion",
    "TooLarge",
    "TooLateToUndo",
]


class Conflict(Refused):
    """A rule of the desk forbids it in the ticket's present state."""

    code = "conflict"


class CategoryMissing(Conflict):
    """Nobody has said yet what kind of maintenance it is (docs/architecture.md, Category)."""

    code = "category_missing"
    sentence = _("Say what kind of maintenance this is before resolving it.")


class ImpossibleStatus(Conflict):
    """The status table has no such step (docs/architecture.md, Status)."""

    code = "impossible_status"


class Merged(Conflict):
    """The ticket was merged into another one, where the work goes on."""

    code = "merged"
    sentence = _("This ticket was merged into another one. Go on there, or take the merge back.")


class ExternalIdTaken(Conflict):
    """Another ticket carries this external id; `number` names it if the actor may see it."""

    code = "external_id_taken"
    sentence = _("Another ticket already has this external id.")

    def __init__(self, number: int | None = None) -> None:
        self.number = number
        super().__init__(pointer="external_id")


class ChangedSince(Conflict):
    """What is to be undone was changed again by somebody."""

    code = "changed_since"
    sentence = _("Somebody changed it since.")


class TooLateToUndo(Conflict):
    """The ten seconds are over, or it is not the actor's message."""

    code = "too_late_to_undo"
    sentence = _("This message was already sent and cannot be taken back.")


class BlockedSender(Refused):
    """The desk does not take messages from this person."""

    code = "blocked_sender"
    sentence = _("We cannot accept messages from this address.")


class StaleVersion(Refused):
    """Somebody else changed the ticket in between."""

    code = "stale_version"
    sentence = _("The ticket was changed in the meantime. Read it again and decide.")


class TooLarge(Refused):
    """A file, or the files of a message or a day, pass the limit named in the sentence."""

    code = "too_large"


class BadFilter(Refused):
    """A filter is unknown or its value makes no sense; `pointer` names it.

    `word` stands at `place` (from 0) of a typed filter; `nearest` is what was probably meant.
    """

    code = "bad_filter"

    def __init__(
        self,
        sentence: str | Promise,
        *,
        pointer: str = "",
        nearest: str = "",
        word: str = "",
        place: int | None = None,
    ) -> None:
        self.word, self.place = word, place
        if nearest:
            meant = _("Did you mean “%(word)s”?") % {"word": nearest}
            sentence = f"{sentence} {meant}"
        super().__init__(sentence, pointer=pointer)
