"""Who looks at a ticket and who writes on it: kept in Valkey alone, for seconds.

Each person's key names the tickets on that person's screens. Without Valkey nobody is seen, and
nothing else changes.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.actor import Actor
from accounts.models import User
from tickets.models import Ticket
from web.policies import policy
from web.workspace.pages import key_in, me, who

SEEN_FOR = timedelta(seconds=10)  # a page says every four that it is still there
MOST_ROWS = 200
TYPING, VIEWING = "typing", "viewing"
Screens = dict[int, tuple[str, datetime]]  # ticket → what is done there, until when it counts
Company = dict[int, list[tuple[str, str]]]  # ticket → names and what they do


@require_POST
@policy("agent")
def here(request: HttpRequest, number: int) -> HttpResponse:
    """Take note that one looks at the ticket, writes on it or has left, and say who else is there
    and at which version the ticket is.

    A ticket out of sight takes no note and tells nothing.
    """
    actor, at = who(request)
    person, mode = me(request), request.POST.get("mode", "")
    seen = Ticket.objects.visible_to(actor).filter(pk=number)
    version = seen.values_list("version", flat=True).first()
    if version is None:
        return JsonResponse({})
    _note(person, number, mode if mode in {TYPING, VIEWING} else "", at)
    return JsonResponse({"people": _told(company([number], actor, at)), "version": version})


@require_safe
@policy("agent")
def rows(request: HttpRequest) -> HttpResponse:
    """Say who is on the tickets of a list."""
    actor, at = who(request)
    asked = [key_in(text) for text in request.GET.get("numbers", "").split(",")[:MOST_ROWS]]
    seen = Ticket.objects.visible_to(actor).filter(pk__in=[number for number in asked if number])
    return JsonResponse(_told(company(seen.values_list("pk", flat=True), actor, at)))


def company(numbers: Iterable[int], actor: Actor, at: datetime) -> Company:
    """Give who else is on these tickets, which the actor must be allowed to see.

    Nobody on any screen costs one look into Valkey and no names.
    """
    others = User.objects.working()
    if actor.user is not None:
        others = others.exclude(pk=actor.user.pk)
    keys = {_key(pk): pk for pk in others.order_by().values_list("pk", flat=True)}
    screens: dict[str, Screens] = cache.get_many(keys)
    wanted = set(numbers) if screens else set()
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for key, on_screen in screens.items():
        for number, (mode, until) in on_screen.items():
            if number in wanted and until > at:
                found[number].append((keys[key], mode))
    present = {pk for people in found.values() for pk, _mode in people}
    names = {user.pk: user.display_name for user in User.objects.filter(pk__in=present)}
    return {
        number: sorted((names[pk], mode) for pk, mode in people)
        for number, people in found.items()
    }


def _note(person: User, number: int, mode: str, at: datetime) -> None:
    kept: Screens = cache.get(_key(person.pk)) or {}
    screens = {each: seen for each, seen in kept.items() if seen[1] > at and each != number}
    if mode:
        screens[number] = (mode, at + SEEN_FOR)
    cache.set(_key(person.pk), screens, int(SEEN_FOR.total_seconds()))


def _key(pk: int) -> str:
    return f"presence:{pk}"


def _told(people: Company) -> dict[str, dict[str, str]]:
    return {str(number): _words(present) for number, present in people.items()}


def _words(present: list[tuple[str, str]]) -> dict[str, str]:
    """Say who writes; if nobody does, who looks."""
    writing = [name for name, mode in present if mode == TYPING]
    names = writing or [name for name, _mode in present]
    words = {"names": _joined(names)}
    if writing:
        said = ngettext("%(names)s is replying", "%(names)s are replying", len(names)) % words
        return {"mode": TYPING, "words": said}
    said = ngettext("%(names)s is looking", "%(names)s are looking", len(names)) % words
    return {"mode": VIEWING, "words": said}


def _joined(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}
