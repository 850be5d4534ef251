"""The history of a ticket, the feed of everything, and why a ticket is due when it is."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from sla import explain
from tickets import publishing, steps
from tickets.models import Event
from web.api.v1 import inputs, present, shapes, tickets
from web.api.v1.doors import Door, limit_of, refuse_unknown
from web.api.v1.lists import by_key, envelope, read_cursor, write_cursor
from web.api.v1.schema import described


class TicketEvents(Door):
    """What happened to one ticket."""

    read_scope = "tickets:read"

    @described("List a ticket's events", gives={200: shapes.listed(shapes.EventOut)}, is_list=True)
    def get(self, request: Request, number: int) -> Response:
        """Give a page of events, oldest first; customers get the public ones."""
        ticket = tickets.find(number, self.actor)
        seen = Event.objects.visible_to(self.actor, timezone.now()).filter(ticket=ticket)
        column = "sequence" if self.actor.is_agent else "public_sequence"
        return by_key(request, seen, lambda row: present.event(row, self.actor), column=column)


class Feed(Door):
    """Everything that happens to tickets the caller may see."""

    read_scope = "tickets:read"

    @described(
        "Follow all events",
        gives={200: shapes.listed(shapes.EventOut)},
        filters=["after"],
        is_list=True,
    )
    def get(self, request: Request) -> Response:
        """Give the events after a cursor, in the order of publication.

        Keep `next_cursor`, which is there even when nothing more is, and come back with it.
        """
        refuse_unknown(request, ("after", "cursor", "limit"))
        now = timezone.now()
        publishing.publish_pending(now)
        # The address of the next page keeps `after` and adds `cursor`, which has come further.
        name = "cursor" if "cursor" in request.query_params else "after"
        cursor = request.query_params.get(name, "")
        after, limit = read_cursor(cursor, name) if cursor else 0, limit_of(request)
        seen = Event.objects.in_feed_for(self.actor, now).filter(position__gt=after)
        page = list(seen.order_by("position")[: limit + 1])
        shown = page[:limit]
        last = shown[-1].position if shown else after
        response = envelope(
            request, [present.event(row, self.actor) for row in shown], write_cursor(last or 0)
        )
        response.data["has_more"] = len(page) > limit
        return response


class TicketSla(Door):
    """Every clock of a ticket with its segments and reasons; changes by itself, so no ETag."""

    read_scope = "tickets:read"

    @described("Explain a ticket's clocks", gives={200: shapes.SlaOut})
    def get(self, request: Request, number: int) -> Response:
        """Give the clocks as they stand now."""
        refuse_unknown(request, ())
        ticket = tickets.find(number, self.actor)
        return Response(explain.explain(ticket, at=timezone.now()))


class ClockDue(Door):
    """The due time of one live clock."""

    write_scope = "tickets:write"

    @described(
        "Set a due time by hand",
        takes=inputs.DueIn,
        gives={200: shapes.SlaOut},
        headers=["If-Match"],
    )
    def put(self, request: Request, number: int, metric: str) -> Response:
        """Set when a live clock is due, or with null let its policy say it again."""
        refuse_unknown(request, ())
        at = timezone.now()
        due_at = inputs.read(inputs.DueIn, request)["due_at"]
        steps.apply(
            number,
            [{"do": "set_due", "metric": metric, "to": due_at}],
            actor=self.actor,
            at=at,
            expected_version=tickets.expected_version(request),
        )
        return Response(explain.explain(tickets.find(number, self.actor), at=at))
