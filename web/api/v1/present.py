"""Filling the shapes of web/api/v1/shapes.py with what the caller may see."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.conf import settings

from accounts.actor import Actor
from accounts.models import Organisation, Team, User
from products.models import Component, Product, Release
from sla import rollout as rollouts
from sla.answers import answer_due
from sla.models import Calendar, Rollout
from sla.preview import Day, Impact
from tickets.attachments import UNSENT_LIFETIME
from tickets.models import (
    Attachment,
    ChecklistItem,
    Event,
    FieldDefinition,
    Link,
    Message,
    SideConversation,
    Ticket,
    TimeEntry,
    Upload,
)

Row = dict[str, Any]


def instant(at: datetime | None) -> str | None:
    """Give an instant as RFC 3339 in UTC with `Z`."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def ticket(row: Ticket, actor: Actor) -> Row:
    """Give a ticket; a customer gets nothing that only the team knows."""
    return tickets([row], actor)[0]


def tickets(rows: Iterable[Ticket], actor: Actor) -> list[Row]:
    """Give the tickets of a list, reading once which of their fields the caller may see."""
    keys = set(FieldDefinition.objects.visible_to(actor).values_list("key", flat=True))
    found = list(rows)
    homes = {row.merged_into_id for row in found if row.merged_into_id}
    seen = (
        Ticket.objects.visible_to(actor).filter(pk__in=homes) if homes else Ticket.objects.none()
    )
    visible = set(seen.values_list("pk", flat=True))
    return [_ticket(row, actor, keys, visible) for row in found]


def _ticket(row: Ticket, actor: Actor, keys: set[str], visible: set[int]) -> Row:
    inside = actor.is_agent
    return {
        "number": row.number,
        "url": f"{settings.SITE_URL}/api/v1/tickets/{row.number}/",
        "subject": row.subject,
        "category": row.category,
        "category_confirmed": row.category_confirmed_at is not None,
        "priority": row.priority,
        "status": row.status,
        "hold_reason": row.hold_reason,
        "emergency": row.emergency,
        "source": row.source,
        "requester": person_ref(row.requester, actor),
        "organisation": named(row.organisation),
        "assignee": person_ref(row.assignee, actor) if row.assignee else None,
        "team": named(row.team) if inside else None,
        "product": row.product.key if row.product else None,
        "component": row.component.name if row.component else None,
        "affected_release": row.affected_release.version if row.affected_release else None,
        "fixed_in": row.fixed_in.version if row.fixed_in else None,
        "tags": sorted(tag.name for tag in row.tags.all()) if inside else [],
        "fields": {key: value for key, value in row.fields.items() if key in keys},
        "external_source": (row.external_source or None) if inside else None,
        "external_id": (row.external_id or None) if inside else None,
        "follows_up": row.follows_up_id,
        "merged_into": row.merged_into_id if row.merged_into_id in visible else None,
        "is_spam": row.is_spam if inside else None,
        "snoozed_at": instant(row.snoozed_at) if inside else None,
        "snoozed_until": instant(row.snoozed_until) if inside else None,
        "created_at": instant(row.created_at),
        "updated_at": instant(row.updated_at if inside else row.public_updated_at),
        "resolved_at": instant(row.resolved_at),
        "closed_at": instant(row.closed_at),
        "due_at": instant(row.due_at if inside else answer_due(row)),
        **_cover(row, inside=inside),
        "sla": [clock(brief) for brief in row.clocks.all()],
        "version": row.version if inside else row.public_version,
    }


def _cover(row: Ticket, *, inside: bool) -> Row:
    """What the organisation bought is the desk's own affair."""
    standing = getattr(row, "standing", None) if inside else None
    return {
        "cover": standing.cover if standing else None,
        "agreement": standing.agreement_id if standing else None,
    }


def clock(row: Any) -> Row:
    """Give one clock in short."""
    return {
        "metric": row.metric,
        "seq": row.seq,
        "state": row.state,
        "due_at": instant(row.due_at),
        "target_seconds": row.target,
        "breached_at": instant(row.breached_at),
    }


def person_ref(row: User, actor: Actor) -> Row:
    """Give a person in short; customers read addresses of their own organisation alone."""
    shows_email = actor.is_agent or row.shows_address_to(actor.user)
    return {
        "id": row.pk,
        "email": row.email if shows_email else None,
        "name": row.display_name if shows_email else row.name,
    }


def named(row: Organisation | Team | None) -> Row | None:
    """Give a row by id and name."""
    return {"id": row.pk, "name": row.name} if row else None


def message(row: Message, actor: Actor) -> Row:
    """Give a message with its files."""
    by = "bot" if row.is_automatic else "agent" if row.author_is_agent else "customer"
    by = "third_party" if row.is_of_third_party else by
    return {
        "id": row.pk,
        "ticket": row.ticket_id if actor.is_agent else row.sent_to_id or row.ticket_id,
        "kind": row.kind,
        "author": person_ref(row.author, actor) if row.author else None,
        "author_name": row.name_for(actor),
        "by": by,
        "channel": row.channel,
        "body": "" if row.withdrawn_at else row.body,
        "mentions": [person_ref(each.user, actor) for each in row.mentions.all()]
        if row.is_note and not row.side_id
        else [],
        "attachments": [attachment(file) for file in row.attachments.all()],
        "created_at": instant(row.created_at),
        "withdrawn_at": instant(row.withdrawn_at),
        "redacted_at": instant(row.redacted_at),
    }


def side(row: SideConversation, actor: Actor) -> Row:
    """Give a conversation with a third party and its words."""
    return {
        "id": row.pk,
        "subject": row.subject,
        "addresses": row.addresses,
        "created_at": instant(row.created_at),
        "closed_at": instant(row.closed_at),
        "messages": [message(each, actor) for each in row.messages.all()],
    }


def time_entry(row: TimeEntry, actor: Actor) -> Row:
    """Give time that somebody logged."""
    return {
        "id": row.pk,
        "ticket": row.ticket_id,
        "author": person_ref(row.author, actor) if row.author else None,
        "author_name": row.author_name,
        "minutes": row.minutes,
        "worked_on": row.worked_on.isoformat(),
        "category": row.category,
        "is_billable": row.is_billable,
        "words": row.words,
        "created_at": instant(row.created_at),
    }


def attachment(row: Attachment) -> Row:
    """Give a file on a message."""
    return {
        "id": row.key,
        "name": row.name,
        "size": row.size,
        "media_type": row.media_type,
        "url": f"{settings.SITE_URL}/api/v1/attachments/{row.key}/",
        "redacted_at": instant(row.redacted_at),
    }


def event(row: Event, actor: Actor) -> Row:
    """Give one change; a customer gets the public sequence and no internal values."""
    inside = actor.is_agent
    return {
        "ticket": row.ticket_id,
        "sequence": row.sequence if inside else row.public_sequence,
        "kind": row.kind,
        "at": instant(row.at),
        "actor": _actor(row, actor),
        "spoken_by": row.spoken_by if inside else "",
        "door": row.door,
        "before": row.before if inside else _public(row.before),
        "after": row.after if inside else _public(row.after),
        "message": row.message_id,
        "request_id": row.request_id if inside else "",
    }


def _actor(row: Event, actor: Actor) -> str:
    """Name who did it; a customer reads neither the desk's own parts nor another's address."""
    own = actor.user.pk if actor.user else None
    is_foreign_address = "@" in row.actor_name and row.actor_user_id != own
    if not actor.is_agent and (row.door == "system" or is_foreign_address):
        return ""
    return row.actor_name


def _public(values: Row) -> Row:
    shown = {"status", "hold_reason", "subject", "by", "kind", "message", "category", "follow_up"}
    return {name: value for name, value in values.items() if name in shown}


def ticket_ref(row: Ticket) -> Row:
    """Give a ticket in short."""
    return {"number": row.number, "subject": row.subject, "status": row.status}


def link(row: Link, number: int) -> Row:
    """Give a link as it is seen from the ticket with this number."""
    return {
        "id": row.pk,
        "relation": row.relation_seen_from(number).value,
        "ticket": ticket_ref(row.far_end_from(number)),
        "created_at": instant(row.created_at),
    }


def item(row: ChecklistItem, actor: Actor) -> Row:
    """Give something to do for a ticket."""
    return {
        "id": row.pk,
        "text": row.text,
        "place": row.place,
        "is_done": row.done_at is not None,
        "done_at": instant(row.done_at),
        "done_by": person_ref(row.done_by, actor) if row.done_by else None,
    }


def upload(row: Upload) -> Row:
    """Give a file that waits to be sent."""
    return {
        "id": str(row.pk),
        "name": row.name,
        "size": row.size,
        "media_type": row.media_type,
        "expires_at": instant(row.created_at + UNSENT_LIFETIME),
    }


def person(row: User) -> Row:
    """Give a person."""
    return {
        "id": row.pk,
        "email": row.email,
        "name": row.name,
        "role": row.role,
        "organisation": named(row.organisation),
        "sees_organisation": row.sees_organisation,
        "time_zone": row.time_zone,
        "language": row.language,
        "phone": row.phone,
        "is_active": row.is_active,
        "is_blocked": row.is_blocked,
        "email_verified_at": instant(row.email_verified_at),
        "created_at": instant(row.created_at),
    }


def organisation(row: Organisation) -> Row:
    """Give an organisation with its mail domains."""
    return {
        "id": row.pk,
        "name": row.name,
        "domains": sorted(domain.domain for domain in row.domains.all()),
        "time_zone": row.time_zone,
        "notes": row.notes,
        "created_at": instant(row.created_at),
    }


def team(row: Team) -> Row:
    """Give a team with its members."""
    members = sorted(row.members.all(), key=lambda member: member.pk)
    return {
        "id": row.pk,
        "name": row.name,
        "is_private": row.is_private,
        "signature": row.signature,
        "sharing": row.sharing,
        "members": [{"id": member.pk, "name": member.display_name} for member in members],
    }


def product(row: Product) -> Row:
    """Give a product."""
    return {"id": row.pk, "key": row.key, "name": row.name, "is_active": row.is_active}


def component(row: Component) -> Row:
    """Give a component."""
    return {"id": row.pk, "product": row.product.key, "name": row.name}


def release(row: Release) -> Row:
    """Give a release."""
    return {
        "id": row.pk,
        "product": row.product.key,
        "version": row.version,
        "status": row.status,
        "published_on": row.published_on.isoformat() if row.published_on else None,
    }


def field(row: FieldDefinition) -> Row:
    """Give a custom field."""
    return {
        "id": row.pk,
        "key": row.key,
        "label": row.label,
        "help_text": row.help_text,
        "type": row.type,
        "choices": row.choices,
        "products": sorted(product.key for product in row.products.all()),
        "is_required": row.is_required,
        "is_customer_visible": row.is_customer_visible,
        "is_active": row.is_active,
        "order": row.order,
    }


def calendar(row: Calendar) -> Row:
    """Give a calendar with the document of its current version."""
    current = row.current
    return {
        "id": row.pk,
        "name": row.name,
        "version": current.number if current else 0,
        "document": current.document if current else {},
    }


def calendar_with_versions(row: Calendar) -> Row:
    """Give a calendar, its versions, newest first, and the policies that count on it."""
    return {
        **calendar(row),
        "policies": [{"id": each.pk, "name": each.name} for each in rollouts.policies_on(row.pk)],
        "versions": [
            {
                "number": version.number,
                "created_at": instant(version.created_at),
                "created_by": version.created_by,
                "tzdata": version.tzdata,
                "counted_from": instant(version.counted_from),
            }
            for version in row.versions.defer("document").order_by("-number")[:100]
        ],
    }


def calendar_preview(impact: Impact, days: Sequence[Day]) -> Row:
    """Give what an edit of a calendar would do."""
    return {
        "tickets": impact.tickets,
        "has_more_tickets": impact.is_more,
        "moves": [
            {
                "ticket": move.ticket.number,
                "metric": move.metric,
                "due_at": instant(move.before),
                "would_be_due_at": instant(move.after),
            }
            for move in impact.moves
        ],
        "days": [
            {
                "on": day.on.isoformat(),
                "open": [[_wall(opened), _wall(closed)] for opened, closed in day.stretches],
                "name": day.name,
            }
            for day in days
        ],
    }


def rollout(row: Rollout) -> Row:
    """Give a change of promises and how far clocks have followed it."""
    version = row.calendar_version
    return {
        "id": row.pk,
        "what": row.what,
        "calendar": version.calendar_id if version else None,
        "policy": row.policy_id,
        "organisation": row.organisation_id,
        "effective_from": instant(row.effective_from),
        "created_by": row.created_by,
        "next_number": row.next_number,
        "looked_at": row.looked_at,
        "changed": row.changed,
        "done_at": instant(row.done_at),
    }


def _wall(minute: int) -> str:
    """A minute of the day as calendars write it."""
    return f"{minute // 60:02}:{minute % 60:02}"
