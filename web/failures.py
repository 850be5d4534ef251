"""What somebody reads when a request fails: a page, or a problem document under /api/."""

from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from accounts.errors import NotAllowed, NotFound, Refused
from web.api.v1 import problems


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the request could not be read."""
    return _answer(request, 400, _("This request could not be read."))


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that the role does not reach this far."""
    return _answer(request, 403, _("You may not open this page."))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Say that there is nothing, or nothing the viewer may see."""
    return _answer(request, 404, _("There is nothing here, or nothing that you may see."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Apologise without touching the database."""
    return _answer(request, 500, _("Something broke on our side. Please try again."))


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is too old, and that going back keeps what was typed."""
    return _answer(
        request,
        403,
        _("This form is too old. Go back, copy your text, reload the page and send it again."),
    )


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """Say what the desk refused; what may not be seen is not found."""
    if isinstance(refusal, NotFound):
        return not_found(request)
    if isinstance(refusal, NotAllowed):
        return _answer(request, 403, str(refusal))
    return _answer(request, 409, str(refusal))


def _answer(request: HttpRequest, status: int, sentence: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        return _problem(request, status)
    context: dict[str, Any] = {"status": status, "sentence": sentence}
    return render(request, "failure.html", context, status=status)


def _problem(request: HttpRequest, status: int) -> HttpResponse:
    title = HTTPStatus(status).phrase
    code = title.lower().replace(" ", "_")
    document = problems.document(request, status, code, f"{title}.")
    return JsonResponse(document, status=status, content_type=problems.MEDIA_TYPE)
