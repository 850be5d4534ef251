"""Every error as `application/problem+json` (RFC 9457); one handler for the whole API."""

import re
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response

from accounts import errors as desk
from tickets import errors as tickets

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[desk.Refused], int], ...] = (
    (desk.NotFound, 404),
    (desk.NotAllowed, 403),
    (tickets.BlockedSender, 403),
    (tickets.StaleVersion, 412),
    (tickets.TooLarge, 413),
    (desk.TooMany, 429),
    (desk.Invalid, 400),
    (tickets.BadFilter, 400),
    (desk.Refused, 409),
)


class Problem(exceptions.APIException):
    """An error of the protocol itself: a status, a code and a sentence."""

    def __init__(self, status: int, code: str, detail: str, **headers: str) -> None:
        self.status_code = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        super().__init__(detail, code)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what was raised into a problem document; None lets a defect become a 500."""
    request = context["request"]
    if isinstance(error, desk.Refused):
        return _refused(error, request)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    elif isinstance(error, OperationalError):
        error = Problem(503, "unavailable", "The database is busy. Try again.", Retry_After="2")
    if not isinstance(error, exceptions.APIException):
        return None
    return _api_error(error, request)


def document(
    request: Any, status: int, code: str, detail: str, errors: list[dict[str, str]] | None = None
) -> dict[str, Any]:
    """Give a problem document with all members of docs/api.md, Errors."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": request.request_id,
        "errors": errors or [],
    }


def _refused(refusal: desk.Refused, request: Any) -> Response:
    status = next(status for kind, status in _STATUS if isinstance(refusal, kind))
    detail = str(refusal)
    errors = (
        [{"pointer": _place_of(refusal), "code": refusal.code, "detail": detail}]
        if refusal.pointer
        else []
    )
    body = document(request, status, refusal.code, detail, errors)
    if isinstance(refusal, tickets.ExternalIdTaken) and refusal.number is not None:
        body["number"] = refusal.number
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _place_of(refusal: desk.Refused) -> str:
    """Point into the body: `document.weekly.mon[0]` is `/document/weekly/mon/0` (RFC 6901)."""
    if isinstance(refusal, tickets.BadFilter):  # the name of a parameter
        return f"/{refusal.pointer}"
    return "/" + re.sub(r"\[(\d+)\]", r".\1", refusal.pointer).replace(".", "/")


def _api_error(error: exceptions.APIException, request: Any) -> Response:
    headers = dict(getattr(error, "headers", {}))
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if isinstance(error, exceptions.ValidationError):
        errors = list(_pointed(error.get_full_details(), ""))
        first = errors[0]["detail"] if errors else "The request is not valid."
        body = document(request, 400, "invalid", first, errors)
    else:
        code = error.get_codes()
        body = document(request, error.status_code, str(code), str(error.detail))
    return Response(body, status=error.status_code, headers=headers, content_type=MEDIA_TYPE)


def _pointed(details: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(details, dict) and set(details) == {"message", "code"}:
        yield {
            "pointer": pointer.removesuffix("/non_field_errors"),
            "code": str(details["code"]),
            "detail": str(details["message"]),
        }
    elif isinstance(details, dict):
        for name, part in details.items():
            escaped = str(name).replace("~", "~0").replace("/", "~1")
            yield from _pointed(part, f"{pointer}/{escaped}")
    elif isinstance(details, list):
        for place, part in enumerate(details):
            is_message = isinstance(part, dict) and set(part) == {"message", "code"}
            yield from _pointed(part, pointer if is_message else f"{pointer}/{place}")
