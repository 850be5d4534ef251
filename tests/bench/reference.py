"""What pages are compared with: Django's own cost, and the database's share of ours."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import engines
from django.utils import timezone

from accounts.actor import Actor
from web.workspace import queue, views

ROWS = """
SELECT number, subject, status, priority, updated_at FROM tickets_ticket
WHERE (updated_at, number) < (now() + interval '1 day', 9223372036854775807)
ORDER BY updated_at DESC, number DESC LIMIT 50
"""
PAGE = engines["django"].from_string(
    "<!doctype html><title>Tickets</title><table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


class Queries:
    """Say in a header of every answer how often the database was asked for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Count while the page is made."""
        count = 0

        def counting(execute: Callable[..., Any], *given: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*given)

        with connection.execute_wrapper(counting):
            response = self.get_response(request)
        response["X-Queries"] = str(count)
        return response


@login_required
def reference(request: HttpRequest) -> HttpResponse:
    """Show 50 rows: session, one keyset query, a plain template."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        rows = cursor.fetchall()
    return HttpResponse(PAGE.render({"rows": rows}, request))


@login_required
def queue_alone(request: HttpRequest) -> HttpResponse:
    """Fetch the rows of the first page of the queue, and nothing else of it."""
    found = queue.matching(request.GET, Actor.of(request.user, door="agent"), timezone.now())
    sql, values = found.order_by("-updated_at", "-number")[:51].query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return HttpResponse(str(len(cursor.fetchall())))


@login_required
def counts(request: HttpRequest) -> HttpResponse:
    """Count everything that the rail counts, as when nothing is remembered."""
    actor = Actor.of(request.user, door="agent")
    views.forget(actor)
    lines = views.rail(actor, timezone.now()).views
    return JsonResponse({line.key: line.shown for line in lines})
