"""What a macro can refuse, each with its code and sentence."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from tickets.errors import Conflict


class MissingValues(Conflict):
    """The macro's text needs what the ticket does not have; it is never sent with gaps."""

    code = "missing_values"

    def __init__(self, names: Sequence[str]) -> None:
        words = ", ".join(f"{{{{ {name} }}}}" for name in names)
        super().__init__(_("The ticket has nothing for %(names)s.") % {"names": words})
