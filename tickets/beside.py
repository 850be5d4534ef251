"""What stands beside a ticket's story, read in one statement: Django takes long to write this one.

Who calls has found the ticket with `visible_to` before.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from accounts.actor import Actor
from accounts.models import User
from products.models import Component, Product, Release
from tickets.models import Draft, Seen, Ticket, TimeEntry

_BESIDE = """
SELECT jsonb_build_object(
  'tags', (SELECT jsonb_agg(g.name ORDER BY g.name) FROM tickets_ticket_tags x
    JOIN tickets_tag g ON g.id = x.tag_id WHERE x.ticket_id = t.number),
  'copied', (SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email)
    ORDER BY c.id) FROM tickets_copy c
    JOIN accounts_user p ON p.id = c.person_id WHERE c.ticket_id = t.number),
  'items', (SELECT jsonb_agg(jsonb_build_object('pk', i.id, 'text', i.text,
      'done_at', i.done_at, 'done_by', coalesce(nullif(p.name, ''), p.email)) ORDER BY i.place)
    FROM tickets_checklistitem i
    LEFT JOIN accounts_user p ON p.id = i.done_by_id WHERE i.ticket_id = t.number),
  'times', (SELECT jsonb_agg(to_jsonb(e) ORDER BY e.worked_on DESC, e.id DESC)
    FROM tickets_timeentry e WHERE e.ticket_id = t.number),
  'products', (SELECT jsonb_agg(jsonb_build_object('id', p.id, 'key', p.key, 'name', p.name,
      'is_active', p.is_active) ORDER BY p.name, p.id)
    FROM products_product p WHERE p.is_active OR p.id = t.product_id),
  'components', (SELECT jsonb_agg(jsonb_build_object('id', c.id, 'name', c.name)
    ORDER BY c.name) FROM products_component c WHERE c.product_id = t.product_id),
  'releases', (SELECT jsonb_agg(jsonb_build_object('id', r.id, 'version', r.version,
      'status', r.status)
    ORDER BY r.published_on DESC, r.id DESC)
    FROM products_release r WHERE r.product_id = t.product_id),
  'drafts', (SELECT jsonb_object_agg(d.kind, d.body)
    FROM tickets_draft d WHERE d.ticket_id = t.number AND d.user_id = %(user)s
      AND d.kind <> %(of_side)s),
  'seen', (SELECT to_jsonb(s)
    FROM tickets_seen s WHERE s.ticket_id = t.number AND s.user_id = %(user)s),
  'has_links', EXISTS (SELECT 1 FROM tickets_link l
    WHERE l.ticket_id = t.number OR l.other_id = t.number),
  'has_merged', EXISTS (SELECT 1 FROM tickets_ticket m WHERE m.merged_into_id = t.number),
  'is_watched', EXISTS (SELECT 1 FROM tickets_watch w
    WHERE w.ticket_id = t.number AND w.user_id = %(user)s))
FROM tickets_ticket t WHERE t.number = %(number)s
"""


@dataclass(frozen=True)
class Item:
    """An item of the checklist; `done_by` is empty where the desk ticked it itself."""

    pk: int
    text: str
    done_at: datetime | None
    done_by: str


@dataclass(frozen=True)
class Beside:
    """Tags by name, people in copy, the checklist in its order, time with the newest day first;
    the products on offer and its own by name, its product's components by name and releases with
    the newest first; the reader's reply and note that were begun, and how far the reader has read.

    `has_merged` says that other tickets were merged into this one, `has_links` that it is linked.
    """

    tags: list[str]
    copied: list[User]
    items: list[Item]
    times: list[TimeEntry]
    products: list[Product]
    components: list[Component]
    releases: list[Release]
    drafts: dict[str, str]
    seen: Seen | None
    has_links: bool
    has_merged: bool
    is_watched: bool


def beside(ticket: Ticket, actor: Actor) -> Beside:
    """Read what stands beside a ticket for an actor."""
    with connection.cursor() as cursor:
        reader = actor.user.pk if actor.user else None
        asked = {"number": ticket.pk, "user": reader, "of_side": Draft.OF_SIDE}
        cursor.execute(_BESIDE, asked)
        [found] = cursor.fetchone()
    row: dict[str, Any] = json.loads(found)
    return Beside(
        tags=row["tags"] or [],
        copied=[User(**person) for person in row["copied"] or ()],
        items=[_item(item) for item in row["items"] or ()],
        times=[_time(entry) for entry in row["times"] or ()],
        products=[Product(**each) for each in row["products"] or ()],
        components=[Component(**each) for each in row["components"] or ()],
        releases=[Release(**each) for each in row["releases"] or ()],
        drafts=row["drafts"] or {},
        seen=Seen(**row["seen"]) if row["seen"] else None,
        has_links=row["has_links"],
        has_merged=row["has_merged"],
        is_watched=row["is_watched"],
    )


def _item(row: dict[str, Any]) -> Item:
    done_at = row["done_at"] and datetime.fromisoformat(row["done_at"])
    return Item(row["pk"], row["text"], done_at, row["done_by"] or "")


def _time(row: dict[str, Any]) -> TimeEntry:
    worked_on = date.fromisoformat(row["worked_on"])
    created_at = datetime.fromisoformat(row["created_at"])
    return TimeEntry(**row | {"worked_on": worked_on, "created_at": created_at})
