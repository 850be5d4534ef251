"""Search: tickets by their words, the best first, each with the place where it matched."""

from typing import Any

from django.utils import timezone
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from tickets import filters, hits, language, paging, spelling
from tickets.errors import BadFilter
from web.api.v1 import present, shapes
from web.api.v1.doors import Door, limit_of, refuse_unknown
from web.api.v1.lists import envelope
from web.api.v1.schema import described
from web.api.v1.tickets import seen_by


class PieceOut(serializers.Serializer[Any]):
    """Some text of a snippet."""

    text = serializers.CharField()
    is_match = serializers.BooleanField()


class HitOut(serializers.Serializer[Any]):
    """A ticket that matches; the snippet is empty where only its subject or people match."""

    ticket = shapes.TicketOut()
    snippet = PieceOut(many=True)


LISTED = shapes.listed(HitOut, did_you_mean=serializers.CharField(allow_null=True))


class Search(Door):
    """Tickets by their words."""

    read_scope = "tickets:read"

    @described("Search tickets", gives={200: LISTED}, filters=["q", "sort"], is_list=True)
    def get(self, request: Request) -> Response:
        """Give the best of the newest 500 that match, or with `sort=newest` all, page by page."""
        refuse_unknown(request, ("q", "sort", "limit", "cursor"))
        asked, at = request.query_params, timezone.now()
        order = filters.words(asked.get("sort", "best"), ["best", "newest"])[0]
        if order == "best" and asked.get("cursor"):
            raise BadFilter("Only sort=newest has further pages.", pointer="cursor")
        text = asked.get("q", "")
        if not text.strip() or len(text) > 1000:
            raise BadFilter("Say what to look for, in up to 1000 characters.", pointer="q")
        wanted = hits.read(text, actor=self.actor, at=at)
        seen = seen_by(self.actor)
        if "spam" not in language.names(wanted.tree):
            seen = seen.filter(is_spam=False)
        matching = seen.filter(wanted.condition)
        limit, cursor = limit_of(request), None
        if order == "best":
            numbers = hits.best(matching, wanted, actor=self.actor, limit=limit)
            found = {row.number: row for row in seen_by(self.actor).filter(pk__in=numbers)}
            rows = [found[number] for number in numbers if number in found]
        else:
            page = paging.page(
                matching, actor=self.actor, cursor=asked.get("cursor", ""), limit=limit
            )
            rows, cursor = page.rows, page.next_cursor
        matched = hits.snippets([row.number for row in rows], wanted, actor=self.actor, at=at)
        shown = [
            {
                "ticket": ticket,
                "snippet": [
                    {"text": piece.text, "is_match": piece.is_match}
                    for piece in matched.get(ticket["number"], [])
                ],
            }
            for ticket in present.tickets(rows, self.actor)
        ]
        meant = ""
        if len(rows) < min(limit, spelling.ENOUGH) and not asked.get("cursor"):
            meant = spelling.meant(
                wanted.tree,
                seen,
                lambda text: hits.read(text, actor=self.actor, at=at).condition,
            )
        answer = envelope(request, shown, cursor)
        answer.data["did_you_mean"] = meant or None
        return answer
