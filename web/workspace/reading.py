"""Marking a ticket as unread, to come back to it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from tickets.seen import keep_unread
from web.policies import policy
from web.workspace.pages import say, who


@require_POST
@policy("agent")
def unread(request: HttpRequest, number: int) -> HttpResponse:
    """Let the ticket stand as unread in lists until its page is opened again."""
    actor, _at = who(request)
    keep_unread(number, actor)
    say(request, _("#%(number)d is unread again") % {"number": number})
    return redirect("workspace:queue")
