"""What every page knows: the company's name, who looks at it, and how they like it."""

from typing import Any

from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import DeskSettings

THEMES = ("system", "light", "dark")
DENSITIES = ("roomy", "compact")
COMPANY = "company"


def desk(request: HttpRequest) -> dict[str, Any]:
    """Give templates `desk` (company, theme, density), `viewer` (a person or None), `actor`, `now`."""
    user = getattr(request, "user", None)
    return {
        "desk": {
            "company": company(),
            "theme": _choice(request, "desk_theme", THEMES),
            "density": _choice(request, "desk_density", DENSITIES),
        },
        "viewer": user if user is not None and user.is_authenticated else None,
        "actor": getattr(request, "actor", None),
        "now": timezone.now(),
    }


def company() -> str:
    """Name the company, remembered for a minute."""
    name: str = cache.get_or_set(COMPANY, lambda: DeskSettings.current().company, 60)
    return name


def _choice(request: HttpRequest, cookie: str, allowed: tuple[str, ...]) -> str:
    value = request.COOKIES.get(cookie, "")
    return value if value in allowed else allowed[0]
