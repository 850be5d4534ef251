"""The reference page: what Django itself needs for a signed-in page with a table of 50 rows."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import engines

ROWS = """
SELECT number, subject, status, priority, updated_at FROM tickets_ticket
WHERE (updated_at, number) < (now() + interval '1 day', 9223372036854775807)
ORDER BY updated_at DESC, number DESC LIMIT 50
"""
PAGE = engines["django"].from_string(
    "<!doctype html><title>Tickets</title><table>{% for row in rows %}<tr>"
    "{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)


@login_required
def reference(request: HttpRequest) -> HttpResponse:
    """Show 50 rows: session, one keyset query, a plain template."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        rows = cursor.fetchall()
    return HttpResponse(PAGE.render({"rows": rows}, request))
