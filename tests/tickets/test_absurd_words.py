"""Words that no person writes cost nobody anything."""

import pytest
from django.db import connection

from tests.factories import file_ticket
from tickets import search
from tickets.models import SearchDocument
from tickets.rendering import to_html

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("body", ["_a" * 80_000, "a" * 200_000, "-1" * 60_000, "http://" * 20_000])
def test_a_long_run_without_spaces_is_indexed_at_once(body):
    ticket = file_ticket(subject="Long")
    ticket.messages.update(body=body)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10s'")  # it took minutes
    search.index([ticket.number])
    assert SearchDocument.objects.filter(ticket=ticket).count() == 2


@pytest.mark.parametrize("text", ["![" * 60_000, "[" * 100_000, "[a](" * 30_000])
def test_thousands_of_links_that_are_never_closed_are_shown_as_typed(text):
    assert to_html(text).startswith("<pre>")


def test_an_ordinary_list_of_links_is_still_a_list_of_links():
    assert to_html("[a](https://a.example) " * 100).count("<a ") == 100
