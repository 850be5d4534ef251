"""What every page knows: the company's name, who looks at it, and how they like it."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import DeskSettings
from web import words

THEMES = ("system", "light", "dark")
DENSITIES = ("roomy", "compact")
FACTS = "desk-facts"


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give templates `desk` (its company, look and units), `viewer` (or None), `actor`, `now`."""
    user = getattr(request, "user", None)
    return {
        "desk": {
            "company": desk_facts()[0],
            "theme": _choice(request, "desk_theme", THEMES),
            "density": _choice(request, "desk_density", DENSITIES),
            "units": words.units(),
        },
        "viewer": user if user is not None and user.is_authenticated else None,
        "actor": getattr(request, "actor", None),
        "now": timezone.now(),
    }


def desk_facts() -> tuple[str, str]:
    """Give the company's name and the desk's time zone, remembered for a minute."""
    facts: tuple[str, str] | None = cache.get(FACTS)
    if facts is None:
        facts = _read()
        cache.set(FACTS, facts, 60)
    return facts


def forget_desk_facts() -> None:
    """Read them anew at the next page, because somebody just changed them."""
    cache.delete(FACTS)


def _read() -> tuple[str, str]:
    desk = DeskSettings.current()
    return desk.company, desk.time_zone


def _choice(request: HttpRequest, cookie: str, allowed: tuple[str, ...]) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else allowed[0]
