"""What an organisation's agreement says to one ticket, as its page shows it (docs/sla.md T10)."""

from dataclasses import dataclass
from datetime import date

from sla.agreement_days import DeskDays
from sla.models import Agreement, CoverState, Standing
from sla.reasons import cover_sentence
from tickets.models import Ticket
from web.context import desk_facts


@dataclass(frozen=True)
class TicketCover:
    """The agreement that covers a ticket, or the one that does not and why."""

    agreement: Agreement
    last: date | None
    is_out: bool
    word: str
    sentence: str


def of(ticket: Ticket) -> TicketCover | None:
    """Find what is agreed for a ticket; None when its organisation has bought nothing."""
    standing = standing_of(ticket)
    if standing is None or standing.cover == CoverState.NONE:
        return None
    agreement = (
        Agreement.objects.filter(pk=standing.choice.reasons.get("agreement"))
        .select_related("policy", "account_manager")
        .first()
    )
    if agreement is None:
        return None
    state = CoverState(standing.cover)
    sentence = cover_sentence(standing.choice, ticket)
    return TicketCover(
        agreement,
        DeskDays(desk_facts()[1]).last(agreement),
        state.is_out,
        str(state.label),
        sentence,
    )


def mark(ticket: Ticket) -> str:
    """Say in two words why a ticket of a list is out of cover; empty when it is not."""
    state = CoverState(standing.cover) if (standing := standing_of(ticket)) else CoverState.NONE
    return str(state.label) if state.is_out else ""


def standing_of(ticket: Ticket) -> Standing | None:
    """Give what a ticket is promised, as read with it (select_related: `standing`)."""
    found: Standing | None = getattr(ticket, "standing", None)
    return found
