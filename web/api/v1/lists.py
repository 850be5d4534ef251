"""Lists: one envelope, keyset cursors, a Link header (docs/api.md, Lists)."""

import base64
import binascii
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from django.conf import settings
from django.db.models import Model, QuerySet
from django_filters import FilterSet
from rest_framework.request import Request
from rest_framework.response import Response

from tickets.errors import BadFilter
from web.api.v1.doors import limit_of, refuse_unknown

Row = TypeVar("Row", bound=Model)


def envelope(
    request: Request, rows: Iterable[Any], next_cursor: str | None, count: int | None = None
) -> Response:
    """Give `{"data", "next_cursor", "has_more"}`, with a Link header when there is more."""
    body: dict[str, Any] = {
        "data": list(rows),
        "next_cursor": next_cursor,
        "has_more": next_cursor is not None,
    }
    if count is not None:
        body["count"] = count
    response = Response(body)
    if next_cursor is not None:
        query = request.query_params.copy()
        query["cursor"] = next_cursor
        response["Link"] = f'<{settings.SITE_URL}{request.path}?{query.urlencode()}>; rel="next"'
    return response


def by_key(
    request: Request,
    rows: "QuerySet[Row]",
    show: Callable[[Row], Any],
    *,
    filters: type[FilterSet] | None = None,
    column: str = "pk",
) -> Response:
    """Answer with a page of rows in the order of a unique number, filtered by a FilterSet.

    :raises BadFilter: an unknown parameter, a wrong value, or a foreign cursor.
    """
    names = list(filters.base_filters) if filters else []
    refuse_unknown(request, [*names, "limit", "cursor"])
    if filters:
        chosen = filters(request.query_params, queryset=rows)
        if not chosen.is_valid():
            name, messages = next(iter(chosen.errors.items()))
            raise BadFilter(str(messages[0]), pointer=name)
        rows = chosen.qs
    limit = limit_of(request)
    if cursor := request.query_params.get("cursor"):
        rows = rows.filter(**{f"{column}__gt": read_cursor(cursor)})
    page = list(rows.order_by(column)[: limit + 1])
    more = write_cursor(getattr(page[limit - 1], column)) if len(page) > limit else None
    return envelope(request, [show(row) for row in page[:limit]], more)


def write_cursor(key: int) -> str:
    """Give the cursor after the row with this key."""
    return base64.urlsafe_b64encode(f"after:{key}".encode()).decode().rstrip("=")


def read_cursor(cursor: str, name: str = "cursor") -> int:
    """Give the key behind a cursor, which came as the parameter `name`.

    :raises BadFilter: the cursor is not one of ours.
    """
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        word, _colon, number = text.partition(":")
        if word == "after" and number.isascii() and number.isdigit() and len(number) < 19:
            return int(number)
    except (ValueError, binascii.Error):
        pass
    raise BadFilter("This cursor does not belong to this list.", pointer=name)
