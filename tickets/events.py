"""Writing an event, telling the projections, and ringing for publication after the commit."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Protocol

from django.conf import settings
from django.db import connection, models, transaction
from django.utils.module_loading import import_string

from accounts import doorbell
from accounts.actor import Actor
from tickets.models import PUBLIC_KINDS, Event, Message, Ticket


class Projection(Protocol):
    """Called inside the transaction of a change, under the ticket's lock."""

    def __call__(self, ticket: Ticket, event: Event) -> None: ...


def record(
    ticket: Ticket,
    kind: Event.Kind,
    *,
    actor: Actor,
    at: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    changed: tuple[str, ...] = (),
    message: Message | None = None,
    other: Ticket | None = None,
) -> Event:
    """Write the event with the ticket's next sequence, save `changed` columns, run projections.

    The ticket must be locked by the caller. `before` and `after` hold plain JSON values; `other`
    is the ticket that the event speaks of: who does not see that one does not see the event. After
    the commit the doorbell for publication rings; when it cannot, beat finds the event.
    """
    at = max(at, ticket.updated_at)
    is_public = kind in PUBLIC_KINDS or (
        message is not None and not message.is_note and message.sent_to_id is None
    )
    _advance(ticket, kind, at, changed, is_public=is_public)
    event = Event.objects.create(
        ticket=ticket,
        sequence=ticket.version,
        public_sequence=ticket.public_version if is_public else None,
        kind=kind,
        at=at,
        actor_user=actor.user,
        actor_name=actor.name,
        spoken_by=actor.token.name if actor.token and actor.user else "",
        door=actor.door,
        before=before or {},
        after=after or {},
        message=message,
        other=other,
        request_id=actor.request_id,
        caused_by_id=actor.caused_by,
    )
    for project in projections():
        project(ticket, event)
    transaction.on_commit(ring)
    return event


def record_many(
    rows: Sequence[tuple[Ticket, Event.Kind, dict[str, Any]]], *, at: datetime
) -> list[Event]:
    """Write the SLA engine's own events in bulk: (ticket, kind, after); no projection hears them.

    The tickets must be locked by the caller. Only kinds with `is_of_sla` may be written so.
    """
    events = []
    for ticket, kind, after in rows:
        ticket.version += 1
        events.append(
            Event(
                ticket=ticket, sequence=ticket.version, kind=kind, after=after,
                at=max(at, ticket.updated_at), door="system",
            )
        )  # fmt: skip
    if events:
        Event.objects.bulk_create(events)
        _store_versions({ticket.pk: ticket.version for ticket, _, _ in rows})
        transaction.on_commit(ring)
    return events


def _store_versions(versions: Mapping[int, int]) -> None:
    """Write many tickets' versions in one short statement; bulk_update weighs each row anew."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tickets_ticket SET version = told.version"
            " FROM unnest(%s::bigint[], %s::int[]) AS told (number, version)"
            " WHERE tickets_ticket.number = told.number",
            [list(versions), list(versions.values())],
        )


@cache
def projections() -> tuple[Projection, ...]:
    """Load the callables named in settings, once."""
    return tuple(import_string(name) for name in settings.TICKET_EVENT_PROJECTIONS)


def ring() -> None:
    """Ask a worker to publish."""
    from tickets.tasks import publish  # here, because the task module imports this one

    doorbell.ring(publish)


def plain(value: Any) -> Any:
    """Give a value as it stands in an event: rows by id and name, moments as RFC 3339."""
    if isinstance(value, models.Model):
        name = getattr(value, "display_name", None) or str(value)
        return {"id": value.pk, "name": name}
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _advance(
    ticket: Ticket, kind: Event.Kind, at: datetime, changed: tuple[str, ...], *, is_public: bool
) -> None:
    ticket.version += 1
    columns = {"version", *changed}
    if not kind.is_of_sla:
        ticket.updated_at = at
        columns.add("updated_at")
    if is_public:
        ticket.public_version += 1
        ticket.public_updated_at = at
        columns |= {"public_version", "public_updated_at"}
    ticket.save(update_fields=columns)
