"""The OpenAPI description: what drf-spectacular cannot know by itself."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema

from web.api.v1.shapes import ProblemOut

Shape = Any
_WHY = {
    400: "The request is not valid.", 401: "No valid token.", 403: "The token may not do this.",
    404: "Not there, or not visible to the token.", 405: "Not a method of this address.",
    406: "No such media type.", 409: "A rule of the desk refuses it.",
    412: "Changed in the meantime.", 413: "Too large.", 415: "Not this media type.",
    422: "The Idempotency-Key was used with another body.", 429: "Too many calls.",
    503: "Try again shortly.",
}  # fmt: skip


def described(
    summary: str,
    *,
    takes: Shape = None,
    gives: dict[int, Shape],
    filters: Iterable[str] = (),
    headers: Iterable[str] = (),
    is_list: bool = False,
    multipart: bool = False,
    gives_bytes: bool = False,
) -> Callable[[Any], Any]:
    """Describe one call: what it takes, what it gives, and every problem it may answer with."""
    responses: dict[Any, Shape] = {
        (status, "application/problem+json"): OpenApiResponse(ProblemOut, why)
        for status, why in _WHY.items()
    }
    responses |= {
        (status, "application/json"): shape if shape is not None else OpenApiResponse()
        for status, shape in gives.items()
    }
    if gives_bytes:
        responses[(200, "*/*")] = OpenApiTypes.BINARY
    parameters = [OpenApiParameter(name, str, description="Filter.") for name in filters]
    if is_list:
        parameters += [
            OpenApiParameter("limit", OpenApiTypes.INT, description="1 to 100; 50 unless given."),
            OpenApiParameter("cursor", str, description="`next_cursor` of the page before."),
        ]
    parameters += [
        OpenApiParameter(name, str, location=OpenApiParameter.HEADER) for name in headers
    ]
    request = {"multipart/form-data": takes} if multipart else takes
    return extend_schema(
        operation_id=_name_of(summary),
        summary=summary,
        request=request,
        responses=responses,
        parameters=parameters,
    )


def _name_of(summary: str) -> str:
    """Name a call after its summary: “Read a ticket” is `read_ticket` in generated clients."""
    plain = re.sub(r"\b(a|an|the)\b|'s|[^a-z ]", "", summary.lower())
    return "_".join(plain.split())
