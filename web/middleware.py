"""What happens to every request before a page sees it."""

import re
import uuid
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils import timezone, translation

from accounts.actor import Actor, Door
from accounts.errors import Refused
from accounts.models import User
from web import failures
from web.context import desk_facts
from web.viewer import request_id_of

Answer = Callable[[HttpRequest], HttpResponse]
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,100}")
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RequestId:
    """Give every request an id, or keep the caller's, and echo it (docs/api.md, X-Request-ID)."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the header set."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]  # read by web.viewer
        response = self.get_response(request)
        response.headers["X-Request-ID"] = request_id
        return response


class SmallPages(GZipMiddleware):
    """Send pages compressed, with random bytes that keep their length from telling secrets.

    The API's answers stay as they are: compressed, they would lose the ETags of `If-Match`.
    """

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        """Compress a page for a browser that takes it so."""
        if not response.get("Content-Type", "").startswith("text/html"):
            return response
        return super().process_response(request, response)


class PlainInput:
    """Keep NUL characters out: PostgreSQL cannot store them and no person types them."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse NUL in an address, drop it from a form."""
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return failures.bad_request(request)
        is_page = not request.path.startswith("/api/")
        if is_page and request.method == "POST" and request.content_type in _FORMS:
            self._drop_from_form(request)
        return self.get_response(request)

    def _drop_from_form(self, request: HttpRequest) -> None:
        lists = request.POST.lists()
        if any("\0" in value for _name, values in lists for value in values):
            form = request.POST.copy()
            for name, values in request.POST.lists():
                form.setlist(name, [value.replace("\0", "") for value in values])
            request.POST = form  # type: ignore[assignment]  # the same mapping without NUL


class Viewer:
    """Know who looks, speak their language and show their time."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.actor`; zone and language hold for this request only."""
        if request.path.startswith("/api/"):
            _speak(request, "en")  # `code` is the contract, `detail` is for developers
            return self.get_response(request)
        door: Door = "agent" if request.path.startswith("/agent/") else "web"
        user, request_id = request.user, request_id_of(request)
        if not user.is_authenticated:
            _set_actor(request, Actor.anonymous(door=door, request_id=request_id))
            return self.get_response(request)
        _set_actor(request, Actor.of(user, door=door, request_id=request_id))
        if user.language:
            _speak(request, user.language)
        with timezone.override(self._zone(user)):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Show a refusal that no page caught as a page of its own."""
        if isinstance(exception, Refused):
            return failures.refused(request, exception)
        return None

    def _zone(self, user: User) -> ZoneInfo:
        if user.time_zone:
            return ZoneInfo(user.time_zone)
        return user.zone(desk_facts()[1])


def _speak(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = language


def _set_actor(request: HttpRequest, actor: Actor) -> None:
    request.actor = actor  # type: ignore[attr-defined]  # read by web.viewer
