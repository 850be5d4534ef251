"""Who may open a page: every route declares one of these, and a test walks them all."""

from collections.abc import Callable
from functools import wraps
from typing import Literal

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from web.viewer import actor_of

Policy = Literal["public", "link", "person", "agent", "admin", "api"]
View = Callable[..., HttpResponseBase]


def policy(name: Policy) -> Callable[[View], View]:
    """Declare and enforce who may open a page.

    `public`: anybody. `link`: whoever holds the private link; the view itself checks it.
    `person`: any person. `agent`: agents and admins. `admin`: admins. Nobody known is led to
    the sign-in page; a person of the wrong role gets 403.

    :raises PermissionDenied: the signed-in person has not the role.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
            if name in {"public", "link"}:
                return view(request, *args, **kwargs)
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not _is_met(name, request):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.policy = name  # type: ignore[attr-defined]  # read by the test that walks routes
        return guarded

    return decorate


def _is_met(name: Policy, request: HttpRequest) -> bool:
    actor = actor_of(request)
    return {"person": True, "agent": actor.is_agent, "admin": actor.is_admin}[name]
