"""Saying what a ticket is: category, priority, emergency, subject, tags and fields."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from accounts.names import one_line
from tickets import custom_fields
from tickets.actions._door import change, lock
from tickets.errors import Invalid
from tickets.events import record
from tickets.models import Category, Event, Priority, Tag, Ticket

Kind = Event.Kind
MOST_TAGS = 30


@transaction.atomic
def set_category(number: int, category: str | None, *, actor: Actor, at: datetime) -> Event | None:
    """Say what kind of maintenance it is; an agent's word confirms it, an integration's not.

    Leaving corrective takes the emergency flag away. None puts the ticket back to untriaged.

    :raises Invalid: there is no such category.
    """
    ticket = lock(number, actor, "triage")
    if category is not None and category not in Category.values:
        raise Invalid(_("This is not a category."), pointer="category")
    confirmed_at = at if category and actor.is_human_agent else None
    if category == ticket.category:
        return confirm_category(number, actor=actor, at=at) if confirmed_at else None
    if ticket.emergency and category != Category.CORRECTIVE:
        change(ticket, Kind.EMERGENCY_SET, actor=actor, at=at, emergency=False)
    return change(
        ticket, Kind.CATEGORY_SET, actor=actor, at=at,
        category=category, category_confirmed_at=confirmed_at,
    )  # fmt: skip


@transaction.atomic
def confirm_category(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Agree with the category that the customer or an integration chose.

    :raises Invalid: there is none to agree with.
    """
    ticket = lock(number, actor, "triage")
    if ticket.category is None:
        raise Invalid(_("There is no category to confirm yet."), pointer="category")
    if ticket.category_confirmed_at is not None:
        return None
    return change(ticket, Kind.CATEGORY_CONFIRMED, actor=actor, at=at, category_confirmed_at=at)


@transaction.atomic
def set_priority(number: int, priority: str, *, actor: Actor, at: datetime) -> Event | None:
    """Say how urgent it is; the promised times follow (docs/sla.md T1).

    :raises Invalid: there is no such priority.
    """
    ticket = lock(number, actor, "triage")
    if priority not in Priority.values:
        raise Invalid(_("This is not a priority."), pointer="priority")
    return change(ticket, Kind.PRIORITY_SET, actor=actor, at=at, priority=priority)


@transaction.atomic
def raise_priority(number: int, *, actor: Actor, at: datetime) -> Event | None:
    """Make the ticket one step more urgent; an urgent one stays as it is."""
    ticket = lock(number, actor, "triage")
    higher = Priority.values.index(ticket.priority) + 1
    if higher == len(Priority.values):
        return None
    priority = Priority.values[higher]
    return change(ticket, Kind.PRIORITY_SET, actor=actor, at=at, priority=priority)


@transaction.atomic
def set_emergency(number: int, emergency: bool, *, actor: Actor, at: datetime) -> Event | None:
    """Say whether a stopgap goes in first.

    :raises Invalid: the ticket is not corrective.
    """
    ticket = lock(number, actor, "triage")
    if emergency and ticket.category != Category.CORRECTIVE:
        raise Invalid(_("Only a corrective ticket can be an emergency."), pointer="emergency")
    return change(ticket, Kind.EMERGENCY_SET, actor=actor, at=at, emergency=emergency)


@transaction.atomic
def set_subject(number: int, subject: str, *, actor: Actor, at: datetime) -> Event | None:
    """Change the ticket's subject.

    :raises Invalid: it is empty or longer than 250 characters.
    """
    ticket = lock(number, actor, "triage")
    return change(ticket, Kind.SUBJECT_SET, actor=actor, at=at, subject=clean_subject(subject))


@transaction.atomic
def set_tags(number: int, names: Iterable[str], *, actor: Actor, at: datetime) -> Event | None:
    """Give the ticket exactly these tags.

    :raises Invalid: a tag is empty or too long, or there are too many.
    """
    return put_tags(lock(number, actor, "triage"), tags_named(names), actor=actor, at=at)


@transaction.atomic
def add_tags(number: int, names: Iterable[str], *, actor: Actor, at: datetime) -> Event | None:
    """Give the ticket these tags besides those it has.

    :raises Invalid: a tag is empty or too long, or there are too many.
    """
    ticket = lock(number, actor, "triage")
    kept = ticket.tags.values_list("name", flat=True)
    return put_tags(ticket, tags_named([*kept, *names]), actor=actor, at=at)


def put_tags(ticket: Ticket, tags: list[Tag], *, actor: Actor, at: datetime) -> Event | None:
    """Give a locked ticket exactly these tags."""
    before = sorted(ticket.tags.values_list("name", flat=True))
    after = sorted(tag.name for tag in tags)
    if before == after:
        return None
    ticket.tags.set(tags)
    return record(
        ticket, Kind.TAGGED, actor=actor, at=at, before={"tags": before}, after={"tags": after}
    )


@transaction.atomic
def set_fields(
    number: int, values: Mapping[str, Any], *, actor: Actor, at: datetime
) -> Event | None:
    """Change custom fields; those not named stay, also of an earlier product; null empties one.

    :raises Invalid: a field is unknown here or a value does not fit; `pointer` is
        `fields/<key>`.
    """
    ticket = lock(number, actor, "triage")
    fitting = custom_fields.clean(values, ticket.product, actor=actor)
    others = {key: value for key, value in ticket.fields.items() if key not in values}
    return change(ticket, Kind.FIELDS_SET, actor=actor, at=at, fields={**others, **fitting})


def clean_subject(text: str) -> str:
    """Give the subject on one line.

    :raises Invalid: it is empty or longer than 250 characters.
    """
    subject = one_line(text)
    if not subject:
        raise Invalid(_("Give a subject."), pointer="subject")
    if len(subject) > 250:
        raise Invalid(_("Keep the subject within 250 characters."), pointer="subject")
    return subject


def tags_named(names: Iterable[str]) -> list[Tag]:
    """Find the tags with these names, making what is new; names are folded to lower case.

    :raises Invalid: a tag is empty or too long, or there are too many.
    """
    wanted = clean_tags(names)
    Tag.objects.bulk_create([Tag(name=name) for name in wanted], ignore_conflicts=True)
    return list(Tag.objects.filter(name__in=wanted).order_by("name"))


def clean_tags(names: Iterable[str]) -> list[str]:
    """Fold names of tags to lower case, each once.

    :raises Invalid: a tag is empty or too long, or there are too many.
    """
    wanted = sorted({one_line(str(name)).lower() for name in names})
    if len(wanted) > MOST_TAGS:
        raise Invalid(_("A ticket can have at most 30 tags."), pointer="tags")
    if any(not name or len(name) > 60 or "," in name for name in wanted):
        raise Invalid(_("A tag has 1 to 60 characters and no comma."), pointer="tags")
    return wanted
