"""Handing tickets to a private team hides them from the giver: said before and after it."""

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import Actor
from accounts.models import Team
from tickets.models import Ticket
from web.workspace.pages import say, who


def warning(team: Team | None, form: QueryDict, *, actor: Actor, count: int = 1) -> str:
    """Give what the giver must read first; nothing once the form says `sure` with the team's key.

    A form that was refused with this sentence comes back with `sure` in it.
    """
    if team is None or form.get("sure") == str(team.pk):
        return ""
    if Team.objects.visible_to(actor).filter(pk=team.pk).exists():
        return ""
    return ngettext(
        "%(team)s is a private team without you. Once it has the ticket, you do not see it any"
        " more.",
        "%(team)s is a private team without you. Once it has the %(count)d tickets, you do not"
        " see them any more.",
        count,
    ) % {"team": team.name, "count": count}


def hid(request: HttpRequest, numbers: list[int]) -> list[int]:
    """Give those of the tickets just changed that the viewer no longer sees, and say so."""
    seen = Ticket.objects.visible_to(who(request)[0]).filter(pk__in=numbers)
    still = set(seen.values_list("pk", flat=True))
    gone = [number for number in numbers if number not in still]
    if len(gone) == 1:
        sentence = _("#%(number)d was handed over; you do not see it any more.")
        say(request, sentence % {"number": gone[0]})
    elif gone:
        sentence = _("%(count)d tickets were handed over; you do not see them any more.")
        say(request, sentence % {"count": len(gone)})
    return gone
